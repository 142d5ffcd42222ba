/** `Prefer: wait=N` and `?wait=N`, on start and on poll: the end of the job in the answer, where it comes in time. */
import { expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import {
  type Answer,
  ask,
  type DelayRequest,
  delayName,
  documentOf,
  JSON_TYPE,
  post,
  problemOf,
  retryAfterOf,
  type StatusDocument,
  startDelay,
  startedBy,
  untilEnded,
} from './api.ts';
import { pathAt } from './app-under-test.ts';
import { useRunningApp } from './running-app.ts';

const app = useRunningApp();

/** Longer than any test lasts that does not mean to see the wait end by itself. */
const PREFER = { prefer: 'wait=20' };

const start = (request: DelayRequest, query = '', headers: Readonly<Record<string, string>> = {}) =>
  post(app(), `${delayName()}${query}`, JSON.stringify(request), { ...JSON_TYPE, ...headers });
const poll = (location: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
  ask(app(), method, location, { headers });
const remove = (id: string | undefined) => ask(app(), 'DELETE', `/api/jobs/${id}`);

async function timed(answering: Promise<Answer>): Promise<{ answer: Answer; seconds: number }> {
  const began = performance.now();
  const answer = await answering;
  return { answer, seconds: (performance.now() - began) / 1000 };
}

/** The job's own URLs, from the Operation-Location that every answer to a start carries. */
function urlsOf(answer: Answer): { monitor: string; location: string } {
  const monitor = answer.headers.get('operation-location') ?? '';
  expect(pathAt(app(), monitor)).toMatch(/^\/api\/jobs\/[A-Za-z0-9_-]{22}\/status$/);
  return { monitor, location: monitor.replace(/\/status$/, '') };
}

const appliedOf = (answer: Answer) => answer.headers.get('preference-applied');

test.concurrent('start, ended in time: 303 to the reply, which a plain client follows by GET', async () => {
  const answer = await start({ seconds: 0.5 }, '', PREFER);
  expect(answer.status).toBe(303);
  expect(answer.text).toBe('');
  expect(appliedOf(answer)).toBe('wait=20');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('retry-after')).toBeNull();
  const { monitor } = urlsOf(answer);
  const { status, ref } = documentOf(await ask(app(), 'GET', monitor));
  expect(status).toBe('Succeeded');
  const reply = await fetch(answer.headers.get('location') ?? '');
  expect(await reply.json()).toEqual({ ref, seconds: 0.5, attempt: 1 });
});

test.concurrent('start with ?wait: the same, and no preference to have been applied', async () => {
  const answer = await start({ seconds: 0 }, '?wait=20');
  expect(answer.status).toBe(303);
  expect(appliedOf(answer)).toBeNull();
});

test.concurrent('start, not ended in time: the plain 202 after N seconds', async () => {
  const { answer, seconds } = await timed(start({ seconds: 60 }, '?wait=1&reply=link', { prefer: 'wait=1' }));
  const job = startedBy(answer);
  expect(seconds).toBeGreaterThanOrEqual(1);
  expect(seconds).toBeLessThan(5);
  retryAfterOf(answer);
  expect(appliedOf(answer)).toBeNull();
  expect(new URL(job.location).search).toBe('?reply=link');
  expect(documentOf(answer).location).toBe(job.location);
  await remove(job.id);
});

test.concurrent('start with reply=stream: 200 with all of the bytes, and where the job is', async () => {
  const answer = await start({ seconds: 0, replyBytes: 1000 }, '?reply=stream', {
    ...PREFER,
    range: 'bytes=0-9',
  });
  expect(answer.status).toBe(200);
  expect(answer.bytes).toHaveLength(1000);
  expect(answer.headers.get('content-type')).toBe('application/octet-stream');
  expect(answer.headers.get('location')).toBe(`${urlsOf(answer).location}?reply=stream`);
  expect(appliedOf(answer)).toBe('wait=20');
});

test.concurrent('start with reply=link: 200 with the status document', async () => {
  const answer = await start({ seconds: 0 }, '?reply=link&wait=20');
  expect(answer.status).toBe(200);
  const document = documentOf(answer);
  expect(document.status).toBe('Succeeded');
  expect(answer.headers.get('location')).toBe(document.location);
  expect(document.location).toBe(`${urlsOf(answer).location}?reply=link`);
  expect(await (await fetch(document.replyUrl ?? '')).json()).toMatchObject({ ref: document.ref });
});

test.concurrent('start of a job that fails: its problem and status, and where the job is', async () => {
  const answer = await start({ seconds: 0, outcome: 'reject' }, '', PREFER);
  problemOf(answer, 422, 'operation-failed');
  expect(answer.headers.get('location')).toBe(urlsOf(answer).location);
  expect(appliedOf(answer)).toBe('wait=20');
});

/** Finds by its progress the job whose start is still to be answered. */
const refOfPending = (steps: number) =>
  eventually(
    async () => {
      const list = await ask(app(), 'GET', `/api/operator/jobs?operation=${delayName()}&status=Running`);
      const { value } = JSON.parse(list.text) as { value: StatusDocument[] };
      return value.find(({ message }) => message?.endsWith(` of ${steps}`))?.ref;
    },
    { timeoutMs: 15_000, intervalMs: 200 },
  );

test.concurrent('start of a job that is canceled: 410', async () => {
  const answering = start({ seconds: 60, steps: 971 }, '', PREFER);
  await ask(app(), 'POST', `/api/operator/jobs/${await refOfPending(971)}/cancel`);
  const answer = await answering;
  problemOf(answer, 410, 'job-canceled');
  expect(answer.headers.get('location')).toBe(urlsOf(answer).location);
});

test.concurrent('start of a job that is deleted meanwhile: 404, as the status endpoint would say', async () => {
  const answering = start({ seconds: 60, steps: 977 }, '', PREFER);
  await ask(app(), 'DELETE', `/api/operator/jobs/${await refOfPending(977)}`);
  problemOf(await answering, 404, 'job-unknown');
});

test.concurrent('start with pending=404: 202 all the same, and the dialect travels without the wait', async () => {
  const job = startedBy(await start({ seconds: 60 }, '?pending=404&wait=1'));
  expect(new URL(job.location).search).toBe('?pending=404');
  await remove(job.id);
});

test.concurrent('start beyond the limit: N is cut, and the answer says to what', async () => {
  const answer = await start({ seconds: 0 }, '', { prefer: 'respond-async, Wait="86400"; x=1' });
  expect(answer.status).toBe(303);
  const applied = Number(/^wait=(\d+)$/.exec(appliedOf(answer) ?? '')?.[1]);
  expect(applied).toBeGreaterThan(0);
  expect(applied).toBeLessThan(230);
});

test.concurrent.each(['wait=soon', 'wait=-1', 'wait', 'wait=x, wait=20', 'respond-async', 'wait=0'])(
  'start with Prefer: %s does not wait',
  async (prefer) => {
    const { answer, seconds } = await timed(start({ seconds: 60 }, '', { prefer }));
    const { id } = startedBy(answer);
    expect(seconds).toBeLessThan(5);
    expect(appliedOf(answer)).toBeNull();
    await remove(id);
  },
);

test.concurrent('wait=0 does not wait', async () => {
  const { answer, seconds } = await timed(start({ seconds: 60 }, '?wait=0'));
  const job = startedBy(answer);
  expect((await poll(`${job.location}?wait=0`)).status).toBe(202);
  expect(seconds).toBeLessThan(5);
  await remove(job.id);
});

test.concurrent.each(['soon', '-1', '1.5', '', '5&wait=5'])(
  '?wait=%s: 400, on start and on poll',
  async (value) => {
    for (const answer of [
      await start({ seconds: 0 }, `?wait=${value}`),
      await poll(`/api/jobs/${'A'.repeat(22)}?wait=${value}`),
    ]) {
      const { errors } = problemOf(answer, 400, 'query-invalid');
      expect(errors?.map(({ pointer }) => pointer)).toEqual(['/wait']);
    }
  },
);

test.concurrent('poll, ended in time: 302 within a second of the end', async () => {
  const job = await startDelay(app(), { seconds: 2 });
  const { answer, seconds } = await timed(poll(job.location, PREFER));
  expect(answer.status).toBe(302);
  expect(appliedOf(answer)).toBe('wait=20');
  expect(seconds).toBeLessThan(10);
  expect(await (await fetch(answer.headers.get('location') ?? '')).json()).toMatchObject({ ref: job.ref });
});

test.concurrent('poll, not ended in time: the plain 202 after N seconds, HEAD too', async () => {
  const job = await startDelay(app(), { seconds: 60 });
  for (const method of ['GET', 'HEAD']) {
    const { answer, seconds } = await timed(poll(`${job.location}?wait=1`, { prefer: 'wait=1' }, method));
    expect(answer.status).toBe(202);
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThan(5);
    expect(answer.headers.get('location')).toBe(job.location);
    retryAfterOf(answer);
    expect(appliedOf(answer)).toBeNull();
  }
  await remove(job.id);
});

test.concurrent('poll with pending=404: held too, then the problem, or the reply in time', async () => {
  const long = await startDelay(app(), { seconds: 60 }, '?pending=404');
  const { answer, seconds } = await timed(poll(`${long.location}&wait=1`));
  problemOf(answer, 404, 'job-pending');
  expect(answer.headers.get('location')).toBe(long.location);
  expect(seconds).toBeGreaterThanOrEqual(1);
  await remove(long.id);

  const short = await startDelay(app(), { seconds: 1 }, '?pending=404&reply=stream');
  const inTime = await poll(`${short.location}&wait=20`);
  expect(inTime.status).toBe(200);
  expect(JSON.parse(inTime.text)).toMatchObject({ ref: short.ref });
});

test.concurrent('poll of a job that has ended: at once, and applied as asked', async () => {
  const job = await startDelay(app(), { seconds: 0 });
  await untilEnded(app(), job);
  const { answer, seconds } = await timed(poll(job.location, PREFER));
  expect(answer.status).toBe(302);
  expect(appliedOf(answer)).toBe('wait=20');
  expect(seconds).toBeLessThan(5);
});

test.concurrent('poll of a job that is canceled meanwhile: 410; of an unknown one: 404 at once', async () => {
  const job = await startDelay(app(), { seconds: 60 });
  const answering = poll(job.location, PREFER);
  await ask(app(), 'POST', `/api/jobs/${job.id}/cancel`);
  const answer = await answering;
  problemOf(answer, 410, 'job-canceled');
  expect(appliedOf(answer)).toBe('wait=20');

  problemOf(await poll(`/api/jobs/${'A'.repeat(22)}`, PREFER), 404, 'job-unknown');
});
