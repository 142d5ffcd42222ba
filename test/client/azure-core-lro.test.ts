/**
 * The Azure SDKs' own poller on their own pipeline, its retries left on: by `Operation-Location`, as the SDKs prefer, and by
 * `Location` alone, as they do where a service has nothing else.
 */
import { createHash } from 'node:crypto';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startJob } from '../../samples/clients/azure-core-lro.ts';
import { type Forwarder, type Handling, startForwarder } from '../support/forwarder.ts';
import { useWatchedApp } from './watched-app.ts';

const MB = 1_000_000;
const app = useWatchedApp();

describe.each([
  ['Operation-Location', [], 200],
  ['Location alone', ['operation-location'], 20],
])('by %s', (_, takeOff, replyMb) => {
  let front: Forwarder;
  /** What the front does with polls, for tests that have it make a fault. */
  let poll: Handling = {};
  beforeAll(async () => {
    front = await startForwarder(
      () => Number(new URL(app().url).port),
      ({ method }) => ({ takeOff, ...(method === 'GET' && poll) }),
    );
  });
  afterAll(() => front.stop());

  const start = (request: object) =>
    startJob(`${front.url}/api/operations/delay?reply=stream`, JSON.stringify(request), {
      'content-type': 'application/json',
      'x-functions-key': app().key,
    });

  test('a job that succeeds: its reply', async () => {
    const reply = await start({ seconds: 0.1 });
    expect(await json(reply)).toMatchObject({ seconds: 0.1, attempt: 1 });
  });

  test('a job that fails: why', async () => {
    await expect(start({ seconds: 0, outcome: 'reject' }).pollUntilDone()).rejects.toThrow(
      'The request asked to be rejected.',
    );
  });

  test('a job that is canceled: that it was', async () => {
    const poller = start({ seconds: 60 });
    await poller.submitted();
    const { config } = JSON.parse(await poller.serialize()).state;
    const cancel = new URL(config.operationLocation);
    cancel.pathname = `${cancel.pathname.replace(/\/status$/, '')}/cancel`;
    expect((await fetch(cancel, { method: 'POST' })).status).toBe(200);
    await expect(poller.pollUntilDone()).rejects.toThrow(/canceled/);
  });

  test('a poll that meets a busy server: its own retry policy asks again', async () => {
    const poller = start({ seconds: 0 });
    await poller.submitted();
    poll = {
      get answer() {
        poll = {};
        return { status: 503, headers: { 'retry-after': '1' } };
      },
    };
    expect(await json(await poller)).toMatchObject({ attempt: 1 });
    expect(poll).toEqual({});
  });

  test(`a reply of ${replyMb} MB`, async () => {
    const reply = await start({ seconds: 0, replyBytes: replyMb * MB });
    const sha256 = createHash('sha256');
    let bytes = 0;
    for await (const chunk of reply) {
      sha256.update(chunk);
      bytes += chunk.length;
    }
    expect(bytes).toBe(replyMb * MB);
    expect(sha256.digest('hex')).toBe(sha256Of(replyMb * MB));
  }, 60_000);
});

/** Of what `delay` replies with: 0 to 255, again and again, begun anew every 64 KiB, which 256 divides. */
function sha256Of(count: number): string {
  const chunk = Uint8Array.from({ length: MB - (MB % 256) }, (_, index) => index % 256);
  const sha256 = createHash('sha256');
  for (let hashed = 0; hashed < count; hashed += chunk.length)
    sha256.update(chunk.subarray(0, count - hashed));
  return sha256.digest('hex');
}
