/** How long a client had better wait before it asks again: honest, so that it neither hammers nor oversleeps. */
import type { Backlog } from '../jobs/backlog.ts';
import { type Job, statusOf } from '../jobs/job.ts';
import type { Registry } from '../jobs/ports.ts';

const SHORTEST_SECONDS = 1;
const LONGEST_SECONDS = 30;
/** Without anything better to go by, a job is expected to take a quarter as long again as it has taken. */
const SHARE_OF_AGE = 0.25;

/**
 * Whole seconds, at least 1 (RFC 9110, section 10.2.3).
 * @param usualSeconds what the operation declares, if it does
 * @param drainSeconds until what waits in the job's queue is done, if that is known
 */
export function retryAfterSeconds(
  job: Job,
  usualSeconds: number | undefined,
  drainSeconds: number | undefined,
): number {
  const turnSeconds = statusOf(job) === 'NotStarted' ? (drainSeconds ?? 0) : 0;
  const seconds = Math.max(SHORTEST_SECONDS, turnSeconds, expectedSeconds(job, usualSeconds));
  return Math.round(Math.min(LONGEST_SECONDS, seconds));
}

/** The `Retry-After` of a pending job. */
export type RetryAfterOf = (job: Job) => string;

export function retryAfterOf(registry: Registry, backlog: Pick<Backlog, 'drainSeconds'>): RetryAfterOf {
  return function retryAfter(job) {
    const usualSeconds = registry.get(job.operation)?.usualSeconds;
    return String(retryAfterSeconds(job, usualSeconds, backlog.drainSeconds(job.operation)));
  };
}

function expectedSeconds(job: Job, usualSeconds: number | undefined): number {
  const now = job.observedAt.getTime();
  const putOffSeconds = job.notBefore === undefined ? 0 : (job.notBefore.getTime() - now) / 1000;
  if (putOffSeconds > 0) return Math.ceil(putOffSeconds) + (usualSeconds ?? 0);

  // A poll notices that a worker has died, 30 s after its last heartbeat: together with this it is to be well under a minute.
  const longestRunningSeconds = job.lease === 'live' ? 10 : Number.POSITIVE_INFINITY;
  const { percentComplete = 0, startedAt } = job;
  if (startedAt !== undefined && percentComplete > 0) {
    const runningSeconds = (now - startedAt.getTime()) / 1000;
    // A first percentage is a rough guess: whoever waits no longer than the job has run oversleeps by no more than that.
    return Math.min(
      longestRunningSeconds,
      runningSeconds,
      (runningSeconds * (100 - percentComplete)) / percentComplete,
    );
  }
  const ageSeconds = (now - job.createdAt.getTime()) / 1000;
  const leftSeconds = (usualSeconds ?? 0) - ageSeconds;
  return Math.min(longestRunningSeconds, leftSeconds > 0 ? leftSeconds : ageSeconds * SHARE_OF_AGE);
}
