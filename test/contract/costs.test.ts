/** What a job and a poll cost in storage transactions, counted by a proxy between the app and its storage. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type StorageProxy, startStorageProxy } from '../../dev/storage-proxy.ts';
import { eventually } from '../support/eventually.ts';
import { type FunctionApp, startFunctionApp } from '../support/function-app.ts';
import { takeStorageAccount } from '../support/storage-account.ts';
import { ask, startDelay, untilEnded } from './api.ts';

let proxy: StorageProxy;
let app: FunctionApp;

beforeAll(async () => {
  const storage = await takeStorageAccount();
  proxy = await startStorageProxy(storage);
  app = await startFunctionApp({
    connectionString: storage.connectionString,
    appConnectionString: proxy.connectionStringOf(storage.account),
  });
  // Containers and queues are made once, at start.
  await untilEnded(app, await startDelay(app, { seconds: 0 }));
});

afterAll(async () => {
  await app.stop();
  await proxy.stop();
});

/** Looking for messages goes on whether there are jobs or not. */
const counted = () => proxy.calls.map(({ operation }) => operation).filter((name) => name !== 'Get Messages');

test('a short job costs five transactions beside its share of a dequeue', async () => {
  proxy.reset();
  await startDelay(app, { seconds: 0 });
  await eventually(async () => counted().includes('Delete Message'), {
    timeoutMs: 10_000,
    intervalMs: 20,
  });
  expect(counted()).toEqual(['Put Blob', 'Put Message', 'Get Blob', 'Put Blob', 'Delete Message']);
});

test('a poll costs one, its SAS included', async () => {
  const job = await startDelay(app, { seconds: 0 });
  await untilEnded(app, job);
  await eventually(async () => counted().at(-1) !== 'Put Blob', {
    timeoutMs: 5000,
    intervalMs: 20,
  });
  proxy.reset();
  expect((await ask(app, 'GET', job.location)).status).toBe(302);
  expect(counted().filter((name) => name !== 'Delete Message')).toEqual(['Get Blob Properties']);
});
