/** An operator's list: pages of List Blobs, filtered here, since storage cannot. */
import { isExpired, type Job, statusOf } from './job.ts';
import type { JobFilter, JobStore } from './ports.ts';

/** List Blobs calls one answer may cost; a rare match is found by following `nextLink`. */
const MOST_PAGES = 10;

export interface JobPage {
  readonly jobs: readonly Job[];
  /** Where the next page starts; absent on the last one. */
  readonly marker?: string | undefined;
}

export type ListJobs = (
  filter: JobFilter,
  page: { top: number; marker?: string | undefined },
) => Promise<JobPage>;

/** A page may hold fewer than `top` jobs, even none, and still have a next one. */
export function listJobs(store: Pick<JobStore, 'list'>): ListJobs {
  return async function list(filter, { top, marker }) {
    const found: Job[] = [];
    let from = marker;
    for (let page = 0; page < MOST_PAGES; page++) {
      // Never more than are still wanted, so that the marker stands behind the last job answered.
      const { jobs, marker: next } = await store.list({ size: top - found.length, marker: from });
      found.push(...jobs.filter((job) => matches(job, filter)));
      if (next === undefined) return { jobs: found };
      from = next;
      if (found.length >= top) break;
    }
    return { jobs: found, marker: from };
  };
}

function matches(job: Job, { status, operation }: JobFilter): boolean {
  if (isExpired(job)) return false;
  return (
    (status === undefined || statusOf(job) === status) &&
    (operation === undefined || job.operation === operation)
  );
}
