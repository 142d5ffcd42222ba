/** Removes a job with its request or reply. A running attempt notices at its next heartbeat that the blob is gone. */
import type { EndWorkflow } from './end-workflow.ts';
import { ConditionLost, jobUnknown, Refusal } from './errors.ts';
import { isExpired } from './job.ts';
import type { JobStore } from './ports.ts';

/** A lease can be taken again between break and delete only by an attempt that has not noticed yet. */
const MOST_TRIES = 20;

export type DeleteJob = (ref: string) => Promise<void>;

/** Throws Refusal: `job-unknown`, `storage-unavailable`. */
export function deleteJob(
  store: Pick<JobStore, 'look' | 'delete' | 'breakLease'>,
  endWorkflow: EndWorkflow,
): DeleteJob {
  return async function remove(ref) {
    const job = await store.look(ref);
    if (job === undefined || isExpired(job)) throw jobUnknown();
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      try {
        // Gone by now is as good: this very call may have been sent again after its first answer was lost.
        await store.delete(ref);
        await endWorkflow(job);
        return;
      } catch (error) {
        if (!(error instanceof ConditionLost)) throw error;
        await store.breakLease(ref);
      }
    }
    throw new Refusal(
      'storage-unavailable',
      'The job kept being leased while it was to be deleted; try again.',
      {
        retryAfterSeconds: 1,
      },
    );
  };
}
