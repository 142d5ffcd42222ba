/** Blocks that were staged and never committed: what an accept or an attempt leaves behind when it dies. */
import { randomUUID } from 'node:crypto';
import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { takeStorageAccount } from '../storage-account.ts';
import { etagOf, newBlob, newContainer, outcome } from './blobs.ts';

let container: ContainerClient;

beforeAll(async () => {
  container = await newContainer((await takeStorageAccount()).connectionString);
});

async function listed(blob: BlockBlobClient, includeUncommitedBlobs: boolean): Promise<number> {
  let found = 0;
  for await (const _ of container.listBlobsFlat({ prefix: blob.name, includeUncommitedBlobs })) found += 1;
  return found;
}

const ifNoneMatch = { conditions: { ifNoneMatch: '*' } };

describe('a blob of which there are only staged blocks', () => {
  async function staged(): Promise<BlockBlobClient> {
    const blob = container.getBlockBlobClient(randomUUID());
    await blob.stageBlock('AAAA', 'part', 4);
    return blob;
  }

  test('is not there for who reads it', async () => {
    const blob = await staged();
    expect(await outcome(blob.getProperties())).toBe('404');
    expect(await outcome(blob.download())).toBe('404 BlobNotFound');
    expect(await outcome(blob.setMetadata({}))).toBe('404 BlobNotFound');
  });

  test('is listed only when uncommitted blobs are asked for', async () => {
    const blob = await staged();
    expect([await listed(blob, false), await listed(blob, true)]).toEqual([0, 1]);
  });

  test('can be committed where no blob may be', async () => {
    const blob = await staged();
    expect(await outcome(blob.commitBlockList(['AAAA'], ifNoneMatch))).toBe('201');
  });

  test('stands in the way of Put Blob where no blob may be', async () => {
    // Azure is expected to count committed blobs only and answer 201; not tried there.
    expect(await outcome((await staged()).upload('request', 7, ifNoneMatch))).toBe('409 BlobAlreadyExists');
  });

  test('is gone after an empty commit and a delete', async () => {
    const blob = await staged();
    // Azurite deletes it without the commit too; Azure is expected to answer 404.
    await blob.commitBlockList([], ifNoneMatch);
    await blob.delete();
    expect(await listed(blob, true)).toBe(0);
  });
});

describe('blocks staged beside a blob', () => {
  test('leave content and ETag alone', async () => {
    const blob = await newBlob(container);
    const etag = await etagOf(blob);
    await blob.stageBlock('AAAA', 'part', 4);
    expect(await etagOf(blob)).toBe(etag);
    expect(String(await blob.downloadToBuffer())).toBe('request');
  });

  test('must have ids of one length', async () => {
    const blob = await newBlob(container);
    await blob.stageBlock('AAAA', 'part', 4);
    expect(await outcome(blob.stageBlock('AAAAAAAA', 'part', 4))).toBe('400 InvalidBlobOrBlock');
  });

  test('are dropped by the commit of others: the loser is refused', async () => {
    const blob = await newBlob(container);
    await blob.stageBlock('AAAA', 'mine', 4);
    await blob.stageBlock('BBBB', 'theirs', 6);
    await blob.commitBlockList(['AAAA']);
    expect(await outcome(blob.commitBlockList(['BBBB']))).toBe('400 InvalidBlockList');
  });

  test('survive Set Blob Metadata', async () => {
    const blob = await newBlob(container);
    await blob.stageBlock('AAAA', 'part', 4);
    await blob.setMetadata({ attempt: '2' });
    expect(await outcome(blob.commitBlockList(['AAAA']))).toBe('201');
  });

  test('survive Put Blob', async () => {
    // Azure is expected to drop them; not tried there. Nobody may count on either.
    const blob = await newBlob(container);
    await blob.stageBlock('AAAA', 'part', 4);
    await blob.upload('reply', 5);
    expect(await outcome(blob.commitBlockList(['AAAA']))).toBe('201');
  });
});

test('a block that nobody staged cannot be committed', async () => {
  const blob = await newBlob(container);
  expect(await outcome(blob.commitBlockList(['AAAA']))).toBe('400 InvalidBlockList');
});
