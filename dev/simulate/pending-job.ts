/** A pending job as a read of its blob would show it, for the app's own rules of pacing. */
import { type Job, LAYOUT } from '../../src/jobs/job.ts';

export interface PendingJob {
  readonly createdMs: number;
  /** When storage answers. */
  readonly observedMs: number;
  /** An attempt holds its lease. */
  readonly isLeased: boolean;
  /** Of the next attempt, where it is put off. */
  readonly notBeforeMs: number | undefined;
}

export function pendingJob({ createdMs, observedMs, isLeased, notBeforeMs }: PendingJob): Job {
  return {
    ref: '',
    layout: LAYOUT,
    etag: '',
    operation: 'simulated',
    state: 'Pending',
    attempt: 1,
    limit: 5,
    waiting: notBeforeMs !== undefined,
    notBefore: notBeforeMs === undefined ? undefined : new Date(notBeforeMs),
    recovered: 0,
    createdAt: new Date(createdMs),
    retentionSeconds: 0,
    params: {},
    lease: isLeased ? 'live' : 'none',
    updatedAt: new Date(createdMs),
    // `Date` and `Last-Modified` are whole seconds.
    observedAt: new Date(Math.floor(observedMs / 1000) * 1000),
    contentType: 'application/json',
    contentDisposition: undefined,
    sizeBytes: 0,
  };
}
