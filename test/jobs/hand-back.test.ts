/** A shutdown: what runs is handed back for another instance, and costs the job no attempt. */
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Reply } from '../../src/operations/operation.ts';
import { arrangeJob, lookAt } from './support/arranged-job.ts';
import { barrier, contend, RETURNED } from './support/contest.ts';
import { type Instance, startInstance } from './support/instance.ts';
import { type JobStorage, startJobStorage } from './support/job-storage.ts';
import { longReplyOf } from './support/long-work.ts';
import { expectOneMessage } from './support/messages.ts';
import { registryFor, type Work, work } from './support/work.ts';

let storage: JobStorage;
beforeAll(async () => {
  storage = await startJobStorage();
});
afterAll(() => storage.stop());
beforeEach(() => storage.requests.clearMessages());

/** Lasts until it is told to stop. */
const untilAborted: Work = async ({ signal }) => {
  await once(signal, 'abort');
  throw signal.reason;
};
const deaf: Work = () => new Promise<Reply>(() => undefined);
const CLAIMS = { claimAfterMs: 0 };

async function shutDown(instance: Instance) {
  const outcome = await instance.run((app) => app.shutDown());
  if (outcome.is !== 'answered') throw new Error(`the shutdown was ${outcome.is}`);
  return outcome.value;
}

const steps = ({ calls }: Instance) => calls.map(({ step }) => step);
const lastSteps = (instance: Instance, count: number) => steps(instance).slice(-count);

test.each<[string, Work]>([
  ['an operation that heeds its signal', untilAborted],
  ['one that never looks at it', deaf],
])('%s: attempt handed back, message at once, limit raised', async (_, run) => {
  const { start, deliver, end, job } = await contend(storage);
  const worker = start(run, undefined, CLAIMS);
  const delivery = deliver(worker);
  await worker.after('claim');
  expect(await shutDown(worker)).toEqual({ asked: 1, left: 0 });
  expect(await delivery).toEqual(RETURNED);
  expect(lastSteps(worker, 3)).toEqual(['next attempt', 'release', 'enqueue']);
  expect(await lookAt(storage, job.ref)).toMatchObject({
    state: 'Pending',
    attempt: job.attempt + 1,
    limit: job.limit + 1,
    waiting: true,
    lease: 'none',
    notBefore: undefined,
  });
  await expectOneMessage(storage, job, 2, 0);
  await storage.queue.put(undefined, { job: job.ref, attempt: 2 }, 0);
  expect(await end()).toMatchObject({ state: 'Succeeded', attempt: 2 });
});

test('an attempt that has not claimed yet', async () => {
  const { start, deliver, end } = await contend(storage);
  const began = Promise.withResolvers<void>();
  const worker = start((context) => {
    began.resolve();
    return untilAborted(context);
  });
  const delivery = deliver(worker);
  await began.promise;
  expect(await shutDown(worker)).toEqual({ asked: 1, left: 0 });
  expect(await delivery).toEqual(RETURNED);
  expect(steps(worker)).toEqual(['take', 'next attempt', 'enqueue']);
  expect(await end()).toMatchObject({ state: 'Succeeded', attempt: 2 });
});

test('the last attempt: the job does not fail for it', async () => {
  const { start, deliver, end } = await contend(storage, { attempt: 5, limit: 5, waiting: true });
  const worker = start(untilAborted);
  const delivery = deliver(worker);
  await worker.after('mark');
  await shutDown(worker);
  await delivery;
  expect(await end()).toMatchObject({ state: 'Succeeded', attempt: 6, limit: 6 });
});

test('the message of the attempt, which comes back after ten minutes, costs none either', async () => {
  const { start, deliver, end, job } = await contend(storage);
  const worker = start(untilAborted, undefined, CLAIMS);
  const delivery = deliver(worker);
  await worker.after('claim');
  await shutDown(worker);
  await delivery;
  await storage.requests.clearMessages();
  expect(await deliver(start(), 2)).toEqual(RETURNED);
  expect(await end()).toMatchObject({ state: 'Succeeded', attempt: 2 });
  expect(job.attempt).toBe(1);
});

