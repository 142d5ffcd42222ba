/** Publishes a workflow's reply: the last activity owns the job's blob as an attempt does that runs in the worker. */
import { randomUUID } from 'node:crypto';
import { type Log, logs } from '../logs.ts';
import type { Reply } from '../operations/operation.ts';
import type { AttemptWatch } from './attempt-watch.ts';
import { endFactsOf, type Job } from './job.ts';
import { own } from './ownership.ts';
import type { JobStore, StorageClock } from './ports.ts';
import { publishReply, replyInTime } from './publish-reply.ts';
import type { Pace } from './run-attempt.ts';
import type { Sender } from './send-message.ts';
import { endedFields } from './settle-attempt.ts';

export interface PublishWorkflowDependencies {
  readonly store: JobStore;
  readonly clock: StorageClock;
  readonly pace: Pace;
  readonly send: Sender;
  readonly log: Log;
}

/** Throws AttemptOver where the job is no longer this attempt's, and what making the reply throws. */
export async function publishWorkflow(
  { store, clock, pace, send, log }: PublishWorkflowDependencies,
  job: Job & { readonly handedAt: Date },
  attempt: number,
  makeReply: () => Promise<Reply>,
  watch: AttemptWatch,
): Promise<void> {
  const { handedAt } = job;
  const owner = own({ store, send, clock, log, heartbeatMs: pace.heartbeatMs }, job, attempt, randomUUID());
  const abandon = new AbortController();
  const signal = AbortSignal.any([owner.signal, watch.signal, abandon.signal]);
  const ended = endedFields(owner, attempt, handedAt);
  const claim = async () => {
    await owner.claim();
    watch.leaveToLease();
  };
  // As an attempt does: a reply that is soon made costs no lease.
  const claimTimer = setTimeout(() => void claim().catch((error) => abandon.abort(error)), pace.claimAfterMs);
  try {
    const reply = await replyInTime(makeReply(), signal);
    const replyBytes = await publishReply(
      store,
      owner,
      reply,
      (fields) => ({ ...ended(fields), state: 'Succeeded' }),
      { signal, beforeFinalWrite: () => clearTimeout(claimTimer) },
    );
    const endedAt = clock.now();
    const durationMs = endedAt.getTime() - handedAt.getTime();
    logs.jobSucceeded(log, { ...endFactsOf(job, endedAt), attempt, replyBytes, durationMs });
  } catch (error) {
    // The engine may repeat this activity at once: the lease is not to stand in its way.
    await owner.release().catch(() => undefined);
    throw error;
  } finally {
    clearTimeout(claimTimer);
    await owner.end();
  }
}
