/** How often a caller asks for a job that takes so long, by the app's own rules where it follows them. */
import { retryAfterSeconds } from '../../src/http/retry-after.ts';
import { PACE } from '../../src/jobs/run-attempt.ts';
import { pauseMs } from '../../src/jobs/wait-for-job.ts';
import { pendingJob } from '../simulate/pending-job.ts';
import type { Usage } from './design-cost.ts';

/** Polls every so many seconds until the job, which ran at once, has ended. */
export function usageByInterval(workSeconds: number, intervalSeconds: number): Usage {
  return { workSeconds, polls: Math.ceil(workSeconds / intervalSeconds), heldSeconds: 0, waitReads: 0 };
}

/** Polls when `Retry-After` says so. @param usualSeconds what the operation declares, if it does */
export function usageByRetryAfter(workSeconds: number, usualSeconds?: number): Usage {
  let polls = 0;
  let ageSeconds = 0;
  while (ageSeconds < workSeconds) {
    const job = pendingJob({
      createdMs: 0,
      observedMs: ageSeconds * 1000,
      isLeased: ageSeconds * 1000 >= PACE.claimAfterMs,
      notBeforeMs: undefined,
    });
    ageSeconds += retryAfterSeconds(job, usualSeconds, undefined);
    polls += 1;
  }
  return { workSeconds, polls, heldSeconds: 0, waitReads: 0 };
}

/** The start is held, and polls after it, for so long each at most, while the job goes by the queue. */
export function usageByWaiting(workSeconds: number, waitSeconds: number): Usage {
  return held(workSeconds, waitSeconds, readsOfWait);
}

/** The same on the fast path: the instance that holds the start knows the job's end without reading, and looks as
 * seldom as whoever has waited for long. A poll may come to any other. */
export function usageOnFastPath(workSeconds: number, waitSeconds: number): Usage {
  return held(workSeconds, waitSeconds, (heldMs, isFirst) => {
    if (!isFirst) return readsOfWait(heldMs);
    const whileItRuns = Math.floor(heldMs / pauseMs(Number.POSITIVE_INFINITY));
    return workSeconds <= waitSeconds ? whileItRuns + 1 : whileItRuns;
  });
}

function readsOfWait(heldMs: number): number {
  let reads = 0;
  for (let waitedMs = 0; waitedMs < heldMs; reads += 1) waitedMs += pauseMs(waitedMs);
  return reads;
}

/** @param readsOf one wait, by how long it is held, and whether it is the start's */
function held(
  workSeconds: number,
  waitSeconds: number,
  readsOf: (heldMs: number, isFirst: boolean) => number,
): Usage {
  const waits = Math.max(1, Math.ceil(workSeconds / waitSeconds));
  let waitReads = 0;
  for (let wait = 0; wait < waits; wait += 1) {
    const heldSeconds = Math.min(waitSeconds, workSeconds - wait * waitSeconds);
    waitReads += readsOf(heldSeconds * 1000, wait === 0);
  }
  return {
    workSeconds,
    polls: waits - 1,
    heldSeconds: workSeconds,
    waitReads,
  };
}
