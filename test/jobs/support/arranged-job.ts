/** Puts a job into the state that a test begins with, by the storage calls that would have led there. */
import { randomUUID } from 'node:crypto';
import { newId, refOf, SHARED_OWNER } from '../../../src/jobs/identity.ts';
import { type Job, type JobFields, LEASE_SECONDS, type LeaseState } from '../../../src/jobs/job.ts';
import type { JobStorage } from './job-storage.ts';
import { type Content, OPERATION, REQUEST } from './work.ts';

export interface Arrangement extends Partial<JobFields> {
  /** Default `none`. `expired` moves time. */
  readonly lease?: LeaseState;
  /** The lease's id; default a random one. */
  readonly holder?: string;
  /** Default {@link REQUEST}. */
  readonly request?: Content;
  /** Default a new one. */
  readonly ref?: string;
}

export function newRef(): string {
  return refOf(SHARED_OWNER, newId());
}

/** A job just accepted, changed by the arrangement. */
export async function arrangeJob(
  storage: JobStorage,
  { lease = 'none', holder = randomUUID(), request = REQUEST, ref = newRef(), ...changes }: Arrangement = {},
): Promise<Job> {
  const { store } = storage;
  const fields: JobFields = {
    operation: OPERATION,
    state: 'Pending',
    attempt: 1,
    limit: 3,
    waiting: false,
    recovered: 0,
    createdAt: storage.now(),
    retentionSeconds: 86_400,
    params: {},
    ...changes,
  };
  await store.create(ref, fields, { contentType: request.contentType }, request.content);
  if (lease !== 'none') await store.acquireLease(ref, holder, (await lookAt(storage, ref)).etag);
  if (lease === 'broken') await store.breakLease(ref);
  if (lease === 'expired') await storage.advance(LEASE_SECONDS + 1);
  return await lookAt(storage, ref);
}

/** @throws {Error} where there is no such job */
export async function lookAt(storage: JobStorage, ref: string): Promise<Job> {
  const job = await storage.store.look(ref);
  if (job === undefined) throw new Error(`there is no job ${ref}`);
  return job;
}
