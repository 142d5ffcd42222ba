/**
 * How long from a request to its reply, by a caller who asks again and by one who waits, on an app that does nothing else and on
 * one that does. The floor is the job's storage calls one after the other, in one process, with no host and no queue to wait in.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { JOBS_CONTAINER } from '../../src/storage/names.ts';
import type { Bench, BenchContext } from './bench.ts';
import type { Figure } from './figure.ts';
import { askOnce, load } from './load.ts';
import { type Side, type Sides, withSides } from './sides.ts';
import { startJob } from './start-job.ts';

const JOBS = 9;
const ASK_EVERY_MS = 25;
const BUSY_CLIENTS = 4;
/** So that the listener of an idle app polls as seldom as it does when idle. */
const BETWEEN_MS = 700;

export const latency: Bench = {
  name: 'latency',
  title: 'From the request to its reply, a job of 0 s',
  async run(context) {
    const figures: Figure[] = [];
    for (const isFast of [true, false]) {
      const settings = { FAST_PATH: String(isFast) };
      figures.push(...(await withSides(context, settings, (sides) => measure(context, sides, isFast))));
    }
    return figures;
  },
};

async function measure({ isQuick, say }: BenchContext, sides: Sides, isFast: boolean): Promise<Figure[]> {
  const path = isFast ? 'fast path' : 'without it';
  const jobs = isQuick ? 1 : JOBS;
  const floorCalls = await storageCalls(sides.floor);
  for (let job = 0; job < jobs; job++) await Promise.all([byWaiting(sides.ours), floorCalls()]);

  const inTurns = async (
    by: string,
    ask: (side: Side) => Promise<number>,
    betweenMs: number,
  ): Promise<Figure> => {
    say(`${by}, ${path}`);
    const ours: number[] = [];
    const floor: number[] = [];
    for (let job = 0; job < jobs; job++) {
      floor.push(await floorCalls());
      ours.push(await ask(sides.ours));
      await sleep(betweenMs);
    }
    return { name: `${by}, ${path}`, unit: 'ms', ours, floor };
  };
  const figures = [await inTurns('waits, idle', byWaiting, BETWEEN_MS)];
  // Whoever polls goes by the queue in either case.
  if (!isFast) figures.push(await inTurns('polls, idle', byPolling, BETWEEN_MS));
  const stopped = new AbortController();
  const busy = keepBusy(sides.ours, stopped.signal);
  figures.push(await inTurns('waits, busy', byWaiting, 0));
  if (!isFast) figures.push(await inTurns('polls, busy', byPolling, 0));
  stopped.abort();
  await busy;
  return figures;
}

const start = ({ host }: Side, query: string, expects: number) =>
  askOnce(startJob(host.url, { query, expects }));

async function byWaiting(side: Side): Promise<number> {
  const beganMs = performance.now();
  await start(side, '?wait=30', 303);
  return performance.now() - beganMs;
}

async function byPolling(side: Side): Promise<number> {
  const beganMs = performance.now();
  const { location = '' } = await start(side, '', 202);
  while ((await askOnce({ method: 'GET', url: location, expects: [202, 302] })).status === 202) {
    await sleep(ASK_EVERY_MS);
  }
  return performance.now() - beganMs;
}

/** Clients who start short jobs one after the other, and do not wait. */
async function keepBusy({ host }: Side, stopped: AbortSignal): Promise<void> {
  const ask = startJob(host.url);
  while (!stopped.aborted) await load({ clients: BUSY_CLIENTS, seconds: 0.5, next: () => ask });
}

/** Milliseconds of Put Blob, Put Message, Get Messages, Get Blob, Put Blob and Get Blob Properties, after which the reply is known of. */
async function storageCalls({ connectionString }: Side): Promise<() => Promise<number>> {
  const jobs = BlobServiceClient.fromConnectionString(connectionString).getContainerClient(JOBS_CONTAINER);
  const queue = QueueServiceClient.fromConnectionString(connectionString).getQueueClient('in-sequence');
  await queue.createIfNotExists();
  const body = Buffer.from('{"seconds":0}');
  return async () => {
    const blob = jobs.getBlockBlobClient(randomBytes(32).toString('base64url'));
    const beganMs = performance.now();
    await blob.upload(body, body.length);
    await queue.sendMessage('x');
    const { receivedMessageItems } = await queue.receiveMessages({ visibilityTimeout: 600 });
    const { readableStreamBody } = await blob.download();
    for await (const _ of readableStreamBody ?? []);
    await blob.upload(body, body.length);
    await blob.getProperties();
    const tookMs = performance.now() - beganMs;
    for (const { messageId, popReceipt } of receivedMessageItems)
      await queue.deleteMessage(messageId, popReceipt);
    return tookMs;
  };
}
