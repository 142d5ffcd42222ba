/** A reply that is replaced while it is streamed, as where its job is deleted and its key starts another: never a mixture. */
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import { streamReply } from '../../src/http/stream-reply.ts';
import { ConditionLost } from '../../src/jobs/errors.ts';
import type { JobStore } from '../../src/jobs/ports.ts';
import { jobOf } from './jobs.ts';
import { requestOf } from './requests.ts';

const SEEN = jobOf({ state: 'Succeeded', etag: '"seen"', sizeBytes: 10 });
const REPLACED = { ...SEEN, etag: '"another"' };
const LOG = { info() {}, warn() {}, error() {} };

const stream = (takeRange: JobStore['takeRange']) =>
  streamReply({ takeRange }, SEEN, requestOf(`/api/jobs/x?reply=stream`), undefined, LOG);

test('between the look at its job and its first byte: nothing of the other is sent', async () => {
  const replaced = stream(async (_ref, _range, etag) => {
    if (etag === SEEN.etag) throw new ConditionLost('Get Blob');
    return { job: REPLACED, content: Readable.from([Buffer.from('other text')]) };
  });
  await expect(replaced).rejects.toBeInstanceOf(ConditionLost);
});

test('while the connection to storage is broken: the stream breaks off', async () => {
  const half = async function* () {
    yield Buffer.from('first');
    throw new Error('ECONNRESET');
  };
  const other = Readable.from([Buffer.from(' text')]);
  const { body } = await stream(async (_ref, { offset }) =>
    offset === 0 ? { job: SEEN, content: Readable.from(half()) } : { job: REPLACED, content: other },
  );
  await expect(text(Readable.from(body as AsyncIterable<Uint8Array>))).rejects.toThrow('gone');
  expect(other.destroyed).toBe(true);
});
