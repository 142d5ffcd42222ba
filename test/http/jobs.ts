/** Jobs as storage would show them, for tests of what is made of one. */
import { type Owner, refOf, SHARED_OWNER } from '../../src/jobs/identity.ts';
import type { Job } from '../../src/jobs/job.ts';

export const ID = 'bxJd1SDtZBd8j-rGndMHWA';
export const CREATED_AT = new Date('2026-11-24T04:00:00.000Z');

/** `seconds` after {@link CREATED_AT}. */
export function after(seconds: number): Date {
  return new Date(CREATED_AT.getTime() + seconds * 1000);
}

/** A job just accepted and seen at that moment, changed by `changes`. */
export function jobOf(changes: Partial<Job> = {}, owner: Owner = SHARED_OWNER): Job {
  return {
    ref: refOf(owner, ID),
    layout: 1,
    etag: '"0x1"',
    lease: 'none',
    operation: 'csv-profile',
    state: 'Pending',
    attempt: 1,
    limit: 5,
    waiting: false,
    recovered: 0,
    createdAt: CREATED_AT,
    updatedAt: CREATED_AT,
    observedAt: CREATED_AT,
    retentionSeconds: 3600,
    params: {},
    contentType: 'text/csv',
    contentDisposition: undefined,
    sizeBytes: 10,
    ...changes,
  };
}
