/** More work than MAX_BACKLOG: refused with the time when there will be room, and taken again by then. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { StorageProxy } from '../../dev/storage-proxy.ts';
import { eventually } from '../support/eventually.ts';
import { type FunctionApp, startAppBehindProxy } from '../support/function-app.ts';
import { ask, JSON_TYPE, post, problemOf, retryAfterOf, startDelay, startedBy, untilEnded } from './api.ts';

const MAX_BACKLOG = 4;
const WORK = { seconds: 2 };
const KEYED = { ...JSON_TYPE, 'idempotency-key': '"order-42"' };

let proxy: StorageProxy;
let app: FunctionApp;

beforeAll(async () => {
  ({ app, proxy } = await startAppBehindProxy({
    settings: {
      MAX_BACKLOG: String(MAX_BACKLOG),
      // One after the other: a backlog that drains at a known pace.
      AzureFunctionsJobHost__extensions__queues__batchSize: '1',
      AzureFunctionsJobHost__extensions__queues__newBatchThreshold: '0',
    },
  }));
});

afterAll(() => app.stop());

const start = (request: unknown = WORK, headers: Record<string, string> = JSON_TYPE) =>
  post(app, 'delay', JSON.stringify(request), headers);
/** Jobs ever put; their replies go to the same blobs. */
const jobCount = () =>
  new Set(
    proxy.calls.flatMap(({ operation, path }) =>
      operation === 'Put Blob' && /\/jobs\//.test(path) ? path : [],
    ),
  ).size;
const counts = () => proxy.count('Get Queue Metadata');

test('a start beyond the limit: 429 with Retry-After, nothing kept; a repeat of one that was accepted: 202', async () => {
  const keyed = startedBy(await start(WORK, KEYED));
  for (let i = 1; i < MAX_BACKLOG; i += 1) startedBy(await start());
  const jobs = jobCount();

  const refused = await Promise.all(Array.from({ length: 10 }, () => start()));
  for (const answer of refused) {
    problemOf(answer, 429, 'backlog-full');
    expect(retryAfterOf(answer)).toBeLessThanOrEqual(60);
  }
  problemOf(await start(WORK, { ...JSON_TYPE, 'idempotency-key': '"another"' }), 429, 'backlog-full');
  expect(startedBy(await start(WORK, KEYED)).id).toBe(keyed.id);
  expect(jobCount()).toBe(jobs);
  // One count for all of them.
  expect(counts()).toBe(1);
  // What the request itself is refused for comes first.
  problemOf(await post(app, 'none', '{}'), 404, 'operation-unknown');
});

test('there is room as soon as the queue has drained; polls ask storage for no count', async () => {
  const last = startedBy(await eventually(async () => acceptedOr(await start()), { timeoutMs: 20_000 }));
  const counted = counts();
  await untilEnded(app, last);
  expect(counts()).toBe(counted);
  expect(counted).toBeLessThanOrEqual(5);
});

test('a poll of a job that waits its turn is told of what is before it', async () => {
  // Counted twice with work done between, the pace is known.
  await eventually(async () => acceptedOr(await start()), { timeoutMs: 20_000 });
  const waiting = await eventually(
    async () => {
      const answer = acceptedOr(await start());
      return answer && retryAfterOf(answer) >= 3 && startedBy(answer);
    },
    { timeoutMs: 20_000 },
  );
  expect(retryAfterOf(await ask(app, 'GET', waiting.location))).toBeGreaterThanOrEqual(2);
  await ask(app, 'DELETE', waiting.location);
});

test('storage that cannot count refuses nobody', async () => {
  const tries = 3;
  await eventually(
    async () => {
      const failing = proxy.intercept({ on: 'Get Queue Metadata', fault: 'refuse', times: tries });
      const before = counts();
      const answer = await start({ seconds: 0 });
      failing.remove();
      return counts() > before && startedBy(answer);
    },
    { timeoutMs: 20_000, intervalMs: 500 },
  );
  await app.logged(/backlog unknown: nothing is refused for it/);
  expect((await startDelay(app, { seconds: 0 })).id).toMatch(/^[\w-]{22}$/);
});

/** The answer to a start; false where there was no room for it. */
function acceptedOr(answer: Awaited<ReturnType<typeof start>>) {
  return answer.status !== 429 && answer;
}
