/** What a poll sees: one Get Blob Properties. */
import { jobUnknown, writtenByNewer } from './errors.ts';
import { isExpired, type Job, LAYOUT } from './job.ts';
import type { JobStore } from './ports.ts';

export type ReadJob = (ref: string) => Promise<Job>;

/** Throws Refusal: `job-unknown`, also for a job whose time is over; `job-newer`. */
export function readJob(store: Pick<JobStore, 'look'>): ReadJob {
  return async function read(ref) {
    const job = await store.look(ref);
    if (job === undefined || isExpired(job)) throw jobUnknown();
    if (job.layout > LAYOUT) throw writtenByNewer();
    return job;
  };
}
