/**
 * 1 GB through the app: an upload that a job copies into its reply, the reply through the app, and 100 MiB posted. Beside each a plain copy
 * by the SDK, with the app's block size and as many blocks at once, in a process that does nothing else. Storage is on disk.
 */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { BlobServiceClient, BlockBlobClient, type ContainerClient } from '@azure/storage-blob';
import type { UploadUrl } from '../../src/client/upload.ts';
import { BLOCK_BYTES } from '../../src/jobs/blocks.ts';
import { startAzurite } from '../azurite.ts';
import type { Bench, BenchContext } from './bench.ts';
import { type BenchHost, startBenchHost } from './bench-host.ts';
import { buildCopyingApp } from './copying-app.ts';
import type { Figure } from './figure.ts';
import { without } from './sides.ts';

const ROUNDS = 3;
const JOB_BYTES = 1_000_000_000;
const POST_BYTES = 100 * 1024 * 1024;
const QUICK_BYTES = 16_000_000;
const BLOCKS_AT_ONCE = 3;
const CHUNK = Buffer.alloc(65_536, 'sixteen bytes..\n');

export const gigabyte: Bench = {
  name: 'gigabyte',
  title: '1 GB in and out, beside a plain copy by the SDK',
  floorName: 'plain copy',
  run: measure,
};

interface Places {
  readonly host: BenchHost;
  /** Of the bench's own. */
  readonly container: ContainerClient;
}

async function measure(context: BenchContext): Promise<readonly Figure[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bench-gigabyte-'));
  const azurite = await startAzurite({ dataDir });
  let host: BenchHost | undefined;
  try {
    host = await startBenchHost({
      entry: buildCopyingApp(),
      settings: {
        AzureWebJobsStorage: azurite.connectionString,
        AZURE_FUNCTIONS_ENVIRONMENT: 'Production',
        // What is posted is only kept; who waits for a job has it run without the queue.
        ...without('run-job'),
      },
    });
    const service = BlobServiceClient.fromConnectionString(azurite.connectionString);
    const container = service.getContainerClient('bench');
    await container.create();
    return await rounds(context, { host, container });
  } finally {
    await host?.stop();
    await azurite.stop();
    rmSync(dataDir, { recursive: true });
  }
}

async function rounds({ isQuick, say }: BenchContext, { host, container }: Places): Promise<Figure[]> {
  const jobBytes = isQuick ? QUICK_BYTES : JOB_BYTES;
  const postBytes = isQuick ? QUICK_BYTES : POST_BYTES;
  const upload = await uploaded(host, jobBytes);
  const original = container.getBlockBlobClient('original');
  await sent(original, jobBytes);

  const copies = new Rates(jobBytes);
  const posts = new Rates(postBytes);
  const replies = new Rates(jobBytes);
  for (let round = 0; round < (isQuick ? 1 : ROUNDS); round++) {
    say(`round ${round + 1}`);
    let reply = { url: '', replyUrl: '' };
    await copies.inTurns(
      round,
      async () => {
        reply = await copied(host, upload);
      },
      async () => {
        const { readableStreamBody } = await original.download();
        await stored(container.getBlockBlobClient('copy'), readableStreamBody as Readable);
      },
    );
    await posts.inTurns(
      round,
      () => posted(host, postBytes),
      () => sent(container.getBlockBlobClient('posted'), postBytes),
    );
    await replies.inTurns(
      round,
      () => read(`${reply.url}?reply=stream`, jobBytes),
      () => read(reply.replyUrl, jobBytes),
    );
  }
  const megabytes = (bytes: number) => (bytes >= 1e9 ? '1 GB' : `${Math.round(bytes / 1_048_576)} MiB`);
  const peakMB = peakOf(host.workerPid);
  return [
    {
      name: `job of ${megabytes(jobBytes)}, an upload copied into the reply`,
      unit: 'MB/s',
      ...copies.values,
    },
    { name: `${megabytes(postBytes)} posted`, unit: 'MB/s', ...posts.values },
    { name: `reply of ${megabytes(jobBytes)}, ?reply=stream`, unit: 'MB/s', ...replies.values },
    ...(peakMB === undefined ? [] : [{ name: 'most memory of the worker', unit: 'MB', ours: [peakMB] }]),
  ];
}

