/** `Idempotency-Key`: the same key and the same request are one job, however often and however many at once. */
import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { describeWithTool } from '../support/tool.ts';
import {
  type Answer,
  ask,
  documentOf,
  JSON_TYPE,
  post,
  problemOf,
  putUpload,
  startedBy,
  untilEnded,
  uploaded,
} from './api.ts';
import { readmeCommands, runCommand } from './readme-commands.ts';
import { useRunningApp } from './running-app.ts';

const app = useRunningApp();

const CSV_TYPE = { 'content-type': 'text/csv' };
const NOTHING = '{"seconds":0}';

/** A key that no other test, and no earlier run, has used. */
const newKey = () => `key ${randomUUID()}`;

function start(
  key: string,
  { operation = 'delay', body = NOTHING as string | Uint8Array | undefined, type = JSON_TYPE } = {},
): Promise<Answer> {
  return post(app(), operation, body, { ...type, 'idempotency-key': key });
}

test('the same key and request: 202 for the same job', async () => {
  const key = newKey();
  const first = startedBy(await start(key));
  const again = await start(key);
  expect(startedBy(again)).toEqual(first);
  expect(again.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  expect(first.id).toMatch(/^[A-Za-z0-9_-]{22}$/);
  expect(startedBy(await start(newKey())).id).not.toBe(first.id);
});

test('twelve at once: one job', async () => {
  const key = newKey();
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => start(key, { body: '{"seconds":0.2}' })),
  );
  const jobs = answers.map(startedBy);
  expect(new Set(jobs.map(({ id }) => id)).size).toBe(1);
  const [job] = jobs;
  if (job === undefined) throw new Error('nothing was started');
  expect(await untilEnded(app(), job)).toMatchObject({ status: 'Succeeded', attempt: 1 });
});

test('a key may be quoted or not', async () => {
  const key = newKey();
  const bare = startedBy(await start(key));
  expect(startedBy(await start(`"${key}"`))).toEqual(bare);
  const odd = startedBy(await start('"a \\"b\\" \\\\c"'));
  expect(startedBy(await start('a "b" \\c'))).toEqual(odd);
});

test.each([
  ['one character', 'k'],
  ['255 characters', 'k'.repeat(255)],
  ['255 characters in quotes', `"${'k'.repeat(255)}"`],
  ['printable ASCII', '!#$%&()*+,-./:;<=>?@[]^_`{|}~ 0aZ'],
])('a key of %s is taken', async (_, key) => {
  startedBy(await start(key));
});

test.each([
  ['nothing', ''],
  ['nothing in quotes', '""'],
  ['256 characters', 'k'.repeat(256)],
  ['256 characters in quotes', `"${'k'.repeat(256)}"`],
  ['an open quote', '"abc'],
  ['a quote in quotes', '"a"b"'],
  ['an unknown escape', '"a\\n"'],
  ['two strings', '"a", "b"'],
  ['a string with parameters', '"a";b=1'],
  ['a control character', 'a\tb'],
  ['more than ASCII', 'schlüssel'],
])('400 to a key of %s', async (_, key) => {
  problemOf(await start(key), 400, 'idempotency-key-malformed');
});

test('the dialect is chosen anew by each start, and makes no other request', async () => {
  const key = newKey();
  const first = startedBy(await start(key));
  const again = startedBy(await start(key, { operation: 'delay?pending=200&reply=link' }));
  expect(again.id).toBe(first.id);
  expect(new URL(again.location).search).toBe('?pending=200&reply=link');
});

test('a job that has ended is told of as it is', async () => {
  const key = newKey();
  const job = startedBy(await start(key));
  await untilEnded(app(), job);
  const again = await start(key);
  expect(startedBy(again)).toEqual(job);
  expect(documentOf(again)).toMatchObject({ status: 'Succeeded', completedAt: expect.any(String) });
  expect(documentOf(await ask(app(), 'GET', job.monitor)).attempt).toBe(1);
});

test('so is one that failed, and one that was canceled', async () => {
  const failing = { body: '{"seconds":0,"outcome":"reject"}' };
  const failed = newKey();
  await untilEnded(app(), startedBy(await start(failed, failing)));
  expect(documentOf(await start(failed, failing))).toMatchObject({ status: 'Failed' });

  const long = { body: '{"seconds":60}' };
  const canceled = newKey();
  const job = startedBy(await start(canceled, long));
  expect((await ask(app(), 'POST', `/api/jobs/${job.id}/cancel`)).status).toBe(200);
  expect(documentOf(await start(canceled, long))).toMatchObject({ id: job.id, status: 'Canceled' });
});

