/** A SAS on the emulator, which speaks http. */
import { BlobSASPermissions, type BlockBlobClient, SASProtocol } from '@azure/storage-blob';
import { beforeAll, expect, test } from '@jest/globals';
import { takeStorageAccount } from '../storage-account.ts';
import { newBlob, newContainer } from './blobs.ts';

let blob: BlockBlobClient;

beforeAll(async () => {
  blob = await newBlob(await newContainer((await takeStorageAccount()).connectionString));
});

const urlFor = (protocol: SASProtocol) =>
  blob.generateSasUrl({
    permissions: BlobSASPermissions.parse('r'),
    expiresOn: new Date(Date.now() + 60_000),
    protocol,
    contentType: 'application/json',
    contentDisposition: 'attachment; filename="reply.json"',
  });

test('for https and http lets read, with the headers it names', async () => {
  const response = await fetch(await urlFor(SASProtocol.HttpsAndHttp));
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="reply.json"');
  expect(await response.text()).toBe('request');
});

test('to read does not write', async () => {
  const response = await fetch(await urlFor(SASProtocol.HttpsAndHttp), {
    method: 'PUT',
    body: 'other',
    headers: { 'x-ms-blob-type': 'BlockBlob' },
  });
  expect(response.status).toBe(403);
});

test('for https alone is refused over http', async () => {
  expect((await fetch(await urlFor(SASProtocol.Https))).status).toBe(403);
});
