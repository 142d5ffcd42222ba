/** List Blobs as the operator's list and the sweep use it. */
import type { BlobItem, ContainerClient } from '@azure/storage-blob';
import { beforeAll, expect, test } from '@jest/globals';
import { takeStorageAccount } from '../storage-account.ts';
import { newContainer } from './blobs.ts';

let container: ContainerClient;
const names = Array.from({ length: 7 }, (_, index) => `ref-${index}`);

beforeAll(async () => {
  container = await newContainer((await takeStorageAccount()).connectionString);
  for (const name of [...names].reverse()) {
    await container.getBlockBlobClient(name).upload('request', 7, { metadata: { name } });
  }
});

const page = async (maxPageSize: number, continuationToken?: string) => {
  const options = continuationToken === undefined ? { maxPageSize } : { maxPageSize, continuationToken };
  const pages = container.listBlobsFlat({ includeMetadata: true }).byPage(options);
  const { value } = await pages.next();
  return value as { segment: { blobItems: BlobItem[] }; continuationToken?: string };
};

test('pages by name, each token leading to the next page, the last page having none', async () => {
  const seen: string[] = [];
  let token: string | undefined;
  let pages = 0;
  do {
    const { segment, continuationToken } = await page(3, token);
    seen.push(...segment.blobItems.map(({ name }) => name));
    token = continuationToken;
    pages += 1;
  } while (token);
  expect(seen).toEqual(names);
  expect(pages).toBe(3);
});

test('tells metadata, times and the lease of each blob', async () => {
  const blob = container.getBlobClient('ref-0');
  const lease = blob.getBlobLeaseClient();
  await lease.acquireLease(15);
  const [item] = (await page(1)).segment.blobItems;
  await lease.releaseLease();
  expect(item).toMatchObject({
    name: 'ref-0',
    metadata: { name: 'ref-0' },
    properties: { contentLength: 7, leaseState: 'leased', leaseStatus: 'locked' },
  });
  expect(item?.properties.lastModified).toBeInstanceOf(Date);
});

test('tells ETags without the quotes that every other call has', async () => {
  const [item] = (await page(1)).segment.blobItems;
  const { etag } = await container.getBlobClient('ref-0').getProperties();
  expect(`"${item?.properties.etag}"`).toBe(etag);
});
