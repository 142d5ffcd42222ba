/** `GET`, `HEAD /api/jobs/{id}`: what each state answers, in each dialect; and the status monitor beside it. */
import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import {
  ask,
  documentOf,
  problemOf,
  retryAfterOf,
  type StartedJob,
  startDelay,
  untilEnded,
  untilStatus,
} from './api.ts';
import { useRunningApp } from './running-app.ts';

const app = useRunningApp();

const get = (target: string) => ask(app(), 'GET', target);
const head = (target: string) => ask(app(), 'HEAD', target);

/** A job that is pending for the whole of a test, and is gone after it. */
async function withPending(query: string, check: (job: StartedJob) => Promise<void>): Promise<void> {
  const job = await startDelay(app(), { seconds: 60, steps: 60 }, query);
  await check(job);
  await ask(app(), 'DELETE', `/api/jobs/${job.id}`);
}

async function ended(request: Parameters<typeof startDelay>[1], query = ''): Promise<StartedJob> {
  const job = await startDelay(app(), request, query);
  await untilEnded(app(), job);
  return job;
}

test('pending: 202 with Location, Retry-After and the status document; HEAD the same without a body', () =>
  withPending('', async (job) => {
    const answer = await get(job.location);
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(job.location);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    retryAfterOf(answer);
    expect(documentOf(answer)).toMatchObject({ id: job.id, ref: job.ref, location: job.location });

    const bare = await head(job.location);
    expect(bare.status).toBe(202);
    expect(bare.headers.get('location')).toBe(job.location);
    retryAfterOf(bare);
    expect(bare.text).toBe('');
  }));

test('pending=200: the same with 200', () =>
  withPending('?pending=200', async (job) => {
    const answer = await get(job.location);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('location')).toBe(job.location);
    retryAfterOf(answer);
    expect(documentOf(answer).location).toBe(job.location);
  }));

test('pending=404: a problem of its own type, since the reply does not exist yet', () =>
  withPending('?pending=404', async (job) => {
    const answer = await get(job.location);
    problemOf(answer, 404, 'job-pending');
    expect(answer.headers.get('location')).toBe(job.location);
    retryAfterOf(answer);
    expect((await head(job.location)).status).toBe(404);
  }));

test('a poll may choose another dialect than the start did', () =>
  withPending('?pending=404', async ({ id }) => {
    const answer = await get(`/api/jobs/${id}?pending=200&x=1`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('location')).toMatch(new RegExp(`/api/jobs/${id}\\?pending=200$`));
  }));

