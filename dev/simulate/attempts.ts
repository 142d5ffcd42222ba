/** What becomes of a job that a worker took: its attempt succeeds, or throws and is put off as src/jobs/ puts it off. */
import { retryDelaySeconds } from '../../src/jobs/retry-delay.ts';
import { PACE } from '../../src/jobs/run-attempt.ts';
import { DEFAULT_MAX_ATTEMPTS } from '../../src/operations/operation.ts';
import type { Random } from '../chaos/random.ts';
import { leaseCalls } from '../lease-calls.ts';
import type { Work } from './scenario.ts';
import type { SimulatedJob, SimulatedQueue } from './simulated-job.ts';
import type { Happening, Timeline } from './timeline.ts';

export interface AttemptsDependencies {
  readonly timeline: Timeline;
  readonly queue: SimulatedQueue;
  readonly random: Random;
  readonly work: Work;
  /** Has it happen when a call to storage has been answered. */
  readonly callStorage: (happening: Happening) => void;
  /** So many calls to storage. */
  readonly onCalls: (count: number) => void;
}

/** Runs an attempt; `done` when its message is deleted. */
export type RunAttempt = (job: SimulatedJob, done: () => void) => void;

export function attempts(dependencies: AttemptsDependencies): RunAttempt {
  const { timeline, queue, random, work, callStorage, onCalls } = dependencies;
  return function runAttempt(job, done) {
    const attempt = job.attempt;
    const workMs = job.workSeconds * 1000;
    const claimsAfterMs = attempt === 1 ? PACE.claimAfterMs : 0;
    // Get Blob before the work, Put Blob after it, Delete Message.
    onCalls(3);
    callStorage(() => {
      if (workMs > claimsAfterMs) {
        job.leasedFromMs = timeline.now() + claimsAfterMs;
        onCalls(leaseCalls(workMs, claimsAfterMs));
      }
      timeline.after(workMs, () =>
        callStorage(() => {
          job.leasedFromMs = undefined;
          if (random.chance(work.failing) && attempt < DEFAULT_MAX_ATTEMPTS) tryAgain(job);
          else job.endedMs = timeline.now();
          callStorage(() => {
            queue.delete();
            done();
          });
        }),
      );
    });
  };

  function tryAgain(job: SimulatedJob): void {
    job.attempt += 1;
    const delaySeconds = retryDelaySeconds(job.attempt, () => random.next());
    job.notBeforeMs = timeline.now() + delaySeconds * 1000;
    // The message of the next attempt.
    onCalls(1);
    queue.put(job, delaySeconds * 1000);
  }
}