test('?wait= holds a repeated start as it does the first', async () => {
  const key = newKey();
  const job = startedBy(await start(key));
  await untilEnded(app(), job);
  const again = await start(key, { operation: 'delay?wait=5' });
  expect(again.status).toBe(303);
  expect(await (await fetch(again.headers.get('location') ?? '')).json()).toMatchObject({ ref: job.ref });
});

test('422 to the same key with another request, and the job is as it was', async () => {
  const key = newKey();
  const request = { operation: 'csv-profile', body: 'a\n1\n', type: CSV_TYPE };
  const job = startedBy(await start(key, request));
  const ended = await untilEnded(app(), job);
  for (const other of [
    { ...request, body: 'a\n2\n' },
    { ...request, body: '' },
    { ...request, operation: 'csv-profile?format=html' },
    { ...request, type: { 'content-type': 'text/csv; header=present' } },
    {},
  ]) {
    problemOf(await start(key, other), 422, 'idempotency-key-reused');
  }
  expect(documentOf(await ask(app(), 'GET', job.monitor))).toEqual(ended);
  expect(startedBy(await start(key, request))).toEqual(job);
});

test('a request that is refused does not take the key', async () => {
  const key = newKey();
  problemOf(await start(key, { operation: 'nothing' }), 404, 'operation-unknown');
  problemOf(await start(key, { body: '{' }), 400, 'request-malformed');
  problemOf(await start(key, { type: CSV_TYPE }), 415, 'content-type-unsupported');
  startedBy(await start(key));
});

test('deleting a job forgets its key', async () => {
  const key = newKey();
  const job = startedBy(await start(key));
  await untilEnded(app(), job);
  expect((await ask(app(), 'DELETE', `/api/jobs/${job.id}`)).status).toBe(204);
  const other = { body: '{"seconds":0,"steps":2}' };
  const next = startedBy(await start(key, other));
  expect(await untilEnded(app(), next)).toMatchObject({ status: 'Succeeded' });
});

test('a request of several blocks is compared to its last byte', async () => {
  const key = newKey();
  const rows = (last: string) => Buffer.from(`number\n${'12345678\n'.repeat(600_000)}${last}\n`);
  const request = { operation: 'csv-profile', type: CSV_TYPE };
  const answers = await Promise.all([1, 2, 3].map(() => start(key, { ...request, body: rows('1') })));
  const [job, ...others] = answers.map(startedBy);
  if (job === undefined) throw new Error('nothing was started');
  for (const other of others) expect(other).toEqual(job);
  expect(await untilEnded(app(), job)).toMatchObject({ status: 'Succeeded' });
  problemOf(await start(key, { ...request, body: rows('2') }), 422, 'idempotency-key-reused');
  expect(startedBy(await start(key, { ...request, body: rows('1') }))).toEqual(job);
}, 60_000);

test('of an upload, which one it is and what it was count', async () => {
  const key = newKey();
  const upload = await uploaded(app(), 'a\n1\n', 'text/csv');
  const request = {
    operation: `csv-profile?upload=${upload.id}`,
    body: undefined,
    type: {} as typeof JSON_TYPE,
  };
  const job = startedBy(await start(key, request));
  expect(startedBy(await start(key, request))).toEqual(job);
  const twin = await uploaded(app(), 'a\n1\n', 'text/csv');
  const other = { ...request, operation: `csv-profile?upload=${twin.id}` };
  problemOf(await start(key, other), 422, 'idempotency-key-reused');
  expect(await untilEnded(app(), job)).toMatchObject({ status: 'Succeeded' });
  expect(await putUpload(upload, 'a\n1\n', 'text/csv')).toBe(201);
  problemOf(await start(key, request), 422, 'idempotency-key-reused');
});

describeWithTool('curl', 'with curl', () => {
  test('the command of the README, given twice, starts one job', async () => {
    const [command = '', ...more] = readmeCommands('Idempotency-Key');
    expect(more).toEqual([]);
    const [first, second] = [await runCommand(app(), command), await runCommand(app(), command)];
    const locationOf = (answer: string) => /^location: (\S+)/im.exec(answer)?.[1];
    expect(locationOf(first)).toMatch(/\/api\/jobs\//);
    expect(locationOf(second)).toBe(locationOf(first));
  });
});
