/** A start that is refused leaves nothing behind: no blob, no block, no message. */
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { StorageProxy } from '../../dev/storage-proxy.ts';
import { eventually } from '../support/eventually.ts';
import { type FunctionApp, startAppBehindProxy, useFunctionApp } from '../support/function-app.ts';
import { ask, post, problemOf, retryAfterOf, startDelay, startedBy, untilEnded } from './api.ts';
import { keyFor, urlAt } from './app-under-test.ts';

const CSV = { 'content-type': 'text/csv' };
const MOST_BYTES = 9_000_000;
/** Two blocks are staged before it is seen to be too long. */
const TOO_LONG = Buffer.alloc(MOST_BYTES + 1, 'a,b\n');

/** Nothing is stored, and no message was ever put: the queue's function has not run. */
async function expectNothingLeft({ jobs, lines }: FunctionApp): Promise<void> {
  const names: string[] = [];
  for await (const { name } of jobs.listBlobsFlat({ includeUncommitedBlobs: true })) names.push(name);
  expect(names).toEqual([]);
  expect(lines.filter((line) => /Executing 'Functions.run-job/.test(line))).toEqual([]);
}

describe('a request that will not do', () => {
  const app = useFunctionApp({ settings: { MAX_REQUEST_BYTES: String(MOST_BYTES) } });
  afterEach(() => expectNothingLeft(app()));

  test('too long by its own account: 413 before it is read', async () => {
    problemOf(await post(app(), 'csv-profile', TOO_LONG, CSV), 413, 'request-too-large');
  });

  test('too long and chunked: 413 once it is', async () => {
    const chunked = new Blob([TOO_LONG]).stream();
    problemOf(await post(app(), 'csv-profile', chunked, CSV), 413, 'request-too-large');
  });

  test.each([
    ['malformed', 'delay', '{"seconds":', {}, 400, 'request-malformed'],
    ['against the schema', 'delay', '{"seconds":-1}', {}, 400, 'request-invalid'],
    ['of another content type', 'delay', '{"seconds":0}', CSV, 415, 'content-type-unsupported'],
    ['to no operation', 'nothing', '{}', {}, 404, 'operation-unknown'],
    ['in no dialect', 'delay?reply=loud', '{"seconds":0}', {}, 400, 'query-invalid'],
    ['with wrong parameters', 'csv-profile?format=xml', 'a\n1\n', CSV, 400, 'parameters-invalid'],
  ] as const)('%s', async (_, operation, body, headers, status, code) => {
    const type = { 'content-type': 'application/json', ...headers };
    problemOf(await post(app(), operation, body, type), status, code);
  });

  test.each([
    ['csv-profile', 'text/csv'],
    ['delay', 'application/json'],
  ])('to %s, encoded', async (operation, type) => {
    const headers = { 'content-type': type, 'content-encoding': 'gzip' };
    const answer = await post(app(), operation, gzipSync('{"seconds":0}'), headers);
    expect(problemOf(answer, 415, 'content-encoding-unsupported').detail).toBe(
      'The request is taken as it is, not as gzip.',
    );
    expect(answer.headers.get('accept-encoding')).toBe('identity');
  });

  test('whose client leaves in the middle of its body', async () => {
    const url = urlAt(app(), '/api/operations/csv-profile');
    const client = request(url, {
      method: 'POST',
      headers: { ...CSV, ...keyFor(app(), 'POST', url), 'content-length': MOST_BYTES },
    });
    client.on('error', () => {});
    client.write(TOO_LONG.subarray(0, 8_900_000));
    // One block is under way by then: what is staged shows in a list.
    await eventually(async () => {
      const { value } = await app().jobs.listBlobsFlat({ includeUncommitedBlobs: true }).next();
      return value !== undefined;
    });
    client.destroy();
    await eventually(() => expectNothingLeft(app()).then(() => true));
  });
});

describe('whose client leaves while storage does not let its blocks be removed', () => {
  let proxy: StorageProxy;
  let app: FunctionApp;
  beforeAll(async () => {
    ({ app, proxy } = await startAppBehindProxy());
  });
  afterAll(() => app.stop());

  /** The one job in storage. */
  const ref = async () => (await app.jobs.listBlobsFlat().next()).value?.name ?? '';

  /** Two blocks, and half of another; then the client is gone. Resolves once what was there was not let go. */
  async function leftBehind(headers: Readonly<Record<string, string>>): Promise<string> {
    const starts = () => app.lines.filter((line) => /^Executed 'Functions.start-operation'/.test(line));
    const before = starts().length;
    const refused = proxy.intercept({ on: 'Delete Blob', fault: 'refuse', times: Number.POSITIVE_INFINITY });
    const url = urlAt(app, '/api/operations/csv-profile');
    const client = request(url, {
      method: 'POST',
      headers: { ...CSV, ...keyFor(app, 'POST', url), ...headers, 'content-length': MOST_BYTES * 2 },
    });
    client.on('error', () => {});
    const staged = proxy.intercept({ on: 'Put Block' });
    client.write(TOO_LONG);
    await staged.met;
    client.destroy();
    await refused.met;
    await eventually(() => starts().length > before);
    refused.remove();
    return await ref();
  }

  test('nobody sees a job there, its key starts another, and the sweep removes what has none', async () => {
    const keyed = { 'idempotency-key': '"left-behind"' };
    const left = await leftBehind(keyed);
    expect(left).toMatch(/^[\w-]{43}$/);
    problemOf(await ask(app, 'GET', `/api/operator/jobs/${left}`), 404, 'job-unknown');
    // Storage that has not answered is asked again after a while.
    const job = await eventually(
      async () => startedBy(await post(app, 'csv-profile', 'a\n1\n', { ...CSV, ...keyed })),
      { intervalMs: 500 },
    );
    expect(job.ref).toBe(left);
    expect(await untilEnded(app, job)).toMatchObject({ status: 'Succeeded' });
    await ask(app, 'DELETE', `/api/jobs/${job.id}`);

    expect(await leftBehind({})).toMatch(/^[\w-]{43}$/);
    await app.runNow('sweep-jobs');
    await eventually(async () => (await ref()) === '');
  });
});

describe('while storage does not answer', () => {
  let proxy: StorageProxy;
  let app: FunctionApp;
  beforeAll(async () => {
    ({ app, proxy } = await startAppBehindProxy());
    // Made at start, before the outage.
    await eventually(() => app.jobs.exists());
  });
  afterAll(() => app.stop());

  test('everything that needs it says 503 and when to come again; a start leaves nothing, and later works', async () => {
    const outage = proxy.intercept({ on: () => true, fault: 'refuse', times: Number.POSITIVE_INFINITY });
    const id = 'A'.repeat(22);
    for (const [method, path] of [
      ['GET', `/api/jobs/${id}`],
      ['GET', `/api/jobs/${id}/status`],
      ['POST', `/api/jobs/${id}/cancel`],
      ['DELETE', `/api/jobs/${id}`],
      ['GET', '/api/operator/jobs'],
      ['GET', '/api/health'],
    ] as const) {
      const answer = await ask(app, method, path);
      problemOf(answer, 503, 'storage-unavailable');
      retryAfterOf(answer);
    }
    const refused = await post(app, 'delay', '{"seconds":0}');
    problemOf(refused, 503, 'storage-unavailable');
    retryAfterOf(refused);
    expect((await ask(app, 'GET', '/api/operations')).status).toBe(200);

    outage.remove();
    await expectNothingLeft(app);
    // Storage that has not answered is asked again after a while.
    const job = await eventually(() => startDelay(app, { seconds: 0 }), { intervalMs: 500 });
    expect(await untilEnded(app, job)).toMatchObject({ status: 'Succeeded' });
  });
});
