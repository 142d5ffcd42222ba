/** Writes `Canceled` over a pending job: what a broken lease asks for, whoever meets it. */
import { type Log, logs } from '../logs.ts';
import { ConditionLost } from './errors.ts';
import { endFactsOf, fieldsOf, isFinished, type Job, withoutProgress } from './job.ts';
import type { JobStore } from './ports.ts';

/**
 * One write by `If-Match`; refused, it reads again, until the job is canceled or no longer cancelable by its state or lease.
 * @returns the job as it is now, undefined where it is gone
 */
export async function writeCanceled(
  store: Pick<JobStore, 'look' | 'write'>,
  broken: Job,
  log: Log,
): Promise<Job | undefined> {
  let job: Job | undefined = broken;
  while (job !== undefined && !isFinished(job) && job.lease === 'broken') {
    const fields = { ...withoutProgress(fieldsOf(job)), state: 'Canceled' as const };
    try {
      const etag = await store.write(job.ref, fields, { etag: job.etag });
      logs.jobCanceled(log, endFactsOf(job, job.observedAt));
      return { ...job, ...fields, etag, lease: 'none' };
    } catch (error) {
      if (!(error instanceof ConditionLost)) throw error;
      job = await store.look(job.ref);
    }
  }
  return job;
}
