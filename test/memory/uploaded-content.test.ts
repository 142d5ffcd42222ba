/**
 * A CSV that was uploaded is profiled in flat memory, whatever its size. `UPLOAD_BYTES=1000000000` takes 1 GB; the size here is
 * enough for a copy held in memory to show. Storage is on disk, so that only the app's own memory is tried.
 */
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Azurite, startAzurite } from '../../dev/azurite.ts';
import { ask, documentOf, type NewUpload, newUpload, post, startedBy } from '../contract/api.ts';
import { eventually } from '../support/eventually.ts';
import { type FunctionApp, startFunctionApp } from '../support/function-app.ts';
import { MAPPING_NO_TRACES } from '../support/live-heap.ts';
import { trackProcess } from '../support/processes.ts';

const UPLOAD_BYTES = Number(process.env.UPLOAD_BYTES ?? 100_000_000);
const BLOCK_BYTES = 10_000_000;
const MOST_RESIDENT_MB = 300;
const LIMIT_MS = 60_000 + UPLOAD_BYTES / 1000;

let folder: string;
let azurite: Azurite;
let app: FunctionApp;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'uploaded-content-'));
  azurite = await startAzurite({ dataDir: folder });
  await trackProcess(azurite.pid, 'Azurite of uploaded-content.test.ts');
  app = await startFunctionApp({
    connectionString: azurite.connectionString,
    settings: { NODE_OPTIONS: MAPPING_NO_TRACES },
  });
});

afterAll(async () => {
  await app?.stop();
  await azurite.stop();
  await rm(folder, { recursive: true });
});

/** Linux alone keeps the peak of a process where others can read it. */
async function peakMB(): Promise<number | undefined> {
  if (process.platform !== 'linux') return undefined;
  const status = await readFile(`/proc/${app.host.workerPid}/status`, 'utf8');
  return (Number(/VmHWM:\s*(\d+) kB/.exec(status)?.[1]) * 1024) / 1_000_000;
}

const HEADER = 'number,city,when,amount\n';
const ROWS = Array.from(
  { length: 20_000 },
  (_, index) =>
    `${index},"Town, ${index % 997}",2026-0${(index % 9) + 1}-1${index % 9},${(index * 1.37).toFixed(2)}\n`,
).join('');

/** Uploads blocks of whole rows until there are so many bytes; a block is streamed, never held. */
async function uploadRows({ uploadUrl }: NewUpload): Promise<{ rows: number; bytes: number }> {
  const rowsAtOnce = Math.floor(BLOCK_BYTES / ROWS.length);
  const ids: string[] = [];
  let rows = 0;
  let bytes = 0;
  while (bytes < UPLOAD_BYTES) {
    const head = ids.length === 0 ? HEADER : '';
    const id = Buffer.from(`rows-${String(ids.length).padStart(4, '0')}`).toString('base64');
    const length = head.length + rowsAtOnce * ROWS.length;
    await put(`${uploadUrl}&comp=block&blockid=${encodeURIComponent(id)}`, length, [
      head,
      ...Array.from({ length: rowsAtOnce }, () => ROWS),
    ]);
    ids.push(id);
    rows += rowsAtOnce * 20_000;
    bytes += length;
  }
  const list = `<BlockList>${ids.map((id) => `<Latest>${id}</Latest>`).join('')}</BlockList>`;
  await put(`${uploadUrl}&comp=blocklist`, list.length, [list], { 'x-ms-blob-content-type': 'text/csv' });
  return { rows, bytes };
}

async function put(url: string, length: number, parts: string[], headers = {}): Promise<void> {
  const sending = request(url, { method: 'PUT', headers: { ...headers, 'content-length': length } });
  const answered = once(sending, 'response');
  await pipeline(Readable.from(parts.filter(Boolean)), sending);
  const [answer] = await answered;
  answer.resume();
  expect(answer.statusCode).toBe(201);
}

test(
  `a CSV of ${UPLOAD_BYTES / 1_000_000} MB by upload is profiled with the worker under ${MOST_RESIDENT_MB} MB`,
  async () => {
    const upload = await newUpload(app);
    const { rows, bytes } = await uploadRows(upload);
    const job = startedBy(await post(app, `csv-profile?upload=${upload.id}`, undefined));
    const began = performance.now();
    const ended = await eventually(
      async () => {
        const document = documentOf(await ask(app, 'GET', job.monitor));
        return ['Succeeded', 'Failed'].includes(document.status) && document;
      },
      { timeoutMs: LIMIT_MS, intervalMs: 200 },
    );
    expect(ended).toMatchObject({ status: 'Succeeded' });
    const seconds = (performance.now() - began) / 1000;
    const profile = JSON.parse((await ask(app, 'GET', `${job.location}?reply=stream`)).text);
    expect(profile).toMatchObject({ rows, bytes, ragged: 0 });
    const peak = await peakMB();
    process.stdout.write(
      `${bytes / 1e6} MB in ${seconds.toFixed(1)} s, worker's peak ${peak?.toFixed(0)} MB\n`,
    );
    if (peak !== undefined) expect(peak).toBeLessThan(MOST_RESIDENT_MB);
  },
  LIMIT_MS,
);
