/** What a caller sends to get into headers, logs or other callers' way. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { StorageProxy } from '../../dev/storage-proxy.ts';
import { eventually } from '../support/eventually.ts';
import { type FunctionApp, startAppBehindProxy } from '../support/function-app.ts';
import { expectNoSecrets, noteSecret } from '../support/secrets.ts';
import { ask, JSON_TYPE, newUpload, post, problemOf, startDelay, startedBy, untilEnded } from './api.ts';

let proxy: StorageProxy;
let app: FunctionApp;
let key: string;

beforeAll(async () => {
  ({ app, proxy } = await startAppBehindProxy({
    auth: true,
  }));
  key = app.host.keys?.host ?? '';
  await untilEnded(app, startedBy(await start('')));
});

afterAll(() => app.stop());

const start = (query: string, headers: Record<string, string> = {}) =>
  post(app, `delay${query}`, '{"seconds":0}', { ...JSON_TYPE, 'x-functions-key': key, ...headers });

describe('a line break in the query', () => {
  const BREAK = '%0d%0aset-cookie:%20a=b';

  test.each(['reply=stream', 'pending=200', 'wait=1'])('after ?%s is refused', async (query) => {
    const answer = await start(`?${query}${BREAK}`);
    problemOf(answer, 400, 'query-invalid');
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  test('beside the dialect gets into no header', async () => {
    const answer = await start(`?reply=stream&other${BREAK}`);
    startedBy(answer);
    expect(JSON.stringify([...answer.headers])).not.toMatch(/set-cookie|other|%0d/i);
  });
});

test('no id, key or SAS gets into the log, whatever becomes of its job', async () => {
  const keyed = { 'idempotency-key': '"secret-of-the-client"' };
  const job = startedBy(await start(`?code=${key}`, keyed));
  await untilEnded(app, job);
  const reply = await ask(app, 'GET', job.location);
  expect(reply.status).toBe(302);
  const upload = await newUpload(app, { headers: { 'x-functions-key': key } });
  expect((await start(`?upload=${upload.id}`)).status).toBe(404);
  // Errors of storage name the URL that was asked.
  proxy.intercept({ on: 'Get Blob Properties', fault: 'reset', times: 3 });
  problemOf(await ask(app, 'GET', job.location), 503, 'storage-unavailable');
  await app.logged(/request unserved/);
  expect((await ask(app, 'DELETE', `/api/jobs/${job.id}`)).status).toBe(204);
  await app.logged(/job deleted/);

  const log = app.lines.join('\n');
  expect(log).toContain(job.ref);
  for (const secret of [job.id, upload.id, key, 'secret-of-the-client', 'sig=', 'AccountKey']) {
    expect(log).not.toContain(secret);
  }
});

test('no content gets into the log, however it fails', async () => {
  const secret = 'content-of-the-client';
  noteSecret('content', secret);
  const send = (operation: string, body: string, type = 'application/json') =>
    post(app, operation, body, { 'content-type': type, 'x-functions-key': key });
  const refused = [
    await send('delay', `{"seconds":"${secret}"}`),
    await send('delay', `{"${secret}`),
    await send('delay', `{"${secret}":"${secret}"}`),
    await send('delay', '{"seconds":0}', `text/${secret}`),
    await send(`csv-profile?format=${secret}`, 'a', 'text/csv'),
  ];
  expect(refused.map(({ status }) => status)).toEqual([400, 400, 400, 415, 400]);
  for (const job of [
    startedBy(await send('csv-profile', `${secret},b\n"${secret}`, 'text/csv')),
    startedBy(await send('image-renditions', secret.repeat(100), 'image/png')),
  ]) {
    expect((await untilEnded(app, job)).status).toBe('Failed');
    await app.logged(new RegExp(`job failed .*${job.ref}`));
  }
  expectNoSecrets('The log', app.lines);
});

test('bodies that come slowly hold up nobody, and leave nothing where they break off', async () => {
  const { hostname, port } = new URL(app.url);
  const head =
    `POST /api/operations/csv-profile HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: text/csv\r\n` +
    `x-functions-key: ${key}\r\nContent-Length: 1000000\r\n\r\na`;
  const slow = await Promise.all(
    Array.from({ length: 100 }, async (): Promise<Socket> => {
      const socket = connect(Number(port), hostname).on('error', () => {});
      await once(socket, 'connect');
      socket.write(head);
      return socket;
    }),
  );
  const began = performance.now();
  const job = await startDelay(app, { seconds: 0 }, '', { 'x-functions-key': key });
  await untilEnded(app, job);
  expect(performance.now() - began).toBeLessThan(10_000);

  const puts = () => proxy.calls.filter(({ operation }) => /^Put Bl/.test(operation)).length;
  const before = puts();
  for (const socket of slow) socket.destroy();
  await eventually(
    () => app.lines.filter((line) => /start-operation' \(Succeeded/.test(line)).length >= slow.length,
  );
  expect(puts()).toBe(before);
});
