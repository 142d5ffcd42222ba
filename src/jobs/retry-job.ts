/** An operator's retry: a failed job runs again with its original request. */
import { randomUUID } from 'node:crypto';
import { ConditionLost, jobUnknown, Refusal, writtenByNewer } from './errors.ts';
import { fieldsOf, isExpired, type Job, LAYOUT, LEASE_SECONDS, withoutProgress } from './job.ts';
import type { JobStore, Registry } from './ports.ts';
import type { Sender } from './send-message.ts';

const MOST_TRIES = 20;

export type RetryJob = (ref: string) => Promise<Job>;

/**
 * Never breaks a lease: that would be a cancel. A job that is waiting already gets its message again, which completes
 * a retry that died between its two calls.
 * Throws Refusal: `job-unknown`, `job-not-failed`, `job-running`, `job-newer`, `storage-unavailable`.
 */
export function retryJob(
  store: Pick<JobStore, 'look' | 'write'>,
  registry: Registry,
  send: Sender,
): RetryJob {
  return async function retry(ref) {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const job = await store.look(ref);
      if (job === undefined || isExpired(job)) throw jobUnknown();
      if (job.layout > LAYOUT) throw writtenByNewer();
      if (job.state !== 'Pending' && job.state !== 'Failed') throw notFailed(job);
      if (job.lease === 'live' || job.handedAt !== undefined) {
        throw new Refusal('job-running', 'An attempt of this job is running.', {
          retryAfterSeconds: LEASE_SECONDS,
        });
      }
      if (job.state === 'Pending') {
        if (!job.waiting) throw notFailed(job);
        await send(job, job.attempt, 0);
        return job;
      }
      const fields = {
        ...withoutProgress(fieldsOf(job)),
        state: 'Pending' as const,
        attempt: job.attempt + 1,
        limit: job.limit + (registry.get(job.operation)?.maxAttempts ?? 1),
        waiting: true,
        recovered: 0,
        lost: 0,
        token: randomUUID(),
        problem: undefined,
      };
      try {
        const etag = await store.write(ref, fields, { etag: job.etag });
        await send(job, fields.attempt, 0);
        return { ...job, ...fields, etag, updatedAt: job.observedAt };
      } catch (error) {
        if (!(error instanceof ConditionLost)) throw error;
      }
    }
    throw new Refusal('storage-unavailable', 'The job kept changing while it was to be retried; try again.', {
      retryAfterSeconds: 1,
    });
  };
}

function notFailed(job: Job): Refusal {
  return new Refusal('job-not-failed', `Only a failed job can be retried; this one is ${job.state}.`);
}
