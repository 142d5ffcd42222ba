/** How the content of a job is taken up again after a broken connection. */
import type { Readable } from 'node:stream';
import type { Job } from './job.ts';
import type { JobStore } from './ports.ts';

/** `isStillIt` judges the job that is found: an ETag alone would not do for a request, since progress changes it. */
export function reopening(
  store: Pick<JobStore, 'takeRange'>,
  ref: string,
  isStillIt: (job: Job) => boolean,
): (range: { offset: number; count: number }) => Promise<Readable | undefined> {
  return async function reopen(range) {
    const again = await store.takeRange(ref, range);
    if (again === undefined || isStillIt(again.job)) return again?.content;
    again.content.destroy();
    return undefined;
  };
}
