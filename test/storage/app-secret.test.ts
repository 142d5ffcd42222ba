/** The secret behind idempotency keys: made once, whoever comes first, and the same for every instance ever after. */
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { beforeEach, expect, test } from '@jest/globals';
import { appSecret } from '../../src/storage/app-secret.ts';
import { takeStorageAccount } from '../support/storage-account.ts';

const BLOB = 'idempotency-secret';

let container: ContainerClient;
beforeEach(async () => {
  const { connectionString } = await takeStorageAccount();
  container = BlobServiceClient.fromConnectionString(connectionString).getContainerClient('app');
});

test('instances that start at once have one secret, of 256 bits, and so has the next', async () => {
  await container.create();
  const secrets = await Promise.all(Array.from({ length: 8 }, () => appSecret(container)()));
  const texts = secrets.map((secret) => Buffer.from(secret).toString('hex'));
  expect(new Set(texts).size).toBe(1);
  expect(texts[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(Buffer.from(await appSecret(container)()).toString('hex')).toBe(texts[0]);
  expect((await container.getBlobClient(BLOB).downloadToBuffer()).toString('hex')).toBe(texts[0]);
});

test('it is read once', async () => {
  await container.create();
  const secret = appSecret(container);
  const first = await secret();
  await container.deleteBlob(BLOB);
  expect(await secret()).toBe(first);
});

test('without its container storage is unavailable, until the container is there', async () => {
  const secret = appSecret(container);
  await expect(secret()).rejects.toThrow('storage did not answer');
  await container.create();
  expect((await secret()).length).toBe(32);
});

test('a blob that is no secret is not taken for one', async () => {
  await container.create();
  await container.getBlockBlobClient(BLOB).upload('short', 5);
  await expect(appSecret(container)()).rejects.toMatchObject({
    name: 'StorageUnavailable',
    cause: expect.objectContaining({ message: `the blob ${BLOB} wants 32 bytes` }),
  });
});
