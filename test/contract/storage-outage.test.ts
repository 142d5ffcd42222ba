/**
 * Storage is gone for a while, in three ways, one after the other: it says nothing, it refuses, it cuts connections. Many clients
 * submit and poll all the time, as `Retry-After` tells them to. `npm run outage` is the long form: 60 s, 200 clients.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { StorageProxy } from '../../dev/storage-proxy.ts';
import { eventually } from '../support/eventually.ts';
import { type FunctionApp, startAppBehindProxy } from '../support/function-app.ts';
import { liveHeapMiB, measuredWithin } from '../support/live-heap.ts';
import { testOn } from '../support/platform.ts';
import { mostResidentMiB, residentMiB } from '../support/resident-memory.ts';
import { JSON_TYPE } from './api.ts';
import { keyFor } from './app-under-test.ts';

const isFull = process.env.STORAGE_OUTAGE === 'full';
const CLIENTS = isFull ? 200 : 40;
const OUTAGE_SECONDS = isFull ? 60 : 9;
const BEFORE_SECONDS = isFull ? 15 : 5;
const AFTER_SECONDS = isFull ? 25 : 12;
/** The app alone takes a quarter of it; a leak would end the process. */
const HEAP_MIB = 128;
/** What the app may hold more than before, its garbage collected. */
const GROWTH_MIB = 8;
/** The longest `Retry-After` that there is, and a try. */
const LONGEST_PAUSE_MS = 35_000;
const NORMAL_WITHIN_MS = 10_000;
/** Callers give up a try after so long; beyond that it is this machine that is slow. */
const ANSWER_WITHIN_MS = 3000;

let proxy: StorageProxy;
let app: FunctionApp;

beforeAll(async () => {
  ({ app, proxy } = await startAppBehindProxy({
    settings: {
      NODE_OPTIONS: measuredWithin(HEAP_MIB),
      // What fails in a short outage comes back soon after it.
      ...(!isFull && { AzureFunctionsJobHost__extensions__queues__visibilityTimeout: '00:00:05' }),
    },
  }));
});

afterAll(() => app.stop());

interface Exchange {
  readonly client: number;
  readonly beganMs: number;
  readonly tookMs: number;
  readonly status: number;
}

const exchanges: Exchange[] = [];
const accepted = new Set<string>();
const ended = new Map<string, number>();
let isSubmitting = true;

async function exchange(client: number, method: string, url: string) {
  const beganMs = performance.now();
  const body = method === 'POST' ? { body: '{"seconds":0.2}' } : {};
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: { ...JSON_TYPE, ...keyFor(app, method, new URL(url)) },
    ...body,
  });
  await response.arrayBuffer();
  const { status, headers } = response;
  exchanges.push({ client, beganMs, tookMs: performance.now() - beganMs, status });
  const retryAfter = headers.get('retry-after');
  if (status === 503) expect(retryAfter).toMatch(/^[1-9]\d*$/);
  return { status, location: headers.get('location') ?? '', pauseMs: Number(retryAfter ?? 0) * 1000 };
}

/** Submits a job, polls it until it ends, submits the next. */
async function client(number: number): Promise<void> {
  while (isSubmitting) {
    const started = await exchange(number, 'POST', `${app.url}/api/operations/delay`);
    await delay(started.pauseMs);
    if (started.status !== 202) continue;
    accepted.add(started.location);
    while (!ended.has(started.location)) {
      const { status, pauseMs } = await exchange(number, 'GET', started.location);
      if (status !== 202 && status !== 503) ended.set(started.location, status);
      else await delay(pauseMs);
    }
  }
}

const refusals = (sinceMs = 0) =>
  exchanges.filter(({ status, beganMs }) => status === 503 && beganMs >= sinceMs);
const refusedClients = (sinceMs: number) => new Set(refusals(sinceMs).map(({ client }) => client)).size;

/**
 * Takes storage away, each way for a third of the time, the last until every client was refused once the outage was known: one that
 * was told to wait just before comes late. Resolves, when storage has been given back, with the live heap at the end of the outage.
 */
