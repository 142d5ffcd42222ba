/** `/api/operator/jobs`: the operator's list and the operator's hand on any job, by ref and never by id. */
import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from '@jest/globals';
import {
  type Answer,
  ask,
  delayName,
  documentOf,
  problemOf,
  retryAfterOf,
  type StartedJob,
  type StatusDocument,
  startDelay,
  untilEnded,
  untilStatus,
} from './api.ts';
import { pathAt } from './app-under-test.ts';
import { useRunningApp } from './running-app.ts';

const app = useRunningApp();

const started: StartedJob[] = [];
const answers: Answer[] = [];

async function start(...parameters: Parameters<typeof startDelay> extends [unknown, ...infer P] ? P : never) {
  const job = await startDelay(app(), ...parameters);
  started.push(job);
  return job;
}

async function operate(method: string, target: string): Promise<Answer> {
  const answer = await ask(app(), method, target.startsWith('http') ? target : `/api/operator/jobs${target}`);
  answers.push(answer);
  return answer;
}

afterEach(() => {
  const said = answers.map(({ text, headers }) => `${text} ${JSON.stringify([...headers])}`).join();
  for (const { id } of started) expect(said).not.toContain(id);
});

interface Page {
  readonly value: readonly StatusDocument[];
  readonly nextLink?: string;
}

/** All pages of a list, and how many there were. */
async function listed(query: string): Promise<{ jobs: StatusDocument[]; sizes: number[] }> {
  const jobs: StatusDocument[] = [];
  const sizes: number[] = [];
  let next: string | undefined = query;
  while (next !== undefined) {
    const answer = await operate('GET', next);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const page = JSON.parse(answer.text) as Page;
    jobs.push(...page.value);
    sizes.push(page.value.length);
    next = page.nextLink;
  }
  return { jobs, sizes };
}

const refsOf = (jobs: readonly { ref: string }[]) => jobs.map(({ ref }) => ref);

test('the list has every job once, page by page to its end', async () => {
  const jobs = await Promise.all(Array.from({ length: 7 }, () => start({ seconds: 0 })));
  await Promise.all(jobs.map((job) => untilEnded(app(), job)));
  const { jobs: found, sizes } = await listed(`?top=3&operation=${delayName()}`);
  const refs = refsOf(found);
  expect(new Set(refs).size).toBe(refs.length);
  expect(refs).toEqual(expect.arrayContaining(refsOf(jobs)));
  expect(sizes.length).toBeGreaterThanOrEqual(3);
  for (const size of sizes) expect(size).toBeLessThanOrEqual(3);
});

test('a listed job is its status document without the id, at its operator URL', async () => {
  const job = await start({ seconds: 0 });
  await untilEnded(app(), job);
  const { jobs } = await listed('');
  const document = jobs.find(({ ref }) => ref === job.ref);
  expect(document).toMatchObject({ operation: delayName(), status: 'Succeeded', attempt: 1 });
  expect(document).not.toHaveProperty('id');
  expect(document).not.toHaveProperty('resourceLocation');
  expect(pathAt(app(), document?.location)).toBe(`/api/operator/jobs/${job.ref}`);
  const alone = await operate('GET', `/${job.ref}`);
  expect(alone.status).toBe(200);
  expect(documentOf(alone)).toEqual(document);
});

test('?status= and ?operation= filter', async () => {
  const jobs = {
    Succeeded: await start({ seconds: 0 }),
    Failed: await start({ seconds: 0, outcome: 'reject' }),
    Running: await start({ seconds: 60 }),
    Canceled: await start({ seconds: 60 }),
  };
  await ask(app(), 'POST', `/api/jobs/${jobs.Canceled.id}/cancel`);
  await Promise.all([untilEnded(app(), jobs.Succeeded), untilEnded(app(), jobs.Failed)]);
  await untilStatus(app(), jobs.Running, 'Running');
  for (const [status, job] of Object.entries(jobs)) {
    const { jobs: found } = await listed(`?status=${status}&operation=${delayName()}`);
    expect(refsOf(found)).toContain(job.ref);
    for (const document of found) expect(document).toMatchObject({ status, operation: delayName() });
  }
  expect((await listed('?operation=none')).jobs).toEqual([]);
  await operate('DELETE', `/${jobs.Running.ref}`);
});

