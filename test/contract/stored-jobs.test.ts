/** What the app makes of what it finds stored: moved to the state a test needs by an edit of the job's blob. */
import { expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { useFunctionApp } from '../support/function-app.ts';
import {
  ask,
  documentOf,
  problemOf,
  retryAfterOf,
  type StartedJob,
  type StatusDocument,
  startDelay,
  untilEnded,
} from './api.ts';

const app = useFunctionApp();

/** Sets metadata of a job's blob, as no use case would; by If-Match, so that it wipes out nothing of the app's. */
async function edit({ ref }: StartedJob, changes: Record<string, string>): Promise<void> {
  const blob = app().jobs.getBlobClient(ref);
  await eventually(async () => {
    const { metadata, etag } = await blob.getProperties();
    return await blob.setMetadata({ ...metadata, ...changes }, { conditions: { ifMatch: etag ?? '' } });
  });
}

async function succeeded(): Promise<StartedJob> {
  const job = await startDelay(app(), { seconds: 0 });
  expect((await untilEnded(app(), job)).status).toBe('Succeeded');
  return job;
}

test('attempts that ran out: 500 and a problem that says how many, and the reason for operators alone', async () => {
  // An attempt of 1.5 s meets the edit before its end: a fault of the operation is then its last. On a busy machine the edit
  // comes only after it, and the second is not begun any more.
  const job = await startDelay(app(), { seconds: 1.5, outcome: 'throw' });
  await edit(job, { limit: '1' });
  const ended = await untilEnded(app(), job);
  expect(ended).toMatchObject({ status: 'Failed', error: { code: 'attempts-exhausted' } });
  expect(ended.attempt).toBeLessThanOrEqual(2);
  const answer = await ask(app(), 'GET', job.location);
  problemOf(answer, 500, 'attempts-exhausted');
  expect(answer.text).not.toContain('the request asked for an error');

  const shown = await ask(app(), 'GET', `/api/operator/jobs/${job.ref}`);
  expect(documentOf(shown).error?.reason).toContain('the request asked for an error');
});

test('a retryable error: the job waits, then runs again and succeeds', async () => {
  const job = await startDelay(app(), { seconds: 0, outcome: 'throw', succeedOnAttempt: 2 });
  expect(await untilEnded(app(), job)).toMatchObject({ status: 'Succeeded', attempt: 2 });
  expect(await (await fetch(job.location)).json()).toEqual({ ref: job.ref, seconds: 0, attempt: 2 });
});

test('an expired job is unknown to everybody, removed or not', async () => {
  const job = await succeeded();
  await edit(job, { retention: '0' });
  problemOf(await ask(app(), 'GET', job.location), 404, 'job-unknown');
  problemOf(await ask(app(), 'GET', `${job.location}?reply=stream`), 404, 'job-unknown');
  problemOf(await ask(app(), 'GET', job.monitor), 404, 'job-unknown');
  problemOf(await ask(app(), 'POST', `/api/jobs/${job.id}/cancel`), 404, 'job-unknown');
  problemOf(await ask(app(), 'DELETE', `/api/jobs/${job.id}`), 404, 'job-unknown');
  problemOf(await ask(app(), 'GET', `/api/operator/jobs/${job.ref}`), 404, 'job-unknown');
  problemOf(await ask(app(), 'POST', `/api/operator/jobs/${job.ref}/retry`), 404, 'job-unknown');
  const list = await ask(app(), 'GET', '/api/operator/jobs');
  expect(list.text).not.toContain(job.ref);
});

test('a pending job does not expire', async () => {
  const job = await startDelay(app(), { seconds: 60 });
  await edit(job, { retention: '0' });
  expect((await ask(app(), 'GET', job.location)).status).toBe(202);
  await ask(app(), 'DELETE', `/api/jobs/${job.id}`);
});

test('a job of a newer version can be looked at, and is left for that version to change', async () => {
  const job = await startDelay(app(), { seconds: 60 });
  await edit(job, { v: '999' });
  const answer = await ask(app(), 'POST', `/api/jobs/${job.id}/cancel`);
  problemOf(answer, 503, 'job-newer');
  retryAfterOf(answer);
  expect((await ask(app(), 'GET', job.location)).status).toBe(202);
  await ask(app(), 'DELETE', `/api/jobs/${job.id}`);
});

test("a stranger's blob among the jobs is no job, and does not spoil the list", async () => {
  const job = await succeeded();
  await app()
    .jobs.getBlockBlobClient('stranger')
    .upload('x', 1, { metadata: { state: 'Whatever' } });
  const list = await ask(app(), 'GET', '/api/operator/jobs');
  const { value } = JSON.parse(list.text) as { value: StatusDocument[] };
  expect(value.map(({ ref }) => ref)).toContain(job.ref);
  expect(list.text).not.toContain('stranger');
});
