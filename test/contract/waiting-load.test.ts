/**
 * Many who wait at once. Two instances share the work and all clients wait at the first: of the jobs that it runs itself it
 * hears the end, those of the other it sees only by reading. Short, unless WAITING_LOAD=full; prints its figures.
 */
import { once } from 'node:events';
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { StorageProxy } from '../../dev/storage-proxy.ts';
import { type FunctionApp, startAppBehindProxy } from '../support/function-app.ts';
import { liveHeapMiB, measuredWithin } from '../support/live-heap.ts';
import { testOn } from '../support/platform.ts';
import { mostResidentMiB, residentMiB } from '../support/resident-memory.ts';
import { type TestStorageAccount, takeStorageAccount } from '../support/storage-account.ts';
import { ask, JSON_TYPE, startDelay } from './api.ts';
import { keyFor, urlAt } from './app-under-test.ts';

const isFull = process.env.WAITING_LOAD === 'full';
const CLIENTS = isFull ? 200 : 40;
const JOB_SECONDS = isFull ? 5 : 2;
const BEYOND = isFull ? 2000 : 150;
/** The default of MAX_WAITERS. */
const MAX_WAITERS = 250;
/** What V8 may keep: left to itself it would let garbage lie, and a leak would not show. 2,000 polls at once take over 128. */
const HEAP_MIB = isFull ? 256 : 64;
/** What the app may hold more after a second round, its garbage collected. */
const GROWTH_MIB = 8;

interface Instance {
  readonly app: FunctionApp;
  /** Its own way to storage: shows which instance did what. */
  readonly proxy: StorageProxy;
  /** When each job that it ran was written to have ended. */
  readonly ends: ReadonlyMap<string, number>;
}

let waitedAt: Instance;
let helping: Instance;

beforeAll(async () => {
  const storage = await takeStorageAccount();
  [waitedAt, helping] = await Promise.all([startInstance(storage), startInstance(storage)]);
}, 60_000);

afterAll(async () => {
  for (const { app } of [waitedAt, helping]) await app.stop();
});

async function startInstance(storage: TestStorageAccount): Promise<Instance> {
  const settings = {
    MAX_WAIT_SECONDS: '120',
    NODE_OPTIONS: measuredWithin(HEAP_MIB),
    // Small batches, so that both get their share; as many at once as there are.
    AzureFunctionsJobHost__extensions__queues__batchSize: '4',
    AzureFunctionsJobHost__extensions__queues__newBatchThreshold: String(CLIENTS),
  };
  const { app, proxy } = await startAppBehindProxy({ settings }, storage);
  const ends = new Map<string, number>();
  const known = new Set<string>();
  proxy.intercept({
    // The first Put Blob of a job that was accepted here is its request's. That of a reply comes after it, or after a Get Blob.
    on: ({ operation, path }) => {
      const isKnown = known.has(refIn(path));
      if (['Get Blob', 'Put Blob'].includes(operation)) known.add(refIn(path));
      return isKnown && operation === 'Put Blob';
    },
    after: ({ path }) => ends.set(refIn(path), performance.now()),
    times: Number.POSITIVE_INFINITY,
  });
  return { app, proxy, ends };
}

const refIn = (path: string) => /\/jobs\/([\w-]{43})/.exec(path)?.[1] ?? '';
const many = <T>(count: number, one: () => Promise<T>) => Promise.all(Array.from({ length: count }, one));
const quantile = (values: readonly number[], share: number) =>
  Math.round(values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN);

/**
 * Without the checks of `ask`, which would take longer than what is measured, and each by a connection of its own: one that
 * is kept may be closed as it is used again.
 */
async function answerTo(
  url: string | URL,
  { body, ...options }: Pick<RequestOptions, 'method' | 'headers'> & { readonly body?: string } = {},
): Promise<{ status: number; location: string }> {
  const asked = request(url, { ...options, agent: false });
  asked.end(body);
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.resume();
  return { status: answer.statusCode ?? 0, location: answer.headers.location ?? '' };
}

/** Starts jobs and waits for each by the same request. */
const startAndWait = () =>
  many(CLIENTS, async () => {
    const url = urlAt(waitedAt.app, '/api/operations/delay?wait=20');
    const { status, location } = await answerTo(url, {
      method: 'POST',
      headers: { ...JSON_TYPE, ...keyFor(waitedAt.app, 'POST', url) },
      body: JSON.stringify({ seconds: JOB_SECONDS }),
    });
    const answeredMs = performance.now();
    expect(status).toBe(303);
    return { ref: refIn(location), answeredMs };
  });

