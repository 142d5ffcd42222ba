/** Puts a job's message into the queue of its operation's lane. Any message is a wake-up: the blob decides what it means. */
import { type Job, LEASE_SECONDS } from './job.ts';
import type { JobQueue, MessageReceipt, Registry, TraceContext } from './ports.ts';

/** Put Message for one job. */
export type Sender = (
  job: Pick<Job, 'ref' | 'operation' | 'traceparent'>,
  attempt: number,
  delaySeconds: number,
) => Promise<MessageReceipt>;

/**
 * Binds queue and registry. Every message carries the job's own trace on, whoever puts it: an attempt, a poll, the sweep.
 * @param trace what came with the request or the message at hand: its tracestate, and the trace of a job that an earlier version
 * wrote, whose blob does not say it
 */
export function senderOf(queue: Pick<JobQueue, 'put'>, registry: Registry, trace: TraceContext = {}): Sender {
  return ({ ref, operation, traceparent = trace.traceparent }, attempt, delaySeconds) =>
    queue.put(
      registry.get(operation)?.lane,
      { job: ref, attempt, traceparent, tracestate: trace.tracestate },
      delaySeconds,
    );
}

/** Puts the message that must exist before a delivery of an unfinished job returns, delayed as its own delivery would decide. */
export async function sendSuccessor(send: Sender, job: Job): Promise<void> {
  await send(job, job.attempt, job.lease === 'live' ? LEASE_SECONDS : secondsUntilDue(job));
}

/** Seconds until a job may run, by storage's time: an instance's clock ahead of it would send the message round in haste. */
export function secondsUntilDue({ notBefore, observedAt }: Pick<Job, 'notBefore' | 'observedAt'>): number {
  return notBefore === undefined ? 0 : Math.max(0, (notBefore.getTime() - observedAt.getTime()) / 1000);
}
