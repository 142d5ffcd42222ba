/** The client and the app, with keys asked for. */
import { describe, expect, test } from '@jest/globals';
import { createClient, type StatusDocument } from '../../src/client/index.ts';
import { useFunctionApp } from '../support/function-app.ts';

const app = useFunctionApp({ auth: true });

function client() {
  const key = app().host.keys?.functions['start-operation'] ?? '';
  return createClient({ baseUrl: app().url, key });
}

const start = (request: object) => client().submit('delay', { json: request });

test('starts a job, follows it to its end and reads the reply', async () => {
  const job = await start({ seconds: 0.3, steps: 3 });
  expect(job.status).toBe('NotStarted');
  const seen: StatusDocument[] = [];
  const ended = await client().wait(job, { onStatus: (document) => seen.push(document) });
  expect(ended).toMatchObject({ id: job.id, status: 'Succeeded', attempt: 1 });
  expect(seen.at(-1)).toEqual(ended);
  const reply = await client().reply(ended);
  expect(await reply.json()).toEqual({ ref: job.ref, seconds: 0.3, attempt: 1 });
});

test('takes a CSV and parameters, and the reply through the app', async () => {
  const job = await client().submit(
    'csv-profile',
    { body: 'a,b\n1,NA\n2,3\n', contentType: 'text/csv' },
    { params: { nulls: 'NA' } },
  );
  await client().wait(job.location);
  const reply = await client().reply(job.location, { through: 'app' });
  expect(await reply.json()).toMatchObject({ rows: 2, columns: [{ nulls: 0 }, { nulls: 1 }] });
});

test('without its key is refused', async () => {
  const keyless = createClient({ baseUrl: app().url });
  await expect(keyless.submit('delay', { json: { seconds: 0 } })).rejects.toMatchObject({ status: 401 });
});

test('tells what is wrong with a request', async () => {
  await expect(start({ seconds: 'many' })).rejects.toMatchObject({
    status: 400,
    code: 'request-invalid',
    problem: { errors: [{ pointer: '/seconds' }] },
  });
});

describe('held by the app until the end of its job', () => {
  test('a start is all it takes', async () => {
    const job = await client().submit('delay', { json: { seconds: 0.2 } }, { waitSeconds: 20 });
    expect(job.status).toBe('Succeeded');
    expect(await client().wait(job)).toBe(job);
    expect(await (await client().reply(job)).json()).toMatchObject({ ref: job.ref });
  });

  test('a start whose job fails in that time says why', async () => {
    const started = client().submit(
      'delay',
      { json: { seconds: 0, outcome: 'reject' } },
      { waitSeconds: 20 },
    );
    await expect(started).rejects.toMatchObject({ status: 422, code: 'operation-failed' });
  });

  test('a start that is longer is followed by one poll', async () => {
    const job = await client().submit('delay', { json: { seconds: 2 } }, { waitSeconds: 1 });
    expect(['NotStarted', 'Running']).toContain(job.status);
    const seen: StatusDocument[] = [];
    const ended = await client().wait(job, { waitSeconds: 20, onStatus: (document) => seen.push(document) });
    expect(seen).toEqual([ended]);
    expect(ended).toMatchObject({ status: 'Succeeded', replyUrl: expect.stringContaining('sig=') });
  });

  test('a poll whose job is canceled meanwhile has its last document', async () => {
    const job = await start({ seconds: 60 });
    const waiting = client().wait(job, { waitSeconds: 20 });
    await client().cancel(job);
    await expect(waiting).rejects.toMatchObject({ code: 'job-canceled', job: { status: 'Canceled' } });
  });
});

describe('a job without a reply', () => {
  test('that failed', async () => {
    const job = await start({ seconds: 0, outcome: 'reject' });
    await expect(client().wait(job)).rejects.toMatchObject({
      code: 'operation-failed',
      job: { id: job.id, status: 'Failed' },
    });
    await expect(client().reply(job)).rejects.toMatchObject({ status: 422, code: 'operation-failed' });
  });

  test('that was canceled', async () => {
    const job = await start({ seconds: 60 });
    await expect(client().reply(job)).rejects.toMatchObject({ code: 'job-pending' });
    expect(await client().cancel(job)).toMatchObject({ status: 'Canceled' });
    await expect(client().wait(job)).rejects.toMatchObject({ code: 'job-canceled' });
    await expect(client().reply(job)).rejects.toMatchObject({ status: 410, code: 'job-canceled' });
  });

  test('that was deleted', async () => {
    const job = await start({ seconds: 60 });
    await client().delete(job);
    await expect(client().poll(job)).rejects.toMatchObject({ status: 404, code: 'job-unknown' });
  });
});