/** Polls that do not wait, one after the other while something goes on: they show the machine's own delay. */
async function pollsDuring(location: string, work: Promise<unknown>) {
  let isOver = false;
  const over = work.finally(() => {
    isOver = true;
  });
  const polls: { beganMs: number; tookMs: number }[] = [];
  while (!isOver) {
    const beganMs = performance.now();
    await answerTo(location);
    polls.push({ beganMs, tookMs: performance.now() - beganMs });
  }
  await over;
  return polls;
}

testOn(
  'linux',
  'it reads /proc',
  `${CLIENTS} clients that wait for ${CLIENTS} jobs of ${JOB_SECONDS} s: answered within 1 s of the end, in flat memory`,
  async () => {
    const polled = await startDelay(waitedAt.app, { seconds: 0 });
    const { workerPid } = waitedAt.app.host;
    const first = await mostResidentMiB(workerPid, startAndWait());
    const beforeMiB = residentMiB(workerPid);
    const heapBefore = await liveHeapMiB(waitedAt.app);
    const callsBefore = waitedAt.proxy.calls.length;
    const round = startAndWait();
    const [{ mib, result }, polls] = await Promise.all([
      mostResidentMiB(workerPid, round),
      pollsDuring(polled.location, round),
    ]);
    const heapAfter = await liveHeapMiB(waitedAt.app);
    const reads = waitedAt.proxy.calls
      .slice(callsBefore)
      .filter(({ operation, path }) => operation === 'Get Blob Properties' && refIn(path) !== polled.ref);

    const lateMs = ({ ends }: Instance) =>
      result.flatMap(({ ref, answeredMs }) => (ends.has(ref) ? answeredMs - (ends.get(ref) ?? 0) : []));
    const [own, others] = [lateMs(waitedAt), lateMs(helping)];
    const firstEndMs = Math.min(
      ...result.map(({ ref }) => waitedAt.ends.get(ref) ?? helping.ends.get(ref) ?? Number.NaN),
    );
    // Those before the first end share the app with all the starts.
    const slowestMs = Math.max(
      0,
      ...polls.flatMap(({ beganMs, tookMs }) => (beganMs >= firstEndMs ? tookMs : [])),
    );
    const figures = {
      'ended here, answered after ms': { jobs: own.length, p50: quantile(own, 0.5), most: quantile(own, 1) },
      'ended elsewhere': { jobs: others.length, p50: quantile(others, 0.5), most: quantile(others, 1) },
      'slowest poll at that time, ms': Math.round(slowestMs),
      'storage transactions per waiter': reads.length / CLIENTS,
      'MiB at most in a first round, before, at most': [first.mib, beforeMiB, mib].map(Math.round),
      'live heap before and after, MiB': [heapBefore, heapAfter].map((each) => each.toFixed(1)),
    };
    console.info(JSON.stringify(figures));

    expect(own.length + others.length).toBe(CLIENTS);
    expect(others.length).toBeGreaterThan(CLIENTS / 20);
    expect(Math.max(...own, ...others)).toBeLessThan(1000 + 2 * slowestMs);
    expect(mib).toBeLessThan(first.mib + 64);
    expect(heapAfter).toBeLessThan(heapBefore + GROWTH_MIB);
  },
  120_000,
);

test(`${BEYOND} more than MAX_WAITERS: 202 as fast as to a poll that does not wait, and those held stay held`, async () => {
  const job = await startDelay(waitedAt.app, { seconds: 200 });
  const poll = (query: string) => answerTo(`${job.location}${query}`);
  /** How long it takes until the last of many is answered. */
  const burst = async (query: string) => {
    const began = performance.now();
    const answers = await many(BEYOND, () => poll(query));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    return Math.round(performance.now() - began);
  };
  const plainMs = await burst('');
  const held = Array.from({ length: MAX_WAITERS + 1 }, () => poll('?wait=120'));
  // The one too many is answered when all the others are there.
  expect((await Promise.race(held)).status).toBe(202);
  const beyondMs = await burst('?wait=120');
  console.info(JSON.stringify({ 'ms for all, without wait': plainMs, 'beyond the limit': beyondMs }));
  expect(beyondMs).toBeLessThan(Math.max(3 * plainMs, 10_000));

  await ask(waitedAt.app, 'POST', `/api/jobs/${job.id}/cancel`);
  const statuses = (await Promise.all(held)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 410)).toHaveLength(MAX_WAITERS);
}, 180_000);
