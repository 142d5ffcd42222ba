/** Containers and queues are made once, whoever asks, and later where storage was not there. On Azurite. */
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type StorageProxy, startStorageProxy } from '../../dev/storage-proxy.ts';
import { StorageUnavailable } from '../../src/jobs/errors.ts';
import { type Prepared, preparing } from '../../src/storage/prepare.ts';
import { takeStorageAccount } from '../support/storage-account.ts';

const NAMES = { containers: ['jobs', 'app'], queues: ['job-requests', 'job-requests-poison'] };
const MADE = { 'Create Container': 2, 'Create Queue': 2 };

let proxy: StorageProxy;
let connect: () => Prepared;
let blobs: BlobServiceClient;

beforeEach(async () => {
  const storage = await takeStorageAccount();
  proxy = await startStorageProxy(storage);
  const through = proxy.connectionStringOf(storage.account);
  blobs = BlobServiceClient.fromConnectionString(storage.connectionString);
  const once = { retryOptions: { maxTries: 1 } };
  connect = () =>
    preparing(
      BlobServiceClient.fromConnectionString(through, once),
      QueueServiceClient.fromConnectionString(through, once),
      NAMES,
    );
});
afterEach(() => proxy.stop());

test('made once for all that ask, at the same time or later', async () => {
  const prepared = connect();
  await Promise.all([prepared(), prepared()]);
  await prepared();
  expect(proxy.tally()).toEqual(MADE);
});

test('what is there already is left as it is', async () => {
  await connect()();
  proxy.reset();
  await connect()();
  expect(
    proxy.calls.map(({ status }) => status).filter((status) => status !== 409 && status !== 204),
  ).toEqual([]);
});

test('where storage does not answer, all who wait hear so, and the next to ask tries again', async () => {
  const prepared = connect();
  proxy.failNext('Create Queue', 'refuse');
  const answers = await Promise.allSettled([prepared(), prepared()]);
  for (const answer of answers) expect(answer).toMatchObject({ reason: expect.any(StorageUnavailable) });
  await prepared();
  proxy.reset();
  await prepared();
  expect(proxy.count()).toBe(0);
});

test('nothing that is made can be read without a signature', async () => {
  await connect()();
  for (const name of NAMES.containers) {
    const container = blobs.getContainerClient(name);
    const blob = container.getBlockBlobClient('a');
    await blob.upload('x', 1);
    for (const url of [blob.url, `${container.url}?restype=container&comp=list`]) {
      const { status } = await fetch(url);
      expect([401, 403, 404, 409]).toContain(status);
    }
  }
});
