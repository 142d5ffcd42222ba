/** Waiting where not all is well: storage that does not answer, clients that leave, more waiters than are held. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { StorageProxy } from '../../dev/storage-proxy.ts';
import { eventually } from '../support/eventually.ts';
import { type FunctionApp, startAppBehindProxy } from '../support/function-app.ts';
import { ask, JSON_TYPE, post, type StartedJob, startDelay, startedBy, untilEnded } from './api.ts';

const MAX_WAITERS = 2;
/** The SDK makes three tries of a call. */
const TRIES = 3;

let proxy: StorageProxy;
let app: FunctionApp;

beforeAll(async () => {
  ({ app, proxy } = await startAppBehindProxy({
    settings: { MAX_WAITERS: String(MAX_WAITERS) },
  }));
  // What is made or read once, at start, is not to meet the faults.
  await untilEnded(app, await startDelay(app, { seconds: 0 }));
});

afterAll(() => app.stop());

const start = (request: unknown, query: string) =>
  post(app, `delay${query}`, JSON.stringify(request), JSON_TYPE);
const remove = ({ id }: StartedJob) => ask(app, 'DELETE', `/api/jobs/${id}`);

// Longer than a second: the look around its claim is not to use up one of the refusals.
test('storage fails a read of the wait: an accepted start is answered 202, and its job goes on', async () => {
  proxy.intercept({ on: 'Get Blob Properties', fault: 'refuse', times: TRIES });
  const job = startedBy(await start({ seconds: 3 }, '?wait=20'));
  await app.logged(new RegExp(`wait broken off .*"ref":"${job.ref}"`));
  expect((await untilEnded(app, job)).status).toBe('Succeeded');
});

test('storage fails a read of a poll that waits: 202 as well', async () => {
  const job = await startDelay(app, { seconds: 60 });
  let looks = 0;
  proxy.intercept({
    on: ({ operation }) => operation === 'Get Blob Properties' && ++looks > 1,
    fault: 'refuse',
    times: TRIES,
  });
  expect((await ask(app, 'GET', `${job.location}?wait=20`)).status).toBe(202);
  await remove(job);
});

test('the reply cannot be had once the wait is over: 202, and the reply later', async () => {
  // The reply's: on the fast path the attempt reads no request.
  proxy.intercept({ on: 'Get Blob', fault: 'refuse', times: TRIES });
  const job = startedBy(await start({ seconds: 0 }, '?wait=20&reply=stream'));
  await app.logged(new RegExp(`wait broken off .*"ref":"${job.ref}"`));
  const reply = await ask(app, 'GET', job.location);
  expect(JSON.parse(reply.text)).toMatchObject({ ref: job.ref });
});

test('beyond MAX_WAITERS the plain 202 comes at once; a client that leaves makes room', async () => {
  const job = await startDelay(app, { seconds: 60 });
  proxy.reset();
  const leaving = new AbortController();
  const held = Array.from({ length: MAX_WAITERS }, () =>
    fetch(`${job.location}?wait=30`, { signal: leaving.signal }).catch(() => 'left'),
  );
  // Each poll reads once before it waits, and whoever waits reads again.
  await eventually(() => proxy.count('Get Blob Properties') > MAX_WAITERS);

  const began = performance.now();
  const beyond = await ask(app, 'GET', `${job.location}?wait=20`);
  expect(beyond.status).toBe(202);
  startedBy(await start({ seconds: 0 }, '?wait=20'));
  expect(performance.now() - began).toBeLessThan(5000);

  leaving.abort();
  expect(await Promise.all(held)).toEqual(Array(MAX_WAITERS).fill('left'));
  await eventually(async () => (await start({ seconds: 0 }, '?wait=20')).status === 303);
  await remove(job);
});

test('with its last waiter gone a job is read no more', async () => {
  const job = await startDelay(app, { seconds: 60 });
  const reads = () => proxy.calls.filter(({ method, path }) => method === 'HEAD' && path.includes(job.ref));
  const leaving = new AbortController();
  const held = fetch(`${job.location}?wait=30`, { signal: leaving.signal }).catch(() => 'left');
  await eventually(() => reads().length > 2);
  leaving.abort();
  await held;
  // The app learns of it a moment later. A wait that went on would read every 750 ms at least.
  const { length } = await eventually(async () => {
    const before = reads();
    expect((await start({ seconds: 0.8 }, '?wait=20')).status).toBe(303);
    return reads().length === before.length && before;
  });
  expect(length).toBeLessThan(10);
  await remove(job);
});
