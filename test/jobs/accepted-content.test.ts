/** What acceptance reads of a request before it answers, and how much. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { acceptContent, type IncomingContent } from '../../src/jobs/accepted-content.ts';
import { StorageUnavailable } from '../../src/jobs/errors.ts';
import type { UploadStore } from '../../src/jobs/ports.ts';
import { operation, stream } from '../../src/operations/operation.ts';

const MOST_BYTES = 100;
const never = () => Promise.reject(new Error('not in this test'));
const NO_UPLOADS: UploadStore = { look: never, open: never, list: never, delete: never };

const work = operation({
  name: 'work',
  summary: 'Takes JSON, or text.',
  accepts: { 'application/json': z.object({}), 'text/plain': stream },
  run: () => ({ json: {} }),
});

function accepted(incoming: Partial<IncomingContent>, uploads = NO_UPLOADS) {
  return acceptContent({ uploads, maxRequestBytes: MOST_BYTES, uploadRetentionSeconds: 100 }, work, {
    contentType: 'text/plain',
    contentLength: undefined,
    body: Readable.from([]),
    ...incoming,
  });
}

async function contentOf(body: Buffer): Promise<Buffer> {
  const { chunks } = await accepted({ body: Readable.from([body]) });
  return await buffer(Readable.from(chunks));
}

test('a body as long as the limit is taken, and one of a byte more is not', async () => {
  expect(await contentOf(Buffer.alloc(MOST_BYTES))).toHaveLength(MOST_BYTES);
  await expect(contentOf(Buffer.alloc(MOST_BYTES + 1))).rejects.toMatchObject({ code: 'request-too-large' });
});

test('one that is too long by its own account is refused, and nothing of it read', async () => {
  const body = Readable.from([Buffer.from('the request')]);
  const refused = accepted({ contentLength: MOST_BYTES + 1, body });
  await expect(refused).rejects.toMatchObject({ code: 'request-too-large' });
  expect(body.readableDidRead).toBe(false);
});

test('the connection to an upload of JSON breaks again and again: storage is unavailable, and the start can be repeated', async () => {
  const upload = {
    ref: 'upload',
    etag: '"1"',
    contentType: 'application/json',
    sizeBytes: 2,
    updatedAt: new Date(0),
    observedAt: new Date(0),
  };
  const broken = () => new Readable({ read: () => undefined }).destroy(new Error('ECONNRESET'));
  const uploads = { ...NO_UPLOADS, look: async () => upload, open: async () => broken() };
  await expect(accepted({ upload: upload.ref }, uploads)).rejects.toBeInstanceOf(StorageUnavailable);
});
