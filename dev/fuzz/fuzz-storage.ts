/** What a stranger with access to the storage account may leave there: foreign messages, and metadata edited by hand. */
import { isUtf8 } from 'node:buffer';
import type { ContainerClient } from '@azure/storage-blob';
import type { QueueClient } from '@azure/storage-queue';
import fc from 'fast-check';
import type { Finding } from './run-inputs.ts';

/** Far beyond what a busy machine takes. */
const HANG_MS = 60_000;

const ref = fc.oneof(
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
  fc.constantFrom('', '..', 'x', '../app-secrets/x', '\u0000', '__proto__'),
);
const message = fc.oneof(
  fc.json({ maxDepth: 3 }),
  fc
    .record({
      job: ref,
      attempt: fc.constantFrom<unknown>(1, 0, -1, 1.5, '1', null, 1e300, {}),
      traceparent: fc.constantFrom<unknown>(
        'x',
        1,
        '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      ),
    })
    .map((value) => JSON.stringify(value)),
  fc.record({ job: ref, attempt: fc.constant(1) }).map((value) => JSON.stringify(value).slice(0, -5)),
  fc.string({ unit: 'binary', maxLength: 100 }),
);

/** A message's text as it lies in the queue: mostly Base64, as the trigger expects it. */
export const queueInputs: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: message.map((text) => Buffer.from(text).toString('base64')) },
  { weight: 1, arbitrary: message.map((text) => text.replaceAll(/[^\t\n\x20-\x7e]/g, '?')) },
  {
    weight: 1,
    arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  },
);

/** Whether the host hands such a text to a handler at all. */
export function isDecodable(text: string): boolean {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text && isUtf8(bytes);
}

export async function sendMessage(queue: QueueClient, text: string): Promise<Finding> {
  await queue.sendMessage(text === '' ? ' ' : text);
  return undefined;
}

const ascii = fc.string({ maxLength: 80 }).map((text) => text.replaceAll(/[^\x20-\x7e]/g, '').trim());
const value = fc.oneof(
  fc.constantFrom(
    '0',
    '1',
    '2',
    '-1',
    '99999999999',
    '1e9',
    'NaN',
    'null',
    '{}',
    '[]',
    '""',
    '{"code":"x","status":200,"detail":"y"}',
    '{"code":1}',
    '2026-13-45T00:00:00Z',
    '9999-12-31T23:59:59Z',
    '1970-01-01T00:00:00Z',
    'true',
  ),
  ascii,
);
const state = fc.constantFrom(
  'Pending',
  'Succeeded',
  'Failed',
  'Canceled',
  'pending',
  '__proto__',
  'Running',
);
const name = fc.constantFrom(
  'v',
  'attempt',
  'limit',
  'created',
  'retention',
  'params',
  'token',
  'waiting',
  'recovered',
  'notbefore',
  'started',
  'percent',
  'message',
  'problem',
  'fingerprint',
  'upload',
  'engine',
  'x',
);

/** A job's blob as its metadata may have been edited. */
export const metadataInputs: fc.Arbitrary<Record<string, string>> = fc
  .tuple(
    fc.option(state),
    fc.option(fc.constantFrom('delay', 'csv-profile', 'gone', '')),
    fc.dictionary(name, value, { maxKeys: 8 }),
  )
  .map(([ofState, operation, others]) => ({
    ...Object.fromEntries(Object.entries(others).filter(([, text]) => text !== '')),
    ...(ofState !== null && { state: ofState }),
    ...(operation !== null && operation !== '' && { operation }),
  }));

/** Lays such a blob, asks the app for it in every way an operator can, and takes it away again. */
export async function editMetadata(
  jobs: ContainerClient,
  origin: string,
  metadata: Record<string, string>,
): Promise<Finding> {
  const blobRef = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');
  const blob = jobs.getBlockBlobClient(blobRef);
  await blob.upload('{"seconds":0}', 13, {
    metadata,
    blobHTTPHeaders: { blobContentType: 'application/json' },
  });
  try {
    for (const [method, end] of [
      ['GET', ''],
      ['POST', '/retry'],
      ['POST', '/cancel'],
      ['DELETE', ''],
    ] as const) {
      const signal = AbortSignal.timeout(HANG_MS);
      let answer: Response;
      let body: string;
      try {
        answer = await fetch(`${origin}/api/operator/jobs/${blobRef}${end}`, { method, signal });
        body = await answer.text();
      } catch (error) {
        return `${method} …${end}: ${signal.aborted ? `no answer in ${HANG_MS / 1000} s` : error}`;
      }
      const isNewer = answer.status === 503 && body.includes('job-newer');
      if (answer.status >= 500 && !isNewer)
        return `${method} …${end}: ${answer.status} ${body.slice(0, 300)}`;
    }
    return undefined;
  } finally {
    await blob.deleteIfExists();
  }
}
