/** Cancel and delete, by the job's client. What the worker does meanwhile: stopped-work.test.ts. */
import { expect, test } from '@jest/globals';
import { ask, documentOf, problemOf, startDelay, untilEnded, untilStatus } from './api.ts';
import { useRunningApp } from './running-app.ts';

const app = useRunningApp();

const cancel = (id: string) => ask(app(), 'POST', `/api/jobs/${id}/cancel`);
const remove = (id: string) => ask(app(), 'DELETE', `/api/jobs/${id}`);

test('cancel of a pending job: 200 and the status document, and again the same', async () => {
  const job = await startDelay(app(), { seconds: 60 });
  const answer = await cancel(job.id);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(documentOf(answer)).toMatchObject({ id: job.id, ref: job.ref, status: 'Canceled' });
  const again = await cancel(job.id);
  expect(again.status).toBe(200);
  expect(documentOf(again).status).toBe('Canceled');
  expect(documentOf(await ask(app(), 'GET', job.monitor)).completedAt).toBeDefined();
});

test('cancel of a running job: 200, and it is canceled at once for whoever asks', async () => {
  const job = await startDelay(app(), { seconds: 60 });
  await untilStatus(app(), job, 'Running');
  expect(documentOf(await cancel(job.id)).status).toBe('Canceled');
  expect(documentOf(await ask(app(), 'GET', job.monitor)).status).toBe('Canceled');
  problemOf(await ask(app(), 'GET', job.location), 410, 'job-canceled');
});

test.each([
  ['succeeded', {}],
  ['failed', { outcome: 'reject' as const }],
])('cancel of a job that has %s: 409, and nothing changes', async (_, request) => {
  const job = await startDelay(app(), { seconds: 0, ...request });
  const { status } = await untilEnded(app(), job);
  problemOf(await cancel(job.id), 409, 'job-finished');
  expect(documentOf(await ask(app(), 'GET', job.monitor)).status).toBe(status);
});

test.each(['pending', 'running', 'succeeded', 'canceled'])(
  'delete of a %s job: 204, then 404',
  async (state) => {
    const job = await startDelay(app(), { seconds: state === 'succeeded' ? 0 : 60 });
    if (state === 'running') await untilStatus(app(), job, 'Running');
    if (state === 'succeeded') await untilEnded(app(), job);
    if (state === 'canceled') await cancel(job.id);
    const answer = await remove(job.id);
    expect(answer.status).toBe(204);
    expect(answer.text).toBe('');
    problemOf(await remove(job.id), 404, 'job-unknown');
    problemOf(await ask(app(), 'GET', job.location), 404, 'job-unknown');
    problemOf(await ask(app(), 'GET', job.monitor), 404, 'job-unknown');
    problemOf(await cancel(job.id), 404, 'job-unknown');
  },
);

test('delete takes the reply along: its SAS opens nothing any more', async () => {
  const job = await startDelay(app(), { seconds: 0 });
  await untilEnded(app(), job);
  const url = (await ask(app(), 'GET', job.location)).headers.get('location') ?? '';
  expect((await fetch(url)).status).toBe(200);
  await remove(job.id);
  expect((await fetch(url)).status).toBe(404);
});