test('running: the document shows start and progress, and Retry-After goes by it', () =>
  withPending('', async (job) => {
    const running = await untilStatus(app(), job, 'Running');
    expect(running.attempt).toBe(1);
    const document = await eventually(async () => {
      const answer = await get(job.location);
      // A few of sixty steps of a second are done: most of a minute is left, of which the app says a part.
      return retryAfterOf(answer) > 5 && documentOf(answer);
    });
    expect(document.percentComplete).toBeGreaterThanOrEqual(1);
    expect(document.message).toMatch(/^step \d+ of 60$/);
    expect(Date.parse(document.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(document.createdAt));
  }));

test('succeeded: 302 without a body, and following it by plain fetch gives the reply', async () => {
  const job = await ended({ seconds: 0 });
  const answer = await get(job.location);
  expect(answer.status).toBe(302);
  expect(answer.text).toBe('');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect((await head(job.location)).status).toBe(302);

  const followed = await fetch(job.location);
  expect(followed.status).toBe(200);
  expect(followed.headers.get('content-type')).toBe('application/json');
  expect(await followed.json()).toEqual({ ref: job.ref, seconds: 0, attempt: 1 });
});

test('the SAS it redirects to reads one blob, shortly, and writes nothing', async () => {
  const job = await ended({ seconds: 0 });
  const url = new URL((await get(job.location)).headers.get('location') ?? '');
  expect(url.pathname.endsWith(`/jobs/${job.ref}`)).toBe(true);
  expect(url.searchParams.get('sr')).toBe('b');
  expect(url.searchParams.get('sp')).toBe('r');
  const endsInSeconds = (Date.parse(url.searchParams.get('se') ?? '') - Date.now()) / 1000;
  expect(endsInSeconds).toBeGreaterThan(0);
  expect(endsInSeconds).toBeLessThanOrEqual(3600);

  const put = await fetch(url, { method: 'PUT', body: 'x', headers: { 'x-ms-blob-type': 'BlockBlob' } });
  expect(put.status).toBe(403);
  expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
  const other = await ended({ seconds: 0 });
  expect((await fetch(url.href.replace(job.ref, other.ref))).status).toBe(403);
});

test('who holds the SAS learns the ref, and nothing of the id', async () => {
  const job = await ended({ seconds: 0 });
  const url = (await get(job.location)).headers.get('location') ?? '';
  const reply = await fetch(url);
  const seen = JSON.stringify([url, [...reply.headers], await reply.text()]);
  expect(seen).toContain(job.ref);
  expect(seen).not.toContain(job.id);
});

test('reply=link: 200 and the status document with a replyUrl that works', async () => {
  const job = await ended({ seconds: 0 }, '?reply=link');
  const answer = await get(job.location);
  expect(answer.status).toBe(200);
  const document = documentOf(answer);
  expect(document).toMatchObject({ status: 'Succeeded', location: job.location });
  expect(await (await fetch(document.replyUrl ?? '')).json()).toMatchObject({ ref: job.ref });
  expect(Date.parse(document.replyUrlExpiresAt ?? '')).toBeGreaterThan(Date.now());
});

test('failed for good: the status of its OperationError, and its problem', async () => {
  const job = await ended({ seconds: 0, outcome: 'reject' });
  const { detail } = problemOf(await get(job.location), 422, 'operation-failed');
  expect(detail).toBe('The request asked to be rejected.');
  expect((await head(job.location)).status).toBe(422);
});

test('canceled: 410', async () => {
  const job = await startDelay(app(), { seconds: 60 });
  expect((await ask(app(), 'POST', `/api/jobs/${job.id}/cancel`)).status).toBe(200);
  problemOf(await get(job.location), 410, 'job-canceled');
});

test.each([
  ['unknown', randomBytes(16).toString('base64url')],
  ['too short', 'abc'],
  ['not canonical', `${'A'.repeat(21)}B`],
  ['with other characters', '!'.repeat(22)],
  ['another encoding of nothing', '%00%2e%2e'],
])('%s id: 404 everywhere', async (_, id) => {
  problemOf(await get(`/api/jobs/${id}`), 404, 'job-unknown');
  expect((await head(`/api/jobs/${id}`)).status).toBe(404);
  problemOf(await get(`/api/jobs/${id}/status`), 404, 'job-unknown');
  problemOf(await ask(app(), 'POST', `/api/jobs/${id}/cancel`), 404, 'job-unknown');
  problemOf(await ask(app(), 'DELETE', `/api/jobs/${id}`), 404, 'job-unknown');
});

test('an id in the query does not stand in for the one in the path', async () => {
  const job = await ended({ seconds: 0 });
  problemOf(await get(`/api/jobs/${'A'.repeat(22)}?id=${job.id}`), 404, 'job-unknown');
  problemOf(await get(`/api/jobs/${'A'.repeat(22)}/status?ID=${job.id}`), 404, 'job-unknown');
});

test('the ref is no id: whoever reads a log cannot open a job', async () => {
  const job = await ended({ seconds: 0 });
  problemOf(await get(`/api/jobs/${job.ref}`), 404, 'job-unknown');
});

test.each(['pending=201', 'pending=', 'reply=redirected', 'reply=link&reply=link'])(
  '?%s: 400',
  async (query) => {
    const job = await ended({ seconds: 0 });
    const { errors } = problemOf(await get(`/api/jobs/${job.id}?${query}`), 400, 'query-invalid');
    expect(errors).toHaveLength(1);
  },
);

test('the monitor answers 200 and the status document in every state', async () => {
  const jobs = {
    Succeeded: await ended({ seconds: 0 }),
    Failed: await ended({ seconds: 0, outcome: 'reject' }),
    Canceled: await startDelay(app(), { seconds: 60 }),
  };
  await ask(app(), 'POST', `/api/jobs/${jobs.Canceled.id}/cancel`);
  for (const [status, job] of Object.entries(jobs)) {
    const answer = await get(job.monitor);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const document = documentOf(answer);
    expect(document).toMatchObject({ id: job.id, ref: job.ref, status, location: job.location });
    const [createdMs, completedMs, expiresMs] = [
      document.createdAt,
      document.completedAt,
      document.expiresAt,
    ].map((time) => Date.parse(time ?? '')) as [number, number, number];
    expect(completedMs).toBeGreaterThanOrEqual(createdMs);
    // Storage dates the end by whole seconds.
    expect(Math.abs(expiresMs - completedMs - 7 * 86_400_000)).toBeLessThan(1000);
    expect(document.resourceLocation).toBe(
      status === 'Succeeded' ? `${job.location}?reply=stream` : undefined,
    );
  }
  expect(documentOf(await get(jobs.Failed.monitor)).error).toMatchObject({
    code: 'operation-failed',
    message: 'The request asked to be rejected.',
  });
});

test('the monitor of a pending job sends Retry-After', () =>
  withPending('', async (job) => {
    const answer = await get(job.monitor);
    expect(answer.status).toBe(200);
    retryAfterOf(answer);
    expect(documentOf(answer).expiresAt).toBeUndefined();
  }));
