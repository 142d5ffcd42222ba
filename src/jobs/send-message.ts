/** Puts a job's message into the queue of its operation's lane. Any message is a wake-up: the blob decides what it means. */
import { type Job, LEASE_SECONDS } from './job.ts';
import type { JobQueue, Registry, StorageClock, TraceContext } from './ports.ts';

/** Put Message for one job. `delaySeconds` may be fractional; storage takes whole seconds. */
export type Sender = (
  job: Pick<Job, 'ref' | 'operation'>,
  attempt: number,
  delaySeconds: number,
) => Promise<void>;

/** Binds queue, registry and the trace that the messages are to carry on. */
export function senderOf(queue: JobQueue, registry: Registry, trace: TraceContext): Sender {
  return ({ ref, operation }, attempt, delaySeconds) =>
    queue.put(
      registry.get(operation)?.lane,
      { job: ref, attempt, traceparent: trace.traceparent, tracestate: trace.tracestate },
      Math.ceil(delaySeconds),
    );
}

/** Puts the message that must exist before a delivery of an unfinished job returns, delayed as its own delivery would decide. */
export async function sendSuccessor(send: Sender, job: Job, clock: StorageClock): Promise<void> {
  await send(job, job.attempt, job.lease === 'live' ? LEASE_SECONDS : secondsUntil(job.notBefore, clock));
}

function secondsUntil(moment: Date | undefined, clock: StorageClock): number {
  return moment === undefined ? 0 : Math.max(0, (moment.getTime() - clock.now().getTime()) / 1000);
}
