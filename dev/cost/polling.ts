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

/** The start is held, and polls after it, for so long each at most. */
export function usageByWaiting(workSeconds: number, waitSeconds: number): Usage {
  let waitReads = 0;
  for (let begun = 0; begun < workSeconds; begun += waitSeconds) {
    const heldMs = Math.min(waitSeconds, workSeconds - begun) * 1000;
    for (let waitedMs = 0; waitedMs < heldMs; waitReads += 1) waitedMs += pauseMs(waitedMs);
  }
  return {
    workSeconds,
    polls: Math.ceil(workSeconds / waitSeconds) - 1,
    heldSeconds: workSeconds,
    waitReads,
  };
}