test('a publish under way is let through', async () => {
  const { start, deliver, end } = await contend(storage);
  const publishing = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const worker = start(work, async (call, run) => {
    if (call.step === 'publish') {
      publishing.resolve();
      await goOn.promise;
    }
    return await run();
  });
  const delivery = deliver(worker);
  await publishing.promise;
  const down = shutDown(worker);
  goOn.resolve();
  expect(await down).toEqual({ asked: 1, left: 0 });
  expect(await delivery).toEqual(RETURNED);
  expect(await storage.countMessages()).toBe(0);
  expect(await end()).toMatchObject({ state: 'Succeeded', attempt: 1 });
});

test('a reply that is being staged is given up; the next attempt makes it anew', async () => {
  const { start, deliver, end } = await contend(storage, { isLong: true });
  const staged = Promise.withResolvers<void>();
  const worker = start(({ attempt }) => ({
    contentType: 'application/octet-stream',
    stream: (async function* reply() {
      yield longReplyOf(attempt).content;
      yield longReplyOf(attempt).content;
      staged.resolve();
      await new Promise(() => undefined);
    })(),
  }));
  const delivery = deliver(worker);
  await staged.promise;
  expect(await shutDown(worker)).toEqual({ asked: 1, left: 0 });
  expect(await delivery).toEqual(RETURNED);
  expect(await end()).toMatchObject({ state: 'Succeeded', attempt: 2 });
});

test('a job canceled in the same moment stays canceled', async () => {
  const { start, deliver, end, job } = await contend(storage);
  const worker = start(untilAborted, undefined, CLAIMS);
  const delivery = deliver(worker);
  await worker.after('claim');
  await start().run((app) => app.cancel(job.ref));
  await shutDown(worker);
  await delivery;
  expect(await storage.countMessages()).toBe(0);
  expect(await end()).toMatchObject({ state: 'Canceled', attempt: 1 });
});

test('an attempt delivered after it began: handed back before its operation runs', async () => {
  const { start, deliver, end } = await contend(storage);
  let runs = 0;
  const worker = start((context) => {
    runs++;
    return work(context);
  });
  await shutDown(worker);
  expect(await deliver(worker)).toEqual(RETURNED);
  expect(runs).toBe(0);
  expect(await end()).toMatchObject({ state: 'Succeeded', attempt: 2 });
});

test('storage that no longer answers does not hold the shutdown up', async () => {
  const { start, deliver } = await contend(storage);
  const worker: Instance = start(
    untilAborted,
    async (call, run) => (call.step === 'next attempt' ? await new Promise(() => undefined) : await run()),
    CLAIMS,
  );
  const delivery = deliver(worker);
  await worker.after('claim');
  const before = performance.now();
  expect(await shutDown(worker)).toEqual({ asked: 1, left: 1 });
  expect(performance.now() - before).toBeLessThan(2000);
  worker.kill();
  await delivery;
});

test('twenty attempts are handed back at once', async () => {
  const jobs = await Promise.all(Array.from({ length: 20 }, () => arrangeJob(storage)));
  const claims = barrier(jobs.length + 1);
  const worker = startInstance(storage, {
    registry: registryFor(untilAborted),
    pace: CLAIMS,
    around: async (call, run) => {
      const answer = await run();
      if (call.step === 'claim') void claims();
      return answer;
    },
  });
  const deliveries = jobs.map(({ ref }) => worker.run((app) => app.deliver({ job: ref, attempt: 1 }, 1)));
  await claims();
  expect(await shutDown(worker)).toEqual({ asked: 20, left: 0 });
  await Promise.all(deliveries);
  for (const { ref } of jobs) expect(await lookAt(storage, ref)).toMatchObject({ attempt: 2, lease: 'none' });
  expect(await storage.countMessages()).toBe(20);
});
