/** `POST /api/operations/{operation}`: what a start is answered. What a refused one leaves behind: refused-requests.test.ts. */
import { expect, test } from '@jest/globals';
import {
  ask,
  delayName,
  documentOf,
  JSON_TYPE,
  post,
  problemOf,
  retryAfterOf,
  startDelay,
  startedBy,
  untilEnded,
} from './api.ts';
import { pathAt } from './app-under-test.ts';
import { useRunningApp } from './running-app.ts';

const app = useRunningApp();

const RFC3339_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const delay = (request: unknown) => post(app(), delayName(), JSON.stringify(request));

test('202 says where and when to look, and shows the status document', async () => {
  const answer = await delay({ seconds: 0 });
  const job = startedBy(answer);
  expect(job.id).toMatch(/^[A-Za-z0-9_-]{22}$/);
  expect(job.ref).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(pathAt(app(), job.location)).toBe(`/api/jobs/${job.id}`);
  expect(new URL(job.location).search).toBe('');
  expect(job.monitor).toBe(`${job.location}/status`);
  retryAfterOf(answer);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const document = documentOf(answer);
  expect(document).toEqual({
    id: job.id,
    ref: job.ref,
    operation: delayName(),
    status: 'NotStarted',
    location: job.location,
    createdAt: expect.stringMatching(RFC3339_UTC),
    updatedAt: expect.stringMatching(RFC3339_UTC),
    attempt: 1,
  });
});

test('the status endpoint knows the job from the moment of the 202', async () => {
  const jobs = await Promise.all(Array.from({ length: 10 }, () => startDelay(app(), { seconds: 0 })));
  expect(new Set(jobs.map(({ id }) => id)).size).toBe(10);
  const answers = await Promise.all(jobs.map(({ location }) => ask(app(), 'GET', location)));
  for (const { status } of answers) expect([202, 302]).toContain(status);
});

test.each([
  ['?pending=404', '?pending=404'],
  ['?reply=link', '?reply=link'],
  ['?pending=200&reply=stream', '?pending=200&reply=stream'],
  ['?code=secret&wait=0&x=1&clientId=me', ''],
  ['?x=1&reply=stream&code=secret&pending=202', '?pending=202&reply=stream'],
])('of the query %s Location carries %j', async (query, carried) => {
  // An app that wants keys reads `code` as one, unless the key comes in its header; without keys it is noise.
  const answer = await post(app(), `${delayName()}${query}`, '{"seconds":0}');
  const job = startedBy(answer);
  expect(new URL(job.location).search).toBe(carried);
  expect(documentOf(answer).location).toBe(job.location);
  expect(new URL(job.monitor).search).toBe('');
  expect(answer.text).not.toContain('secret');
});

test('a chunked request, which announces no length, is taken whole', async () => {
  const stream = new Blob(['{"seconds"', ':0}']).stream();
  const job = startedBy(await post(app(), delayName(), stream));
  expect((await untilEnded(app(), job)).status).toBe('Succeeded');
});

test.each(['application/json; charset=utf-8', 'Application/JSON', 'application/json;charset="UTF-8";x=1'])(
  'content type %s is taken as JSON',
  async (contentType) => {
    startedBy(await post(app(), delayName(), '{"seconds":0}', { 'content-type': contentType }));
  },
);

test('content encoding identity is none', async () => {
  const headers = { ...JSON_TYPE, 'content-encoding': 'identity' };
  startedBy(await post(app(), delayName(), '{"seconds":0}', headers));
});

test.each([
  ['no JSON', '{"seconds":'],
  ['an empty body', ''],
  ['no UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
])('400 to %s', async (_, body) => {
  problemOf(await post(app(), delayName(), body), 400, 'request-malformed');
});

test('400 to a request against the schema names each fault by its pointer', async () => {
  const { errors } = problemOf(
    await delay({ seconds: -1, steps: 1.5, outcome: 'explode' }),
    400,
    'request-invalid',
  );
  expect(errors?.map(({ pointer }) => pointer).sort()).toEqual(['/outcome', '/seconds', '/steps']);
  for (const { detail } of errors ?? []) expect(detail).toMatch(/\S/);
});

test.each([
  [{}, '/seconds'],
  [{ seconds: 1, second: 1 }, ''],
  ['text', ''],
])('400 to %j points at %j', async (request, pointer) => {
  const { errors } = problemOf(await delay(request), 400, 'request-invalid');
  expect(errors?.map((error) => error.pointer)).toEqual([pointer]);
});

test.each([
  ['pending', '201'],
  ['pending', ''],
  ['reply', 'Stream'],
  ['reply', 'link&reply=stream'],
])('400 to ?%s=%s', async (name, value) => {
  const { errors } = problemOf(
    await post(app(), `${delayName()}?${name}=${value}`, '{"seconds":0}'),
    400,
    'query-invalid',
  );
  expect(errors?.map(({ pointer }) => pointer)).toEqual([`/${name}`]);
});

test('400 to parameters that the operation does not take', async () => {
  const answer = await post(app(), 'csv-profile?format=xml', 'a,b\n1,2\n', { 'content-type': 'text/csv' });
  const { errors } = problemOf(answer, 400, 'parameters-invalid');
  expect(errors?.map(({ pointer }) => pointer)).toEqual(['/format']);
});

test.each(['unknown', 'Delay', 'constructor', '__proto__', 'delay%20', 'x'.repeat(500)])(
  '404 to operation %s',
  async (operation) => {
    problemOf(await post(app(), operation, '{"seconds":0}'), 404, 'operation-unknown');
  },
);

test.each(['text/plain', 'application/json; charset=utf-16', 'application/jsonp', 'constructor', ''])(
  '415 to content type %j, with what would be taken',
  async (contentType) => {
    const body = new TextEncoder().encode('{"seconds":0}');
    const answer = await ask(app(), 'POST', `/api/operations/${delayName()}`, {
      body,
      headers: contentType === '' ? {} : { 'content-type': contentType },
    });
    problemOf(answer, 415, 'content-type-unsupported');
    expect(answer.headers.get('accept')).toBe('application/json');
  },
);

test('a problem names the path of its request and not its query', async () => {
  const answer = await ask(app(), 'POST', '/api/operations/nothing?code=secret', {
    headers: JSON_TYPE,
    body: '{}',
  });
  const { instance } = problemOf(answer, 404, 'operation-unknown');
  expect(instance).toBe('/api/operations/nothing');
  expect(answer.text).not.toContain('secret');
});
