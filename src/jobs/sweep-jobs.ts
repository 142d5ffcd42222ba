/**
 * The sweep: once a minute it recovers jobs that nobody polls and removes those whose time is over. A backstop, so what it
 * costs is fixed: it lists so many pages, remembers where it stopped, and goes on there a minute later.
 */
import { type Log, logs } from '../logs.ts';
import { ConditionLost } from './errors.ts';
import { isExpired, type Job, LAYOUT } from './job.ts';
import type { JobStore, SweepPlace } from './ports.ts';
import type { RecoverJob } from './recover-job.ts';

/** A page with all metadata of so many jobs is about 1 MB; storage would give five times that, in one piece of parsing. */
const PAGE_JOBS = 1000;
/** Jobs of a page that are recovered or removed at once. */
const JOBS_AT_ONCE = 16;
/** No further page is begun after so long: the next minute's sweep goes on, and this one's lease ends soon. */
const LONGEST_MS = 40_000;

export interface SweepJobsDependencies {
  readonly store: Pick<JobStore, 'list' | 'delete'>;
  readonly place: SweepPlace;
  readonly recover: RecoverJob;
  readonly pagesPerMinute: number;
  /** Jobs a page; tests make them small. */
  readonly pageJobs?: number;
}

export type SweepJobs = (log: Log) => Promise<void>;

/** Throws StorageUnavailable: the next minute's sweep begins where this one could not go on. */
export function sweepJobs(dependencies: SweepJobsDependencies): SweepJobs {
  const { store, place, recover, pagesPerMinute, pageJobs = PAGE_JOBS } = dependencies;

  async function tend(job: Job): Promise<'removed' | 'recovered' | undefined> {
    if (job.layout > LAYOUT) return undefined;
    if (!isExpired(job)) return (await recover(job)) ? 'recovered' : undefined;
    try {
      // By If-Match: an operator who retries the job at this moment has it back.
      await store.delete(job.ref, job.etag);
      return 'removed';
    } catch (error) {
      // Its last attempt's lease has not run out yet, or it has changed: the next round sees.
      if (error instanceof ConditionLost) return undefined;
      throw error;
    }
  }

  return async function sweep(log) {
    const begun = await place.begin();
    if (begun === undefined) return;
    const deadlineMs = performance.now() + LONGEST_MS;
    const counts = { pages: 0, jobs: 0, removed: 0, recovered: 0 };
    let { marker } = begun;
    try {
      do {
        const page = await store.list({ size: pageJobs, marker }).catch((error: unknown) => {
          // A place that storage no longer takes would end every sweep here.
          if (counts.pages === 0) marker = undefined;
          throw error;
        });
        await forEachOf(page.jobs, async (job) => {
          const done = await tend(job);
          if (done !== undefined) counts[done]++;
        });
        counts.pages++;
        counts.jobs += page.jobs.length;
        marker = page.marker;
      } while (marker !== undefined && counts.pages < pagesPerMinute && performance.now() < deadlineMs);
    } finally {
      await place.end(begun, marker);
      logs.jobsSwept(log, { ...counts, isRoundComplete: marker === undefined });
    }
  };
}

/** A few at once. Throws what the first failing one threw, once none is under way any more. */
async function forEachOf(jobs: readonly Job[], act: (job: Job) => Promise<void>): Promise<void> {
  const left = jobs.values();
  const worked = await Promise.allSettled(
    Array.from({ length: JOBS_AT_ONCE }, async () => {
      for (const job of left) await act(job);
    }),
  );
  for (const { reason } of worked.filter((one) => one.status === 'rejected')) throw reason;
}
