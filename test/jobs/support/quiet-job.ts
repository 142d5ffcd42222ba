/** A pending job that nobody has touched for a while, as storage would show it, for the tables that decide what becomes of it. */
import { type Job, LAYOUT } from '../../../src/jobs/job.ts';

/** Written at `writtenAt`, looked at `seconds` later, changed by `changes`. */
export function quietJob(writtenAt: Date, seconds: number, changes: Partial<Job> = {}): Job {
  return {
    operation: 'work',
    state: 'Pending',
    attempt: 1,
    limit: 3,
    waiting: false,
    recovered: 0,
    createdAt: writtenAt,
    retentionSeconds: 60,
    params: {},
    ref: 'mine',
    layout: LAYOUT,
    etag: '"1"',
    lease: 'none',
    updatedAt: writtenAt,
    observedAt: new Date(writtenAt.getTime() + seconds * 1000),
    contentType: 'text/plain',
    contentDisposition: undefined,
    sizeBytes: 0,
    ...changes,
  };
}
