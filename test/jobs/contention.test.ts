/** Two at one job at the same moment: deliveries, cancels, retries, a delete. */
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Refusal } from '../../src/jobs/errors.ts';
import { LEASE_SECONDS } from '../../src/jobs/job.ts';
import { lookAt } from './support/arranged-job.ts';
import { barrier, contend, RETURNED } from './support/contest.ts';
import type { Outcome } from './support/instance.ts';
import { before } from './support/interventions.ts';
import { type JobStorage, startJobStorage } from './support/job-storage.ts';
import { longWork } from './support/long-work.ts';
import { contentOf } from './support/messages.ts';
import { REQUEST, replyOf, type Work, work } from './support/work.ts';

/** Each takes another order by chance. */
const ROUNDS = 15;

let storage: JobStorage;
beforeAll(async () => {
  storage = await startJobStorage();
});
afterAll(() => storage.stop());
beforeEach(() => storage.requests.clearMessages());

describe('one message delivered twice at once', () => {
  test('two short first attempts: both run, one publishes, both return', async () => {
    const { start, deliver, end, job } = await contend(storage);
    const meet = barrier(2);
    const instances = [1, 2].map(() => start(work, before('publish', meet)));
    expect(await Promise.all(instances.map((instance) => deliver(instance)))).toEqual([RETURNED, RETURNED]);
    expect(await storage.countMessages()).toBe(0);
    expect((await contentOf(storage, job.ref)).content).toBe(replyOf(1).content.toString());
    expect(await end()).toMatchObject({ state: 'Succeeded', attempt: 1 });
  });

  test('two long first attempts: the one that claims publishes, the other leaves a message and is aborted', async () => {
    const { start, deliver, end } = await contend(storage, { isLong: true });
    const meet = barrier(2);
    const aborted: unknown[] = [];
    const instances = [1, 2].map(() =>
      start(
        async (context) => {
          context.signal.addEventListener('abort', () => aborted.push(context.signal.reason));
          return await longWork(context);
        },
        before('claim', meet),
      ),
    );
    expect(await Promise.all(instances.map((instance) => deliver(instance)))).toEqual([RETURNED, RETURNED]);
    expect(instances.flatMap(({ calls }) => calls).filter(({ step }) => step === 'publish')).toHaveLength(1);
    expect(await storage.countMessages()).toBe(1);
    expect(aborted.map(String)).toContainEqual(expect.stringContaining('lost'));
    expect(await end()).toMatchObject({ state: 'Succeeded', attempt: 1 });
  });

  test('two later attempts: one claims, the work of the other never begins', async () => {
    const { start, deliver, end } = await contend(storage, { attempt: 2, waiting: true });
    const meet = barrier(2);
    let runs = 0;
    const counted: Work = (context) => {
      runs++;
      return work(context);
    };
    const instances = [1, 2].map(() => start(counted, before('claim', meet)));
    expect(await Promise.all(instances.map((instance) => deliver(instance)))).toEqual([RETURNED, RETURNED]);
    expect(runs).toBe(1);
    expect(await end()).toMatchObject({ state: 'Succeeded', attempt: 2 });
  });

  test('deliveries, a cancel and polls without any order: what a client is told is what stays', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { start, deliver, end, job } = await contend(storage);
      const contest = Promise.all([
        start().run((app) => app.cancel(job.ref)),
        deliver(start()),
        deliver(start(), 2),
      ]);
      const polls = polling(job.ref, contest);
      const [canceled] = await contest;
      const final = await end();
      if (canceled.is === 'answered') expect(final?.state).toBe('Canceled');
      else {
        expect(canceled).toMatchObject({ is: 'refused', error: { code: 'job-finished' } });
        expect(final?.state).toBe('Succeeded');
      }
      for (const { job, content } of await polls) {
        expect(content).toBe((job.state === 'Succeeded' ? replyOf(job.attempt) : REQUEST).content.toString());
      }
    }
  });

  /** State and content, as read again and again until the contest has ended. */
  async function polling(ref: string, contest: Promise<unknown>) {
    let isOver = false;
    contest.finally(() => {
      isOver = true;
    });
    const seen: Awaited<ReturnType<typeof contentOf>>[] = [];
    do seen.push(await contentOf(storage, ref));
    while (!isOver);
    return seen;
  }
});

