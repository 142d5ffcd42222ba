/** Cancels a job: break the lease at once, so that its owner can write no more, then write `Canceled`. */
import { type Log, logs } from '../logs.ts';
import type { EndWorkflow } from './end-workflow.ts';
import { ConditionLost, jobUnknown, Refusal, writtenByNewer } from './errors.ts';
import { endFactsOf, fieldsOf, isExpired, isFinished, type Job, LAYOUT, withoutProgress } from './job.ts';
import type { JobStore } from './ports.ts';

/** Each refusal means that somebody else wrote in between; so many in a row are a fault of storage. */
const MOST_TRIES = 20;

export type CancelJob = (ref: string, log: Log) => Promise<Job>;

/**
 * Cancels a pending job; one that is canceled already is answered as it is.
 * Throws Refusal: `job-unknown`, `job-finished`, `job-newer`, `storage-unavailable`.
 */
export function cancelJob(
  store: Pick<JobStore, 'look' | 'breakLease' | 'write'>,
  endWorkflow: EndWorkflow,
): CancelJob {
  return async function cancel(ref, log) {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const job = await store.look(ref);
      if (job === undefined || isExpired(job)) throw jobUnknown();
      if (job.layout > LAYOUT) throw writtenByNewer();
      if (job.state === 'Canceled') return job;
      if (isFinished(job)) {
        throw new Refusal('job-finished', `The job has ended (${job.state}) and can no longer be canceled.`);
      }
      if (job.lease === 'live') await store.breakLease(ref);
      const fields = { ...withoutProgress(fieldsOf(job)), state: 'Canceled' as const };
      try {
        const etag = await store.write(ref, fields, { etag: job.etag });
        logs.jobCanceled(log, endFactsOf(job, job.observedAt));
        // Storage refuses its reply from here on, so that the engine may hear of it later, or never.
        await endWorkflow(job);
        return { ...job, ...fields, etag, lease: 'none', updatedAt: job.observedAt };
      } catch (error) {
        if (!(error instanceof ConditionLost)) throw error;
      }
    }
    throw new Refusal(
      'storage-unavailable',
      'The job kept changing while it was to be canceled; try again.',
      {
        retryAfterSeconds: 1,
      },
    );
  };
}
