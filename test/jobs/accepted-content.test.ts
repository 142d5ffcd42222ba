/** What acceptance reads of an upload, before it answers. */
import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { acceptContent } from '../../src/jobs/accepted-content.ts';
import { StorageUnavailable } from '../../src/jobs/errors.ts';
import type { Upload } from '../../src/jobs/ports.ts';
import { operation } from '../../src/operations/operation.ts';

test('an upload of JSON whose connection breaks again and again: storage is unavailable, and the start can be repeated', async () => {
  const upload: Upload = {
    ref: 'upload',
    etag: '"1"',
    contentType: 'application/json',
    sizeBytes: 2,
    updatedAt: new Date(0),
    observedAt: new Date(0),
  };
  const never = () => Promise.reject(new Error('not in this test'));
  const broken = () => new Readable({ read: (_) => undefined }).destroy(new Error('ECONNRESET'));
  const uploads = { look: async () => upload, open: async () => broken(), list: never, delete: never };
  const started = acceptContent(
    { uploads, maxRequestBytes: 100, uploadRetentionSeconds: 100 },
    operation({
      name: 'work',
      summary: 'Takes JSON.',
      accepts: { 'application/json': z.object({}) },
      run: () => ({ json: {} }),
    }),
    { contentType: undefined, contentLength: undefined, body: Readable.from([]), upload: upload.ref },
  );
  await expect(started).rejects.toBeInstanceOf(StorageUnavailable);
});
