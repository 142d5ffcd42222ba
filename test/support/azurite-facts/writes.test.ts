/** Conditional writes: every guard in docs/design.md, section 2, rests on these. */
import { randomUUID } from 'node:crypto';
import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { takeStorageAccount } from '../storage-account.ts';
import { etagOf, newBlob, newContainer, outcome } from './blobs.ts';

let container: ContainerClient;

beforeAll(async () => {
  container = await newContainer((await takeStorageAccount()).connectionString);
});

interface Conditions {
  ifMatch?: string;
  ifNoneMatch?: string;
  leaseId?: string;
}

const writes = {
  'Put Blob': (blob: BlockBlobClient, conditions: Conditions) => blob.upload('reply', 5, { conditions }),
  'Put Block List': (blob: BlockBlobClient, conditions: Conditions) =>
    blob.commitBlockList([], { conditions }),
  'Set Blob Metadata': (blob: BlockBlobClient, conditions: Conditions) =>
    blob.setMetadata({ state: 'Failed' }, { conditions }),
  'Delete Blob': (blob: BlockBlobClient, conditions: Conditions) => blob.delete({ conditions }),
} as const;
type Write = keyof typeof writes;
const all = Object.keys(writes) as Write[];
const creating: Write[] = ['Put Blob', 'Put Block List'];

describe.each(all)('%s', (name) => {
  const write = writes[name];
  const success = { 'Set Blob Metadata': '200', 'Delete Blob': '202' }[name as string] ?? '201';

  test('is refused on an ETag of the past, and the blob stays as it is', async () => {
    const blob = await newBlob(container);
    const ifMatch = await etagOf(blob);
    await blob.setMetadata({ state: 'Pending', attempt: '2' });
    const now = await etagOf(blob);
    expect(now).not.toBe(ifMatch);
    expect(await outcome(write(blob, { ifMatch }))).toBe('412 ConditionNotMet');
    expect(await etagOf(blob)).toBe(now);
  });

  test('goes through on the present ETag and the lease id together', async () => {
    const blob = await newBlob(container);
    const leaseId = randomUUID();
    await blob.getBlobLeaseClient(leaseId).acquireLease(30);
    const ifMatch = await etagOf(blob);
    expect(await outcome(write(blob, { ifMatch, leaseId: randomUUID() }))).toMatch(/^412 LeaseIdMismatch/);
    expect(await outcome(write(blob, { ifMatch, leaseId }))).toBe(success);
  });

  test('on a blob that is gone is refused, and makes none', async () => {
    const blob = await newBlob(container);
    const ifMatch = await etagOf(blob);
    await blob.delete();
    // Azurite compares the ETag before it misses the blob; 404 is as good.
    expect(await outcome(write(blob, { ifMatch }))).toMatch(/^(412|404)/);
    expect(await blob.exists()).toBe(false);
  });

  test('of twenty at once on one ETag, one goes through', async () => {
    const blob = await newBlob(container);
    const ifMatch = await etagOf(blob);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcome(write(blob, { ifMatch }))));
    expect(outcomes.filter((result) => result === success)).toHaveLength(1);
    expect(outcomes.filter((result) => /^(412|404)/.test(result))).toHaveLength(19);
  });
});

test('of different writes at once on one ETag, one goes through', async () => {
  const blob = await newBlob(container);
  const ifMatch = await etagOf(blob);
  const outcomes = await Promise.all(
    [...all, ...all, ...all].map((name) => outcome(writes[name](blob, { ifMatch }))),
  );
  expect(outcomes.filter((result) => result.startsWith('2'))).toHaveLength(1);
});

describe.each(creating)('%s with If-None-Match: *', (name) => {
  test('is refused with 409 where there is a blob', async () => {
    const blob = await newBlob(container);
    expect(await outcome(writes[name](blob, { ifNoneMatch: '*' }))).toBe('409 BlobAlreadyExists');
  });

  test('of twenty at once, one makes the blob', async () => {
    const blob = container.getBlockBlobClient(randomUUID());
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => outcome(writes[name](blob, { ifNoneMatch: '*' }))),
    );
    expect(outcomes.sort()).toEqual(['201', ...Array(19).fill('409 BlobAlreadyExists')]);
  });
});

test.each(['Put Blob', 'Put Block List'] as const)(
  '%s replaces content, type and metadata in one',
  async (name) => {
    const blob = await newBlob(container);
    const reply = {
      metadata: { state: 'Succeeded' },
      blobHTTPHeaders: { blobContentType: 'application/json', blobContentDisposition: 'attachment' },
    };
    if (name === 'Put Block List') await blob.stageBlock('AAAA', 'reply', 5);
    await (name === 'Put Blob' ? blob.upload('reply', 5, reply) : blob.commitBlockList(['AAAA'], reply));
    const got = await blob.download();
    expect(got).toMatchObject({
      contentType: 'application/json',
      contentDisposition: 'attachment',
      contentLength: 5,
      metadata: { state: 'Succeeded' },
    });
  },
);

test('Set Blob Metadata changes the ETag, replaces all metadata and nothing else', async () => {
  const blob = await newBlob(container);
  const before = await blob.getProperties();
  const { etag } = await blob.setMetadata({ attempt: '2' });
  const after = await blob.getProperties();
  expect(after.etag).toBe(etag);
  expect(after.etag).not.toBe(before.etag);
  expect(after).toMatchObject({ metadata: { attempt: '2' }, contentType: 'text/csv', contentLength: 7 });
  expect(String(await blob.downloadToBuffer())).toBe('request');
});

test('a range is read only while the ETag stands', async () => {
  const blob = await newBlob(container);
  const ifMatch = await etagOf(blob);
  const part = await blob.download(2, 3, { conditions: { ifMatch } });
  expect(part.contentRange).toBe('bytes 2-4/7');
  await blob.setMetadata({});
  expect(await outcome(blob.download(2, 3, { conditions: { ifMatch } }))).toBe('412 ConditionNotMet');
});

test('a range that begins behind the content is refused', async () => {
  const blob = await newBlob(container);
  expect(await outcome(blob.download(8, 1))).toBe('416 InvalidRange');
  // Azure is expected to refuse the first byte behind the content too; not tried there.
  expect(await outcome(blob.download(7, 1))).toBe('206');
});