test('a delivery after the end reads once and returns', async () => {
  const { start, deliver, end } = await contend(storage);
  await deliver(start());
  const late = start();
  expect(await deliver(late, 2)).toEqual(RETURNED);
  expect(late.calls.map(({ step }) => step)).toEqual(['take']);
  expect(await end()).toMatchObject({ state: 'Succeeded', attempt: 1 });
});

describe('a cancel during publish', () => {
  test('between staging and commit: the reply is never seen', async () => {
    const { start, deliver, end, job } = await contend(storage, { isLong: true });
    let canceled: Outcome<unknown> | undefined;
    const publisher = start(
      longWork,
      before('publish', async () => {
        canceled = await start().run((app) => app.cancel(job.ref));
      }),
    );
    expect(await deliver(publisher)).toEqual(RETURNED);
    expect(canceled).toMatchObject({ is: 'answered', value: { state: 'Canceled' } });
    expect(await storage.countMessages()).toBe(0);
    expect(await end()).toMatchObject({ state: 'Canceled' });
  });

  test('that comes too late by one call hears that the job has ended', async () => {
    const { start, deliver, end, job } = await contend(storage);
    const canceler = start(
      work,
      before('cancel', () => deliver(start())),
    );
    const outcome = await canceler.run((app) => app.cancel(job.ref));
    expect(outcome).toEqual({ is: 'refused', error: expect.any(Refusal) });
    expect(outcome).toMatchObject({ error: { code: 'job-finished' } });
    expect(await end()).toMatchObject({ state: 'Succeeded' });
  });
});

describe('two hands at once', () => {
  test('two cancels: both hear Canceled', async () => {
    const { start, end, job } = await contend(storage, { lease: 'live' });
    const meet = barrier(2);
    const outcomes = await Promise.all(
      [1, 2].map(() => start(work, before('cancel', meet)).run((app) => app.cancel(job.ref))),
    );
    for (const outcome of outcomes) expect(outcome).toMatchObject({ value: { state: 'Canceled' } });
    expect(await end()).toMatchObject({ state: 'Canceled' });
  });

  test('two retries of a failed job: one attempt more, not two', async () => {
    const { start, end, job } = await contend(storage, { state: 'Failed', attempt: 3, limit: 3 });
    const meet = barrier(2);
    const outcomes = await Promise.all(
      [1, 2].map(() => start(work, before('next attempt', meet)).run((app) => app.retry(job.ref))),
    );
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ value: { state: 'Pending', attempt: 4 } });
    expect(await lookAt(storage, job.ref)).toMatchObject({ attempt: 4, limit: 8 });
    expect(await end()).toMatchObject({ state: 'Succeeded', attempt: 4 });
  });

  test('a retry and the delivery of its message, which finds the job pending', async () => {
    const { start, end, job } = await contend(storage, { state: 'Failed', attempt: 3 });
    let found: string | undefined;
    const delivery = before('enqueue', async () => {
      found = (await lookAt(storage, job.ref)).state;
    });
    await start(work, delivery).run((app) => app.retry(job.ref));
    expect(found).toBe('Pending');
    expect(await end()).toMatchObject({ state: 'Succeeded', attempt: 4 });
  });

  test('a retry and the lease of the attempt that failed: refused until the lease has ended', async () => {
    const { start, end, job } = await contend(storage, {
      state: 'Failed',
      attempt: 3,
      limit: 3,
      lease: 'live',
      recovered: 4,
    });
    const retry = () => start().run((app) => app.retry(job.ref));
    expect(await retry()).toMatchObject({ error: { code: 'job-running', retryAfterSeconds: LEASE_SECONDS } });
    await storage.advance(LEASE_SECONDS + 1);
    expect(await retry()).toMatchObject({ value: { state: 'Pending', recovered: 0 } });
    expect(await end()).toMatchObject({ state: 'Succeeded' });
  });

  test('a delete under a running attempt: it stops within a heartbeat, and nothing comes back', async () => {
    const { start, deliver, end, job } = await contend(storage);
    const worker = start(
      async ({ signal }) => {
        await once(signal, 'abort');
        throw signal.reason;
      },
      undefined,
      { claimAfterMs: 0, heartbeatMs: 20 },
    );
    const delivery = deliver(worker);
    await worker.after('claim');
    expect(await start().run((app) => app.remove(job.ref))).toMatchObject({ is: 'answered' });
    expect(await delivery).toEqual(RETURNED);
    expect(await storage.countMessages()).toBe(0);
    expect(await end()).toBeUndefined();
  });
});
