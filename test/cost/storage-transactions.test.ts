/**
 * What a job and a poll cost in storage transactions (rule 9 of docs/design.md, section 2), counted by a proxy between the
 * app with its host and their storage.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import counts from '../../dev/cost/counts.json' with { type: 'json' };
import type { StorageProxy } from '../../dev/storage-proxy.ts';
import { ask, post, type StartedJob, startDelay, startedBy } from '../contract/api.ts';
import { type FunctionApp, startAppBehindProxy } from '../support/function-app.ts';

let proxy: StorageProxy;
let app: FunctionApp;

beforeAll(async () => {
  ({ app, proxy } = await startAppBehindProxy());
  // Containers and queues are made once, at start.
  await done(() => startDelay(app, { seconds: 0 }));
});

afterAll(() => app.stop());

/** Resolves once the job's message has been deleted: the last thing that it costs. */
async function done(start: () => Promise<StartedJob>): Promise<StartedJob> {
  const deleted = proxy.intercept({ on: 'Delete Message' });
  const job = await start();
  await deleted.met;
  return job;
}

/** The host looks for messages whether there are jobs or not. */
const counted = () => proxy.calls.map(({ operation }) => operation).filter((name) => name !== 'Get Messages');

const SHORT_JOB = ['Put Blob', 'Put Message', 'Get Blob', 'Put Blob', 'Delete Message'];

test.each<[string, () => Promise<StartedJob>]>([
  ['JSON in and out', () => startDelay(app, { seconds: 0 })],
  ['a streamed reply that fits one block', () => startDelay(app, { seconds: 0, replyBytes: 4_000_000 })],
  [
    'a streamed request',
    async () => startedBy(await post(app, 'csv-profile', 'a,b\n1,2\n', { 'content-type': 'text/csv' })),
  ],
])('a short job costs five beside its share of a dequeue: %s', async (_, start) => {
  proxy.reset();
  await done(start);
  expect(counted()).toEqual(SHORT_JOB);
});

test('docs/cost.md reckons with these', () => {
  // Its share of a dequeue is one at most, where it comes alone.
  const { 'Get Messages': dequeues, ...job } = counts.ours.job;
  expect(dequeues).toBe(1);
  expect(
    Object.entries(job)
      .flatMap(([name, count]) => Array.from({ length: count }, () => name))
      .toSorted(),
  ).toEqual(SHORT_JOB.toSorted());
  expect(counts.ours.poll).toEqual({ 'Get Blob Properties': 1 });
});

test('a workflow of three activities costs ten: a look of each, the hand-over, the reading of the request', async () => {
  proxy.reset();
  const job = await done(async () => startedBy(await post(app, 'delay-workflow', '{"seconds":0}')));
  await app.logged(new RegExp(`job succeeded .*"ref":"${job.ref}"`));
  const looks = Array.from({ length: 3 }, () => 'Get Blob Properties');
  expect(counted().toSorted()).toEqual([...SHORT_JOB, 'Set Blob Metadata', 'Get Blob', ...looks].toSorted());
});

test('a poll costs one, its SAS included', async () => {
  const job = await done(() => startDelay(app, { seconds: 0 }));
  for (const [method, target, status] of [
    ['GET', job.location, 302],
    ['HEAD', job.location, 302],
    ['GET', `${job.location}?reply=link`, 200],
    ['GET', job.monitor, 200],
    ['GET', '/api/jobs/AAAAAAAAAAAAAAAAAAAAAA', 404],
  ] as const) {
    proxy.reset();
    expect((await ask(app, method, target)).status).toBe(status);
    expect(counted()).toEqual(['Get Blob Properties']);
  }
});

test('a poll of a job that is running costs one', async () => {
  const claimed = proxy.intercept({ on: 'Lease Blob: acquire' });
  const job = await startDelay(app, { seconds: 2 });
  await claimed.met;
  proxy.reset();
  expect((await ask(app, 'GET', job.location)).status).toBe(202);
  // The attempt may write its progress meanwhile; it never asks for properties.
  expect(proxy.count('Get Blob Properties')).toBe(1);
  expect(proxy.count('Get Blob')).toBe(0);
});

test('what is refused before its body is stored costs nothing', async () => {
  proxy.reset();
  expect((await post(app, 'delay', '{"seconds": -1}')).status).toBe(400);
  expect((await post(app, 'nothing-of-that-name', '{}')).status).toBe(404);
  expect((await ask(app, 'GET', '/api/jobs/malformed')).status).toBe(404);
  expect(counted()).toEqual([]);
});
