/**
 * What a job whose caller waits costs in storage transactions, its caller's reads included: on the fast path, and by the queue of an
 * app that is otherwise the same. Counted by proxies.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import counts from '../../dev/cost/counts.json' with { type: 'json' };
import { hidingsAnew } from '../../dev/cost/design-cost.ts';
import { usageOnFastPath } from '../../dev/cost/polling.ts';
import type { StorageProxy } from '../../dev/storage-proxy.ts';
import { type DelayRequest, JSON_TYPE, post, startDelay } from '../contract/api.ts';
import { type FunctionApp, startAppBehindProxy } from '../support/function-app.ts';

type Counted = { readonly app: FunctionApp; readonly proxy: StorageProxy };

/** Longer than a message of the fast path stays hidden at first, by which time it has been hidden anew. */
const LONG_SECONDS = 22;
const WAIT_SECONDS = 30;
const LIMIT_MS = 60_000;

let fast: Counted;
let slow: Counted;

beforeAll(async () => {
  [fast, slow] = await Promise.all([
    startAppBehindProxy(),
    startAppBehindProxy({ settings: { FAST_PATH: 'false' } }),
  ]);
  // Containers and queues are made once, at start.
  for (const { app, proxy } of [fast, slow]) await done(proxy, () => startDelay(app, { seconds: 0 }));
});

afterAll(() => Promise.all([fast, slow].map(({ app }) => app.stop())));

/** Resolves once the job's message has been deleted: the last thing that it costs. */
async function done<T>(proxy: StorageProxy, start: () => Promise<T>): Promise<T> {
  const deleted = proxy.intercept({ on: 'Delete Message' });
  const answer = await start();
  await deleted.met;
  return answer;
}

/** The host looks for messages whether there are jobs or not. */
async function costOf({ app, proxy }: Counted, request: DelayRequest) {
  proxy.reset();
  const answer = await done(proxy, () =>
    post(app, `delay?wait=${WAIT_SECONDS}&reply=link`, JSON.stringify(request), JSON_TYPE),
  );
  expect(answer.status).toBe(200);
  const { 'Get Messages': _, ...calls } = proxy.tally();
  return { calls, sum: Object.values(calls).reduce((all, count) => all + count, 0) };
}

test('a short job on the fast path costs five, its answer included: one less than by the queue', async () => {
  const first = await costOf(fast, { seconds: 0 });
  // Whether the queue is behind is looked up once in 5 s at most.
  expect(first.calls).toEqual({
    'Put Blob': 2,
    'Put Message': 1,
    'Get Blob Properties': 1,
    'Delete Message': 1,
    'Peek Messages': 1,
  });
  const next = await costOf(fast, { seconds: 0 });
  const byQueue = await costOf(slow, { seconds: 0 });
  expect(next.sum).toBe(5);
  // What docs/cost.md reckons with.
  expect(next.calls).toEqual({
    ...counts.oursOnFastPath.job,
    'Get Blob Properties': usageOnFastPath(0, WAIT_SECONDS).waitReads,
  });
  expect(byQueue.calls).toMatchObject({
    'Put Blob': 2,
    'Put Message': 1,
    'Get Blob': 1,
    'Delete Message': 1,
  });
  expect(byQueue.sum).toBeGreaterThanOrEqual(6);
});

test(
  'a long job on the fast path costs no more than by the queue: its message is hidden anew once',
  async () => {
    const request = { seconds: LONG_SECONDS };
    const [onFastPath, byQueue] = await Promise.all([costOf(fast, request), costOf(slow, request)]);
    process.stdout.write(`${JSON.stringify({ onFastPath, byQueue })}\n`);
    expect(hidingsAnew(LONG_SECONDS)).toBe(1);
    expect(onFastPath.calls).toMatchObject({ 'Update Message': 1, 'Delete Message': 1, 'Put Message': 1 });
    // docs/cost.md reckons with reads that take no time, and a job that takes no longer than its work; the host reads for its timers.
    const { waitReads } = usageOnFastPath(LONG_SECONDS, WAIT_SECONDS);
    const reads = onFastPath.calls['Get Blob Properties'];
    expect(reads).toBeGreaterThan(waitReads * 0.8);
    expect(reads).toBeLessThan(waitReads * 1.2);
    expect(onFastPath.calls).not.toHaveProperty('Get Blob');
    expect(onFastPath.sum).toBeLessThanOrEqual(byQueue.sum);
  },
  LIMIT_MS,
);