test.each([
  ['status', 'Pending'],
  ['status', ''],
  ['top', '0'],
  ['top', '1001'],
  ['top', 'ten'],
  ['top', '-1'],
  ['skipToken', '%20'],
  ['skipToken', ''],
  // Base64url of bytes that are no text.
  ['skipToken', 'Succeeded'],
])('a list with ?%s=%s: 400', async (name, value) => {
  const { errors } = problemOf(await operate('GET', `?${name}=${value}`), 400, 'query-invalid');
  expect(errors?.map(({ pointer }) => pointer)).toEqual([`/${name}`]);
});

test('retry runs a failed job again with its original request', async () => {
  const job = await start({ seconds: 0, outcome: 'reject', succeedOnAttempt: 2 });
  const failed = await untilEnded(app(), job);
  expect(failed).toMatchObject({ status: 'Failed', attempt: 1 });
  const answer = await operate('POST', `/${job.ref}/retry`);
  expect(answer.status).toBe(202);
  expect(documentOf(answer)).toMatchObject({ ref: job.ref, status: 'NotStarted', attempt: 2 });
  expect(documentOf(answer)).not.toHaveProperty('error');

  expect(await untilEnded(app(), job)).toMatchObject({ status: 'Succeeded', attempt: 2 });
  expect(await (await fetch(job.location)).json()).toEqual({ ref: job.ref, seconds: 0, attempt: 2 });
});

test('a retried job that fails again can be retried again', async () => {
  const job = await start({ seconds: 0, outcome: 'reject' });
  await untilEnded(app(), job);
  for (const attempt of [2, 3]) {
    await operate('POST', `/${job.ref}/retry`);
    expect(await untilEnded(app(), job)).toMatchObject({ status: 'Failed', attempt });
  }
});

test('retry of a running job: 409 with Retry-After; of a succeeded or canceled one: 409', async () => {
  const [running, succeeded] = await Promise.all([start({ seconds: 60 }), start({ seconds: 0 })]);
  await untilStatus(app(), running, 'Running');
  const answer = await operate('POST', `/${running.ref}/retry`);
  problemOf(answer, 409, 'job-running');
  retryAfterOf(answer);
  expect((await operate('POST', `/${running.ref}/cancel`)).status).toBe(200);
  problemOf(await operate('POST', `/${running.ref}/retry`), 409, 'job-not-failed');
  await untilEnded(app(), succeeded);
  problemOf(await operate('POST', `/${succeeded.ref}/retry`), 409, 'job-not-failed');
});

test('cancel by ref: 200 and Canceled, again the same; of a finished job: 409', async () => {
  const [pending, succeeded] = await Promise.all([start({ seconds: 60 }), start({ seconds: 0 })]);
  for (let times = 0; times < 2; times++) {
    const answer = await operate('POST', `/${pending.ref}/cancel`);
    expect(answer.status).toBe(200);
    expect(documentOf(answer)).toMatchObject({ ref: pending.ref, status: 'Canceled' });
  }
  problemOf(await ask(app(), 'GET', pending.location), 410, 'job-canceled');
  await untilEnded(app(), succeeded);
  problemOf(await operate('POST', `/${succeeded.ref}/cancel`), 409, 'job-finished');
});

test('delete by ref: 204, then the job is gone for its client too', async () => {
  const job = await start({ seconds: 0 });
  await untilEnded(app(), job);
  const answer = await operate('DELETE', `/${job.ref}`);
  expect(answer.status).toBe(204);
  expect(answer.text).toBe('');
  problemOf(await operate('DELETE', `/${job.ref}`), 404, 'job-unknown');
  problemOf(await operate('GET', `/${job.ref}`), 404, 'job-unknown');
  problemOf(await ask(app(), 'GET', job.location), 404, 'job-unknown');
  expect(refsOf((await listed('')).jobs)).not.toContain(job.ref);
});

test('an unknown or malformed ref, or an id in its place: 404', async () => {
  const job = await start({ seconds: 60 });
  const problems: Answer[] = [];
  for (const ref of [randomBytes(32).toString('base64url'), 'abc', job.id]) {
    // Asked directly: that the app repeats the path it was asked for tells an operator nothing new.
    problems.push(
      await ask(app(), 'GET', `/api/operator/jobs/${ref}`),
      await ask(app(), 'POST', `/api/operator/jobs/${ref}/retry`),
      await ask(app(), 'POST', `/api/operator/jobs/${ref}/cancel`),
      await ask(app(), 'DELETE', `/api/operator/jobs/${ref}`),
    );
  }
  for (const problem of problems) problemOf(problem, 404, 'job-unknown');
  await operate('DELETE', `/${job.ref}`);
});
