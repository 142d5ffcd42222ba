/** What a poll sees: one Get Blob Properties. */
import { jobUnknown } from './errors.ts';
import { isExpired, type Job } from './job.ts';
import type { JobStore } from './ports.ts';

export type ReadJob = (ref: string) => Promise<Job>;

/** A job of a newer version is read as far as this one understands it. Throws Refusal: `job-unknown`, also for one whose time is over. */
export function readJob(store: Pick<JobStore, 'look'>): ReadJob {
  return async function read(ref) {
    const job = await store.look(ref);
    if (job === undefined || isExpired(job)) throw jobUnknown();
    return job;
  };
}
