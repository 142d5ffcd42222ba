/**
 * The sweep: once a minute it recovers jobs that nobody polls, and removes jobs and uploads whose time is over. A backstop, so
 * what it costs is fixed: it lists so many pages, remembers where it stopped, and goes on there a minute later.
 *
 *   a round:  jobs, page by page ──▶ uploads, page by page ──▶ done until the next minute, which begins anew
 */
import { type Log, logs } from '../logs.ts';
import { ConditionLost } from './errors.ts';
import { isExpired, type Job } from './job.ts';
import type { JobStore, SweepPlace, Upload, UploadStore } from './ports.ts';
import type { RecoverJob } from './recover-job.ts';
import { isUploadExpired } from './upload.ts';

/** A page with all metadata of so many jobs is about 1 MB; storage would give five times that, in one piece of parsing. */
const PAGE_ITEMS = 1000;
/** Items of a page that are recovered or removed at once. */
const ITEMS_AT_ONCE = 16;
/** No further page is begun after so long: the next minute's sweep goes on, and this one's lease ends soon. */
const LONGEST_MS = 40_000;

export interface SweepJobsDependencies {
  readonly store: Pick<JobStore, 'list' | 'delete'>;
  readonly uploads: Pick<UploadStore, 'list' | 'delete'>;
  readonly uploadRetentionSeconds: number;
  readonly place: SweepPlace;
  readonly recover: RecoverJob;
  readonly pagesPerMinute: number;
  /** Items a page; tests make it small. */
  readonly pageItems?: number;
}

export type SweepJobs = (log: Log) => Promise<void>;

/** What was done for an item; undefined where it needed nothing. */
type Tended = 'removed' | 'recovered' | undefined;

/** One page of one part of the round. */
interface Page {
  readonly tended: readonly Tended[];
  readonly marker?: string | undefined;
}

/** Throws StorageUnavailable: the next minute's sweep begins where this one could not go on. */
export function sweepJobs(dependencies: SweepJobsDependencies): SweepJobs {
  const { store, uploads, uploadRetentionSeconds, place, recover, pagesPerMinute } = dependencies;
  const { pageItems: size = PAGE_ITEMS } = dependencies;

  async function tendJob(job: Job): Promise<Tended> {
    if (!isExpired(job)) return (await recover(job)) ? 'recovered' : undefined;
    return await removed(() => store.delete(job.ref, job.etag));
  }

  async function tendUpload(upload: Upload): Promise<Tended> {
    if (!isUploadExpired(upload, uploadRetentionSeconds)) return undefined;
    return await removed(() => uploads.delete(upload.ref, upload.etag));
  }

  const parts = {
    async jobs(marker: string | undefined): Promise<Page> {
      const page = await store.list({ size, marker });
      return { tended: await eachOf(page.jobs, tendJob), marker: page.marker };
    },
    async uploads(marker: string | undefined): Promise<Page> {
      const page = await uploads.list({ size, marker });
      return { tended: await eachOf(page.uploads, tendUpload), marker: page.marker };
    },
  };
  const after = { jobs: 'uploads', uploads: undefined } as const;

  return async function sweep(log) {
    const begun = await place.begin();
    if (begun === undefined) return;
    const deadlineMs = performance.now() + LONGEST_MS;
    const counts = { pages: 0, items: 0, removed: 0, recovered: 0 };
    let at = placeOf(begun.marker);
    let next: typeof at | undefined = at;
    try {
      do {
        at = next;
        const page: Page = await parts[at.part](at.marker);
        counts.pages++;
        counts.items += page.tended.length;
        for (const done of page.tended) if (done !== undefined) counts[done]++;
        const part: Part | undefined = page.marker === undefined ? after[at.part] : at.part;
        next = part && { part, marker: page.marker };
      } while (next && counts.pages < pagesPerMinute && performance.now() < deadlineMs);
    } catch (error) {
      // A place that storage no longer takes would end every sweep here.
      if (counts.pages === 0) next = undefined;
      throw error;
    } finally {
      await place.end(begun, next && textOf(next));
      logs.jobsSwept(log, { ...counts, isRoundComplete: next === undefined });
    }
  };
}

type Part = 'jobs' | 'uploads';

/** A part of the round and where in it to go on, as one text: `jobs`, `uploads:MARKER`. */
function textOf({ part, marker }: { part: Part; marker: string | undefined }): string {
  return marker === undefined ? part : `${part}:${marker}`;
}

function placeOf(text = 'jobs'): { part: Part; marker: string | undefined } {
  const [, part, marker] = /^(jobs|uploads)(?::(.+))?$/s.exec(text) ?? [];
  return { part: part === 'uploads' ? 'uploads' : 'jobs', marker };
}

/** By If-Match: an operator who retries the job, or a client that uploads again at this moment, keeps it. */
async function removed(remove: () => Promise<unknown>): Promise<Tended> {
  try {
    await remove();
    return 'removed';
  } catch (error) {
    // Its last attempt's lease has not run out yet, or it has changed: the next round sees.
    if (error instanceof ConditionLost) return undefined;
    throw error;
  }
}

/** A few at once. Throws what the first failing one threw, once none is under way any more. */
async function eachOf<T>(items: readonly T[], tend: (item: T) => Promise<Tended>): Promise<Tended[]> {
  const left = items.values();
  const tended: Tended[] = [];
  const worked = await Promise.allSettled(
    Array.from({ length: ITEMS_AT_ONCE }, async () => {
      for (const item of left) tended.push(await tend(item));
    }),
  );
  for (const { reason } of worked.filter((one) => one.status === 'rejected')) throw reason;
  return tended;
}
