/** What a queue message sets in motion: take the job's blob, decide by the delivery table, act. */
import { randomUUID } from 'node:crypto';
import { type Log, logs } from '../logs.ts';
import { decideDelivery } from './decisions.ts';
import { ConditionLost } from './errors.ts';
import type { HandOver } from './hand-over.ts';
import { isRef } from './identity.ts';
import { endFactsOf, fieldsOf, type Job, LEASE_SECONDS, withoutProgress } from './job.ts';
import { lostReason, waitForNextAttempt } from './lost-attempt.ts';
import type { JobMessage, JobStore } from './ports.ts';
import type { RunAttempt } from './run-attempt.ts';
import { type Sender, secondsUntilDue } from './send-message.ts';
import { attemptsExhausted } from './settle-attempt.ts';
import { writeCanceled } from './write-canceled.ts';

/** How long a job of a newer version waits for an instance of that version. */
const ROLLOUT_SECONDS = 30;

export interface DeliverJobDependencies {
  readonly store: Pick<JobStore, 'take' | 'look' | 'write'>;
  readonly runAttempt: RunAttempt;
  readonly workflows: HandOver;
}

export type DeliverJob = (message: JobMessage, dequeueCount: number, send: Sender, log: Log) => Promise<void>;

/** Throws StorageUnavailable, EngineUnavailable or ConditionLost where it could not decide; the queue then delivers the message again. */
export function deliverJob({ store, runAttempt, workflows }: DeliverJobDependencies): DeliverJob {
  /** False where the job has to be looked at again. */
  function decided(act: 'cancel' | 'fail' | 'put-off', job: Job, send: Sender, log: Log): Promise<boolean> {
    if (act === 'cancel') return cancelBroken(store, job, log);
    if (act === 'fail') return failExhausted(store, job, log);
    return waitForNextAttempt(store, job, send, log);
  }

  return async function deliver(message, dequeueCount, send, log) {
    const { job: ref } = message;
    for (;;) {
      const taken = await store.take(ref);
      const action = decideDelivery({ job: taken?.job, messageAttempt: message.attempt, dequeueCount });
      if (taken === undefined || action.act === 'return') {
        taken?.content.destroy();
        logs.deliveryIdle(log, { ref, act: action.act });
        return;
      }
      if (action.act === 'run') {
        const attempt = taken.job.attempt + action.increment;
        logs.attemptStarted(log, {
          ref,
          operation: taken.job.operation,
          attempt,
          dequeueCount,
          waitedMs: waitedMs(taken.job),
          isAfterLoss: action.increment > 0,
        });
        if (!workflows.handles(taken.job)) {
          return await runAttempt(taken, { attempt, claims: action.claims }, send, log);
        }
        taken.content.destroy();
        if (await workflows.begin(taken.job, attempt, send, log)) return;
        continue;
      }
      taken.content.destroy();
      if (action.act === 'ask-engine') {
        return await workflows.ask(taken.job as Job & { readonly handedAt: Date }, send, log);
      }
      if (action.act === 'put-message') {
        logs.deliveryIdle(log, { ref, act: `put-message after ${action.after}` });
        await send(taken.job, taken.job.attempt, delaySeconds(taken.job, action.after));
        return;
      }
      if (await decided(action.act, taken.job, send, log)) return;
    }
  };
}

/** How long the attempt that a job waits for could have run; undefined where the one before it was lost without a word. */
function waitedMs({
  attempt,
  waiting,
  createdAt,
  updatedAt,
  notBefore,
  observedAt,
}: Job): number | undefined {
  if (!waiting && attempt > 1) return undefined;
  const since = waiting ? Math.max(updatedAt.getTime(), notBefore?.getTime() ?? 0) : createdAt.getTime();
  return Math.max(0, observedAt.getTime() - since);
}

/** Writes what a broken lease asks for. False where the job has to be looked at again. */
export async function cancelBroken(
  store: Pick<JobStore, 'look' | 'write'>,
  job: Job,
  log: Log,
): Promise<boolean> {
  const now = await writeCanceled(store, job, log);
  return now?.state !== 'Pending';
}

/** Fails a job whose next attempt would be beyond its limit. False where the job has to be looked at again. */
export async function failExhausted(store: Pick<JobStore, 'write'>, job: Job, log: Log): Promise<boolean> {
  // A waiting one has not run yet: what is known is of the attempt before it.
  const earlierReason = job.waiting ? job.problem?.reason : undefined;
  const problem = attemptsExhausted(job.attempt, earlierReason ?? lostReason(job.attempt));
  try {
    await store.write(
      job.ref,
      // A token of its own: by the last attempt's that one would take this for a write of its own.
      { ...withoutProgress(fieldsOf(job)), state: 'Failed', token: randomUUID(), problem },
      { etag: job.etag },
    );
  } catch (error) {
    if (error instanceof ConditionLost) return false;
    throw error;
  }
  const attemptWas = job.waiting ? 'not begun' : 'lost';
  logs.jobFailed(log, { ...endFactsOf(job, job.observedAt), code: problem.code, attemptWas });
  return true;
}

/** How long a message that comes too early is put back for. */
export function delaySeconds(job: Job, after: 'lease' | 'not-before' | 'rollout' | 'nothing'): number {
  switch (after) {
    case 'lease':
      return LEASE_SECONDS;
    case 'not-before':
      return secondsUntilDue(job);
    case 'rollout':
      return ROLLOUT_SECONDS;
    case 'nothing':
      return 0;
  }
}

/**
 * A queue message as it arrived; undefined for one that names no job, which nothing can be done for. One whose attempt is
 * no number wakes its job all the same, as one of no attempt.
 */
export function parseMessage(value: unknown): JobMessage | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { job, attempt, traceparent, tracestate } = value as Record<string, unknown>;
  if (!isRef(job)) return undefined;
  return {
    job,
    attempt: Number.isSafeInteger(attempt) ? (attempt as number) : 0,
    traceparent: typeof traceparent === 'string' ? traceparent : undefined,
    tracestate: typeof tracestate === 'string' ? tracestate : undefined,
  };
}
