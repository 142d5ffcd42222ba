/** Jobs put straight into a side's storage, as the app would have left them: a bench begins where it measures. */
import { newId, refOf, SHARED_OWNER } from '../../src/jobs/identity.ts';
import type { JobFields } from '../../src/jobs/job.ts';
import type { Side } from './sides.ts';

const AT_ONCE = 16;
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

/** So many short jobs that wait for a worker, with their messages. */
export async function putPendingJobs(
  { store, queue }: Pick<Side, 'store' | 'queue'>,
  jobs: number,
): Promise<void> {
  const request = Buffer.from('{"seconds":0}');
  let left = jobs;
  const put = async () => {
    while (left > 0) {
      left -= 1;
      const ref = refOf(SHARED_OWNER, newId());
      await store.create(ref, fields('Pending'), { contentType: JSON_TYPE }, request);
      await queue.put(undefined, { job: ref, attempt: 1 }, 0);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, put));
}
