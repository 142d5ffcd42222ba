/** What a poll sees: one Get Blob Properties, and no more while all is well. */
import { jobUnknown } from './errors.ts';
import { isExpired, type Job } from './job.ts';
import type { JobStore } from './ports.ts';
import type { RecoverJob } from './recover-job.ts';

export type ReadJob = (ref: string) => Promise<Job>;

/**
 * Recovers a job that needs it and answers it as it is then; a job of a newer version as far as this one understands it.
 * Throws Refusal: `job-unknown`, also for one whose time is over.
 */
export function readJob(store: Pick<JobStore, 'look'>, recover: RecoverJob): ReadJob {
  return async function read(ref) {
    const seen = await store.look(ref);
    if (seen === undefined || isExpired(seen)) throw jobUnknown();
    if (!(await recover(seen))) return seen;
    const job = await store.look(ref).catch(() => seen);
    if (job === undefined) throw jobUnknown();
    return job;
  };
}
