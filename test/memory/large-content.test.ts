/**
 * Requests and replies of any size in flat memory: 100 MiB in, 1 GB out by redirect and through the app, to a client that
 * stops reading for ten seconds. Storage is on disk, so that only the app's own memory is tried.
 */
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Azurite, startAzurite } from '../../dev/azurite.ts';
import { ask, post, type StartedJob, startDelay, startedBy, untilEnded } from '../contract/api.ts';
import { type FunctionApp, startFunctionApp } from '../support/function-app.ts';
import { MAPPING_NO_TRACES } from '../support/live-heap.ts';
import { trackProcess } from '../support/processes.ts';

const MIB = 1024 * 1024;
const REQUEST_BYTES = 100 * MIB;
const REPLY_BYTES = 1_000_000_000;
const PAUSE_AFTER_BYTES = 50_000_000;
const PAUSE_MS = 10_000;
const MOST_RESIDENT_MIB = 300;

let folder: string;
let azurite: Azurite;
let app: FunctionApp;
let bigReply: StartedJob;
const peaks: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'large-content-'));
  azurite = await startAzurite({ dataDir: folder });
  await trackProcess(azurite.pid, 'Azurite of large-content.test.ts');
  app = await startFunctionApp({
    connectionString: azurite.connectionString,
    settings: { NODE_OPTIONS: MAPPING_NO_TRACES },
  });
});

afterAll(async () => {
  await app.stop();
  await azurite.stop();
  await rm(folder, { recursive: true });
  process.stdout.write(`Most resident memory of the worker so far: ${peaks.join('; ')}\n`);
});

/** Linux alone keeps the peak of a process where others can read it. */
async function expectFlatMemory(after: string): Promise<void> {
  if (process.platform !== 'linux') return;
  const status = await readFile(`/proc/${app.host.workerPid}/status`, 'utf8');
  const peakMiB = Number(/VmHWM:\s*(\d+) kB/.exec(status)?.[1]) / 1024;
  peaks.push(`${Math.round(peakMiB)} MiB after ${after}`);
  expect(peakMiB).toBeLessThan(MOST_RESIDENT_MIB);
}

test('a request of 100 MiB, chunked, is accepted and worked on', async () => {
  const rows = Buffer.from('12,some text\n'.repeat(10_000));
  const header = Buffer.from('number,text\n');
  const rowsBytes = REQUEST_BYTES - header.length;
  const body = ReadableStream.from(
    (function* () {
      yield header;
      for (let sent = 0; sent < rowsBytes; sent += rows.length) yield rows.subarray(0, rowsBytes - sent);
    })(),
  );
  const job = startedBy(await post(app, 'csv-profile', body, { 'content-type': 'text/csv' }));
  await expectFlatMemory('a request of 100 MiB');
  await app.logged(/job succeeded.*csv-profile/);
  expect(await untilEnded(app, job)).toMatchObject({ status: 'Succeeded' });
  const profile = JSON.parse((await ask(app, 'GET', `${job.location}?reply=stream`)).text);
  expect(profile).toMatchObject({ bytes: REQUEST_BYTES, columns: [{ name: 'number' }, { name: 'text' }] });
  await expectFlatMemory('its work');
}, 120_000);

test('a reply of 1 GB is published', async () => {
  bigReply = await startDelay(app, { seconds: 0, replyBytes: REPLY_BYTES });
  await app.logged(new RegExp(`succeeded.*${REPLY_BYTES}`));
  expect(await untilEnded(app, bigReply)).toMatchObject({ status: 'Succeeded' });
  await expectFlatMemory('publishing 1 GB');
}, 180_000);

/** Reads the whole reply as a client that stops for ten seconds early on; every byte is looked at. */
async function readSlowly(url: string): Promise<{ bytes: number; isRight: boolean }> {
  const [response] = (await once(get(url), 'response')) as [IncomingMessage];
  expect(response.statusCode).toBe(200);
  const pattern = Buffer.from(Uint8Array.from({ length: MIB }, (_, index) => index % 256));
  let bytes = 0;
  let isRight = true;
  let hasPaused = false;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    const from = bytes % 256;
    isRight &&= chunk.equals(pattern.subarray(from, from + chunk.length));
    bytes += chunk.length;
    if (!hasPaused && bytes > PAUSE_AFTER_BYTES) {
      hasPaused = true;
      await delay(PAUSE_MS);
      await expectFlatMemory('ten seconds without reading');
    }
  }
  return { bytes, isRight };
}

test('and fetched through the app and by redirect at once, by clients that stop reading', async () => {
  const { location } = bigReply;
  const redirect = (await ask(app, 'GET', location)).headers.get('location') ?? '';
  const whole = { bytes: REPLY_BYTES, isRight: true };
  expect(await Promise.all([readSlowly(`${location}?reply=stream`), readSlowly(redirect)])).toEqual([
    whole,
    whole,
  ]);
  await expectFlatMemory('1 GB read');
}, 240_000);
