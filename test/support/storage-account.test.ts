import { BlobServiceClient } from '@azure/storage-blob';
import { expect, test } from '@jest/globals';
import { takeStorageAccount } from './storage-account.ts';

test('accounts do not see each other', async () => {
  const [mine, theirs] = await Promise.all([takeStorageAccount(), takeStorageAccount()]);
  const client = BlobServiceClient.fromConnectionString(mine.connectionString);
  await client.createContainer('jobs');
  expect(await client.getContainerClient('jobs').exists()).toBe(true);
  const other = BlobServiceClient.fromConnectionString(theirs.connectionString);
  expect(await other.getContainerClient('jobs').exists()).toBe(false);
});