async function outage(knownMs: number): Promise<number> {
  const released = Promise.withResolvers<void>();
  let heapMiB = Number.NaN;
  const always = { on: () => true, times: Number.POSITIVE_INFINITY };
  for (const way of [
    { before: () => released.promise },
    { fault: 'refuse' as const },
    { fault: 'reset' as const },
  ]) {
    const interception = proxy.intercept({ ...always, ...way });
    await delay((OUTAGE_SECONDS * 1000) / 3);
    if (way.fault === 'reset') {
      await eventually(() => refusedClients(knownMs) === CLIENTS, { timeoutMs: LONGEST_PAUSE_MS });
      heapMiB = await liveHeapMiB(app);
    }
    interception.remove();
  }
  released.resolve();
  return heapMiB;
}

const quantile = (values: readonly number[], share: number) =>
  Math.round(values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN);
const spread = (some: readonly Exchange[]) => {
  const tookMs = some.map((each) => each.tookMs);
  return {
    count: some.length,
    p50: quantile(tookMs, 0.5),
    p99: quantile(tookMs, 0.99),
    most: quantile(tookMs, 1),
  };
};

testOn(
  'linux',
  'it reads /proc',
  `an outage of ${OUTAGE_SECONDS} s under ${CLIENTS} clients: fast 503s, flat memory, nothing lost, soon over`,
  async () => {
    const { workerPid } = app.host;
    const clients = Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
    const before = await mostResidentMiB(workerPid, delay(BEFORE_SECONDS * 1000));
    const heapBefore = await liveHeapMiB(app);
    const goneMs = performance.now();
    const knownMs = goneMs + ANSWER_WITHIN_MS + 1000;
    const during = await mostResidentMiB(workerPid, outage(knownMs));
    const backMs = performance.now();
    const after = await mostResidentMiB(workerPid, delay(AFTER_SECONDS * 1000));
    isSubmitting = false;
    await clients;
    const heapAtEnd = await liveHeapMiB(app);
    const atEnd = residentMiB(workerPid);

    const refused = refusals();
    const lastRefusedMs = Math.max(...refused.map(({ beganMs, tookMs }) => beganMs + tookMs));
    const figures = {
      'answered before, ms': spread(exchanges.filter(({ beganMs }) => beganMs < goneMs - 3000)),
      '503s, ms': spread(refused),
      'of these once it was known, ms': spread(refusals(knownMs)),
      'seconds after its return until the last 503': (lastRefusedMs - backMs) / 1000,
      'answered from 10 s after on, ms': spread(
        exchanges.filter(({ beganMs }) => beganMs > backMs + NORMAL_WITHIN_MS),
      ),
      'accepted, ended': [accepted.size, ended.size],
      'resident MiB at most before, during, after; at the end': [
        before.mib,
        during.mib,
        after.mib,
        atEnd,
      ].map(Math.round),
      'live heap, MiB: before, as it ends, at the end': [heapBefore, during.result, heapAtEnd].map((mib) =>
        mib.toFixed(1),
      ),
    };
    console.info(JSON.stringify(figures, null, 1));

    expect(new Set(exchanges.map(({ status }) => status))).toEqual(new Set([202, 302, 503]));
    const slowMs = 1000 + figures['answered before, ms'].most;
    expect(figures['of these once it was known, ms'].p99).toBeLessThan(slowMs);
    expect(figures['503s, ms'].p99).toBeLessThan(ANSWER_WITHIN_MS + slowMs);
    expect(lastRefusedMs - backMs).toBeLessThan(NORMAL_WITHIN_MS);
    expect(new Set(ended.values())).toEqual(new Set([302]));
    expect(ended.size).toBe(accepted.size);
    expect(Math.max(during.result, heapAtEnd)).toBeLessThan(heapBefore + GROWTH_MIB);
    // Garbage included, as much as V8 may keep of it; at the end without.
    expect(Math.max(during.mib, after.mib)).toBeLessThan(before.mib + HEAP_MIB);
    expect(atEnd).toBeLessThan(before.mib + HEAP_MIB / 4);
  },
  300_000,
);
