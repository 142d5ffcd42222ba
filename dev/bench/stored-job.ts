/** Jobs put straight into a side's storage, as the app would have left them: a bench begins where it measures. */
import { newId, refOf, SHARED_OWNER } from '../../src/jobs/identity.ts';
import type { Job, JobFields } from '../../src/jobs/job.ts';
import type { BenchStorage, Side } from './sides.ts';

const AT_ONCE = 16;
const TOLD_EVERY = 10_000;
const PAGE_JOBS = 1000;
const JSON_TYPE = 'application/json';

const fields = (state: JobFields['state']): JobFields => ({
  operation: 'delay',
  state,
  attempt: 1,
  limit: 5,
  waiting: false,
  recovered: 0,
  createdAt: new Date(),
  retentionSeconds: 604_800,
  params: {},
});

/** A short job that has its reply; returns the path where its side is asked for it. */
export async function putSucceededJob({ name, store }: Side): Promise<string> {
  const id = newId();
  const ref = refOf(SHARED_OWNER, id);
  const reply = Buffer.from(JSON.stringify({ ref, seconds: 0, attempt: 1 }));
  await store.create(ref, fields('Succeeded'), { contentType: JSON_TYPE }, reply);
  // The floor knows no owner: its id is the blob's name.
  return `/api/jobs/${name === 'ours' ? id : ref}`;
}

export interface PendingJobs {
  /** Which of them are put into which lane, in turn. Default: all are the app's own operation `delay`, in the common one. */
  readonly lanes?: readonly { readonly operation: string; readonly lane: string | undefined }[];
  /** Told of every ten thousand. */
  readonly onPut?: (jobs: number) => void;
}

/** So many short jobs that wait for a worker, with their messages. Storage takes no more a second from more at once. */
export async function putPendingJobs(
  { store, queue }: BenchStorage,
  jobs: number,
  { lanes = [{ operation: 'delay', lane: undefined }], onPut }: PendingJobs = {},
): Promise<void> {
  const request = Buffer.from('{"seconds":0}');
  let begun = 0;
  const put = async () => {
    while (begun < jobs) {
      const { operation, lane } = lanes[begun % lanes.length] as (typeof lanes)[number];
      begun += 1;
      if (begun % TOLD_EVERY === 0) onPut?.(begun);
      const ref = refOf(SHARED_OWNER, newId());
      await store.create(ref, { ...fields('Pending'), operation }, { contentType: JSON_TYPE }, request);
      await queue.put(lane, { job: ref, attempt: 1 }, 0);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, put));
}

/** All jobs there are, finished ones among them. */
export async function storedJobs({ store }: BenchStorage): Promise<readonly Job[]> {
  const jobs: Job[] = [];
  let marker: string | undefined;
  do {
    const page = await store.list({ size: PAGE_JOBS, marker });
    jobs.push(...page.jobs);
    marker = page.marker;
  } while (marker !== undefined);
  return jobs;
}