class Rates {
  readonly values = { ours: [] as number[], floor: [] as number[] };
  readonly #bytes: number;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  async inTurns(round: number, ours: () => Promise<unknown>, floor: () => Promise<unknown>): Promise<void> {
    const sides = [['ours', ours] as const, ['floor', floor] as const];
    for (const [side, copy] of round % 2 === 0 ? sides : sides.toReversed()) {
      const beganMs = performance.now();
      await copy();
      this.values[side].push(this.#bytes / 1000 / (performance.now() - beganMs));
    }
  }
}

function* chunksOf(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= CHUNK.length) yield CHUNK.subarray(0, left);
}

const bytesOf = (bytes: number) => Readable.from(chunksOf(bytes), { objectMode: false });
const sent = (blob: BlockBlobClient, bytes: number) => stored(blob, bytesOf(bytes));
const stored = (blob: BlockBlobClient, content: Readable) =>
  blob.uploadStream(content, BLOCK_BYTES, BLOCKS_AT_ONCE, {
    blobHTTPHeaders: { blobContentType: 'application/octet-stream' },
  });

/** By the URL that the app gives, as any client does: the app sees none of it. */
async function uploaded(host: BenchHost, bytes: number): Promise<string> {
  const { id, uploadUrl } = JSON.parse(await ask('POST', `${host.url}/api/uploads`)) as UploadUrl;
  await sent(new BlockBlobClient(uploadUrl), bytes);
  return id;
}

/** Starts a job of that upload and waits for its end. Returns its URL and that of its reply in storage. */
async function copied(host: BenchHost, upload: string): Promise<{ url: string; replyUrl: string }> {
  let answer = await ask('POST', `${host.url}/api/operations/copy?upload=${upload}&reply=link&wait=30`);
  for (;;) {
    const { id, status, replyUrl } = JSON.parse(answer) as { id: string; status: string; replyUrl?: string };
    const url = `${host.url}/api/jobs/${id}`;
    if (replyUrl !== undefined) return { url, replyUrl };
    if (status === 'Failed') throw new Error(`The job has failed: ${answer}`);
    answer = await ask('GET', `${url}?reply=link&wait=30`);
  }
}

/** A request that is kept, and not worked on: as a stream of that length. */
async function posted(host: BenchHost, bytes: number): Promise<void> {
  const headers = { 'content-type': 'application/octet-stream', 'content-length': String(bytes) };
  await ask('POST', `${host.url}/api/operations/copy`, headers, bytesOf(bytes));
}

async function read(url: string, bytes: number): Promise<void> {
  let length = 0;
  for await (const chunk of await answerTo('GET', url)) length += (chunk as Buffer).length;
  if (length !== bytes) throw new Error(`${length} bytes were read where there are ${bytes}.`);
}

async function ask(...question: Parameters<typeof answerTo>): Promise<string> {
  return await text(await answerTo(...question));
}

/** @throws {Error} naming an answer that is none of success */
async function answerTo(
  method: 'GET' | 'POST',
  url: string,
  headers: Record<string, string> = {},
  body = Readable.from([]),
): Promise<IncomingMessage> {
  const asking = request(url, { method, headers });
  const [[answer]] = await Promise.all([
    once(asking, 'response') as Promise<[IncomingMessage]>,
    pipeline(body, asking),
  ]);
  const { statusCode = 0 } = answer;
  if (statusCode >= 300) throw new Error(`${method} ${new URL(url).pathname} answered ${statusCode}.`);
  return answer;
}

/** Linux alone keeps the peak of a process where others can read it. */
function peakOf(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  return (Number(/VmHWM:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024) / 1e6;
}
