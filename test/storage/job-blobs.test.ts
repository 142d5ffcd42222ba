/** The guards of the job store's calls where a use case meets them only once in a long while. On Azurite. */
import { randomUUID } from 'node:crypto';
import type { ContainerClient } from '@azure/storage-blob';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { StorageProxy } from '../../dev/storage-proxy.ts';
import { blockId } from '../../src/jobs/blocks.ts';
import { ConditionLost } from '../../src/jobs/errors.ts';
import type { JobFields } from '../../src/jobs/job.ts';
import type { JobStore } from '../../src/jobs/ports.ts';
import { jobBlobs } from '../../src/storage/job-blobs.ts';
import { JOBS_CONTAINER } from '../../src/storage/names.ts';
import { storageClock } from '../../src/storage/storage-clock.ts';
import { proxiedContainer } from './support/proxied-container.ts';

const headers = { contentType: 'text/csv' };
const fields: JobFields = {
  operation: 'work',
  state: 'Pending',
  attempt: 1,
  limit: 3,
  waiting: false,
  recovered: 0,
  createdAt: new Date(),
  retentionSeconds: 60,
  params: {},
};

let proxy: StorageProxy;
let container: ContainerClient;
let store: JobStore;
beforeAll(async () => {
  ({ proxy, container } = await proxiedContainer(JOBS_CONTAINER));
  store = jobBlobs(container, storageClock());
});
afterAll(() => proxy.stop());

test('blocks make no job where there is one', async () => {
  await store.create('there', fields, headers, Buffer.from('first'));
  const id = blockId(randomUUID(), 0);
  await store.stageBlock('there', id, Buffer.from('second'));
  const made = store.createFromBlocks('there', fields, headers, [id]);
  await expect(made).rejects.toBeInstanceOf(ConditionLost);
  expect(await store.look('there')).toMatchObject({ sizeBytes: 'first'.length });
});

test('a job that is there is not discarded with the blocks beside it', async () => {
  await store.create('kept', fields, headers, Buffer.from('first'));
  await store.stageBlock('kept', blockId(randomUUID(), 0), Buffer.from('second'));
  await expect(store.discardBlocks('kept')).rejects.toBeInstanceOf(ConditionLost);
  expect(await store.look('kept')).toMatchObject({ state: 'Pending', sizeBytes: 'first'.length });
});

test('a job that takes the place of discarded blocks is not deleted with them', async () => {
  await store.stageBlock('discarded', blockId(randomUUID(), 0), Buffer.from('content'));
  proxy.intercept({
    on: 'Delete Blob',
    // As another start under the key does, which finds a job whose time is over.
    async before() {
      const over = await store.look('discarded');
      if (over !== undefined) await store.write('discarded', fields, { etag: over.etag });
    },
  });
  await expect(store.discardBlocks('discarded')).rejects.toBeInstanceOf(ConditionLost);
  expect(await store.look('discarded')).toMatchObject({ state: 'Pending' });
});

test('a range of what is no longer there as it was is refused', async () => {
  const etag = await store.create('ranged', fields, headers, Buffer.from('content'));
  await store.write('ranged', { ...fields, attempt: 2 }, { etag });
  await expect(store.takeRange('ranged', { offset: 1 }, etag)).rejects.toBeInstanceOf(ConditionLost);
});

test('a lease that an operator breaks with a period is broken from then on', async () => {
  const etag = await store.create('breaking', fields, headers, Buffer.from('content'));
  await store.acquireLease('breaking', randomUUID(), etag);
  await container.getBlobClient('breaking').getBlobLeaseClient().breakLease(20);
  expect(await store.look('breaking')).toMatchObject({ lease: 'broken' });
});
