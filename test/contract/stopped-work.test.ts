/** What becomes of the work of a job that is canceled or deleted: the worker stops, and no reply is published. */
import { expect, test } from '@jest/globals';
import { useFunctionApp } from '../support/function-app.ts';
import { ask, delayName, problemOf, type StartedJob, startDelay, untilStatus } from './api.ts';

const app = useFunctionApp();

const isWorkflow = delayName() === 'delay-workflow';

/** Renew Lease every 10 s; some more for a machine that has much to do. */
const HEARTBEAT_MS = 10_000 + 2_000;

const cancel = ({ id }: StartedJob) => ask(app(), 'POST', `/api/jobs/${id}/cancel`);
const remove = ({ id }: StartedJob) => ask(app(), 'DELETE', `/api/jobs/${id}`);
const attemptLost = ({ ref }: StartedJob) => app().logged(new RegExp(`attempt lost .*"ref":"${ref}"`));
/** A workflow that is ended by its cancel does not come to the activity that would notice. */
const attemptOver = ({ ref }: StartedJob) =>
  app().logged(new RegExp(`(attempt lost|workflow ended) .*"ref":"${ref}"`));
const contentOf = async ({ ref }: StartedJob) =>
  (await app().jobs.getBlobClient(ref).downloadToBuffer()).toString();

/** A job without progress, so that nothing but its heartbeat tells it anything. */
async function running(seconds: number): Promise<StartedJob> {
  const job = await startDelay(app(), { seconds });
  await untilStatus(app(), job, 'Running');
  // A workflow is running as soon as the engine has it, before the activity that takes so long.
  const begun = isWorkflow
    ? `activity started .*"ref":"${job.ref}".*"activity":"wait"`
    : `attempt started .*"ref":"${job.ref}"`;
  await app().logged(new RegExp(begun));
  return job;
}

test.concurrent('canceled while it runs: the worker stops within one heartbeat', async () => {
  const job = await running(60);
  await cancel(job);
  const canceledMs = performance.now();
  await attemptLost(job);
  expect(performance.now() - canceledMs).toBeLessThan(HEARTBEAT_MS);
  problemOf(await ask(app(), 'GET', job.location), 410, 'job-canceled');
});

test.concurrent('deleted while it runs: the worker stops within one heartbeat, and the job stays gone', async () => {
  const job = await running(60);
  await remove(job);
  const deletedMs = performance.now();
  await attemptLost(job);
  expect(performance.now() - deletedMs).toBeLessThan(HEARTBEAT_MS);
  expect(await app().jobs.getBlobClient(job.ref).exists()).toBe(false);
});

test.concurrent('canceled shortly before its end: the reply is not published', async () => {
  const job = await running(3);
  await cancel(job);
  await attemptOver(job);
  problemOf(await ask(app(), 'GET', job.location), 410, 'job-canceled');
  expect(await contentOf(job)).toBe('{"seconds":3}');
});

test.concurrent('canceled shortly before the end of a long reply: nothing of it is published', async () => {
  const job = await startDelay(app(), { seconds: 2, replyBytes: 30_000_000 });
  await untilStatus(app(), job, 'Running');
  await cancel(job);
  await attemptOver(job);
  problemOf(await ask(app(), 'GET', `${job.location}?reply=stream`), 410, 'job-canceled');
  expect(await contentOf(job)).toBe('{"seconds":2,"replyBytes":30000000}');
});

test.concurrent('canceled before any attempt claimed it: the first delivery ends without a reply', async () => {
  const job = await startDelay(app(), { seconds: 2 });
  await cancel(job);
  await app().logged(new RegExp(`(attempt lost|workflow ended|delivery idle) .*"ref":"${job.ref}"`));
  problemOf(await ask(app(), 'GET', job.location), 410, 'job-canceled');
});
