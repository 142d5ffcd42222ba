/** Rule 3, branch by branch, against Azurite: what an attempt does whose write has been refused. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { lostConditionTable } from '../../src/jobs/decisions.ts';
import { fieldsOf, type Job, LEASE_SECONDS } from '../../src/jobs/job.ts';
import { OperationError } from '../../src/operations/operation.ts';
import { type Arrangement, arrangeJob, lookAt } from './support/arranged-job.ts';
import { type Instance, startInstance } from './support/instance.ts';
import { answerLost, before, sentTwice } from './support/interventions.ts';
import { type JobStorage, startJobStorage } from './support/job-storage.ts';
import { contentOf, expectOneMessage } from './support/messages.ts';
import type { Around } from './support/port-call.ts';
import {
  OPERATION,
  registryFor,
  replyOf,
  type Work,
  type WorkContext,
  work,
  workflowRegistry,
} from './support/work.ts';

let storage: JobStorage;
beforeAll(async () => {
  storage = await startJobStorage();
});
afterAll(() => storage.stop());
beforeEach(() => storage.requests.clearMessages());

/** Work that can wait for a call of its own instance. */
type Run = (context: WorkContext, instance: Instance) => ReturnType<Work>;

interface Delivered {
  readonly steps: readonly string[];
  readonly runs: number;
  /** What the log says came of the attempt. */
  readonly outcome: readonly string[];
}

/** Delivers a job's message once, with somebody getting in between; the delivery returns without an error. */
async function delivered(job: Job, around: Around, run: Run = work, dequeueCount = 1): Promise<Delivered> {
  let runs = 0;
  const registry = registryFor((context) => {
    runs++;
    return run(context, instance);
  });
  const instance: Instance = startInstance(storage, { registry, around });
  const outcome = await instance.run((app) =>
    app.deliver({ job: job.ref, attempt: job.attempt }, dequeueCount),
  );
  expect(outcome).toEqual({ is: 'answered', value: undefined });
  return {
    runs,
    steps: instance.calls.map(({ step }) => step),
    outcome: instance.log
      .map((line) => line.replace(/ \{.*/s, ''))
      .filter((said) => said !== 'attempt started'),
  };
}

/** A job whose next delivery claims at once. */
const arrangeClaimed = (more: Arrangement = {}) =>
  arrangeJob(storage, { attempt: 2, waiting: true, ...more });

/** Reports progress and goes on once it is written, or has failed to be. */
const workWithProgress: Run = async (context, instance) => {
  const written = instance.after('progress');
  context.progress(50);
  await written;
  return await work(context);
};

const claimFor = (job: Job) => async () => {
  const { etag } = await lookAt(storage, job.ref);
  await storage.store.acquireLease(job.ref, randomUUID(), etag);
};

async function expectReplyOf(attempt: number, { ref }: Job): Promise<void> {
  const { job, content } = await contentOf(storage, ref);
  expect(job).toMatchObject({ state: 'Succeeded', attempt });
  expect(content).toBe(replyOf(attempt).content.toString());
  expect(await storage.countMessages()).toBe(0);
}

async function expectCanceled({ ref }: Job): Promise<void> {
  expect((await lookAt(storage, ref)).state).toBe('Canceled');
  expect(await storage.countMessages()).toBe(0);
}

const rows: Record<string, () => Promise<void>> = {
  gone: async () => {
    const job = await arrangeJob(storage);
    await delivered(
      job,
      before('publish', () => storage.store.delete(job.ref)),
    );
    expect(await storage.store.look(job.ref)).toBeUndefined();
    expect(await storage.countMessages()).toBe(0);
  },

  'finished by my token': async () => {
    const failed = await arrangeClaimed();
    const failing = await delivered(failed, sentTwice('fail'), () => {
      throw new OperationError('no');
    });
    expect(failing.steps).toEqual(['take', 'claim', 'mark', 'fail', 'look', 'release']);
    expect(failing.outcome).toEqual(['job failed']);
    const now = await lookAt(storage, failed.ref);
    expect(now).toMatchObject({ state: 'Failed', lease: 'none', problem: { status: 422, detail: 'no' } });
    const succeeded = await arrangeJob(storage);
    const succeeding = await delivered(succeeded, sentTwice('publish'));
    expect(succeeding.steps).toEqual(['take', 'publish', 'look']);
    expect(succeeding.outcome).toEqual(['job succeeded']);
    await expectReplyOf(1, succeeded);
  },

  finished: async () => {
    const job = await arrangeJob(storage);
    const { outcome } = await delivered(
      job,
      before('publish', () =>
        storage.store.write(job.ref, { ...fieldsOf(job), state: 'Canceled' }, { etag: job.etag }),
      ),
    );
    expect(outcome).toEqual(['attempt lost']);
    await expectCanceled(job);

    const failed = await arrangeClaimed();
    const failedByAnother = before('publish', async () => {
      await storage.store.breakLease(failed.ref);
      const { etag, ...now } = await lookAt(storage, failed.ref);
      const fields = { ...fieldsOf({ ...now, etag }), state: 'Failed' as const, token: randomUUID() };
      await storage.store.write(failed.ref, fields, { etag });
    });
    const claimed = await delivered(failed, failedByAnother);
    expect(claimed.steps).toEqual(['take', 'claim', 'mark', 'publish', 'look']);
  },

  'my own try-again': async () => {
    const job = await arrangeClaimed();
    const { steps, outcome } = await delivered(job, sentTwice('next attempt'), () => {
      throw new Error('not now');
    });
    expect(steps).toEqual(['take', 'claim', 'mark', 'next attempt', 'look', 'release', 'enqueue']);
    expect(outcome).toEqual(['attempt failed']);
    expect(await lookAt(storage, job.ref)).toMatchObject({ attempt: 3, waiting: true, lease: 'none' });
    // The back-off before attempt 3 is 4 s at most; the lease that it has just released is nothing to wait for.
    await storage.advance(5);
    await expectOneMessage(storage, job, 3, 0);
  },

  'claimed, same attempt': async () => {
    const job = await arrangeClaimed();
    const { steps } = await delivered(job, answerLost('progress'), workWithProgress);
    expect(steps.slice(-4)).toEqual(['publish', 'look', 'heartbeat', 'publish']);
    await expectReplyOf(2, job);
  },

  'not claimed, same attempt, waiting, lease neither live nor broken': async () => {
    const job = await arrangeClaimed();
    const sweep = before('claim', () =>
      storage.store.write(
        job.ref,
        { ...fieldsOf(job), recovered: 1, token: randomUUID() },
        { etag: job.etag },
      ),
    );
    const { steps, runs } = await delivered(job, sweep);
    expect(steps).toEqual(['take', 'claim', 'look', 'claim', 'mark', 'publish']);
    expect(runs).toBe(1);
    await expectReplyOf(2, job);
  },

  'not claimed, same attempt, handed to the workflow engine, lease neither live nor broken': async () => {
    const handedAt = storage.now();
    const job = await arrangeJob(storage, { handedAt });
    const progress = before('publish', () =>
      storage.store.write(job.ref, { ...fieldsOf(job), percentComplete: 50 }, { etag: job.etag }),
    );
    const instance = startInstance(storage, { registry: workflowRegistry(), around: progress });
    const run = { ref: job.ref, operation: OPERATION, attempt: 1, handedAt: handedAt.toISOString() };
    const order = { run, activity: 'reply', input: null, progress: undefined, hasFiles: false };
    await instance.run((app) => app.runActivity(order));
    expect(instance.calls.map(({ step }) => step)).toEqual(['look', 'publish', 'look', 'publish']);
    expect((await lookAt(storage, job.ref)).state).toBe('Succeeded');
  },
  'lost, lease broken': async () => {
    const job = await arrangeJob(storage);
    const otherAttempt = before('publish', async () => {
      const lease = randomUUID();
      await storage.store.acquireLease(job.ref, lease, job.etag);
      await storage.store.write(job.ref, { ...fieldsOf(job), percentComplete: 1 }, { etag: job.etag, lease });
      await storage.store.breakLease(job.ref);
    });
    await delivered(job, otherAttempt);
    await expectCanceled(job);

    const waiting = await arrangeClaimed();
    const putAgainClaimedAndCanceled = before('claim', async () => {
      const fields = { ...fieldsOf(waiting), recovered: 1, token: randomUUID() };
      await storage.store.write(waiting.ref, fields, { etag: waiting.etag });
      await claimFor(waiting)();
      await storage.store.breakLease(waiting.ref);
    });
    expect((await delivered(waiting, putAgainClaimedAndCanceled)).runs).toBe(0);
    await expectCanceled(waiting);
  },

  lost: async () => {
    const job = await arrangeJob(storage);
    await delivered(job, before('publish', claimFor(job)));
    expect(await lookAt(storage, job.ref)).toMatchObject({ state: 'Pending', lease: 'live' });
    await expectOneMessage(storage, job, 1, LEASE_SECONDS);

    const waiting = await arrangeClaimed();
    const { steps } = await delivered(waiting, before('claim', claimFor(waiting)));
    expect(steps).toEqual(['take', 'claim', 'look', 'enqueue']);
    await expectOneMessage(storage, waiting, 2, LEASE_SECONDS);
  },
};

describe('an attempt that has lost a condition and finds', () => {
  test.each(Object.keys(rows))('%s', (row) => rows[row]?.());

  test('every row of the table is tested here', () => {
    expect(Object.keys(rows).sort()).toEqual(lostConditionTable.map(({ finds }) => finds).sort());
  });

  test('finished by its token, but not as it was about to write: that outcome is another call to tell', async () => {
    const job = await arrangeClaimed();
    // Its reply is there, and what came back of it was an error that says nothing of that.
    let isDone = false;
    const { steps, outcome } = await delivered(job, async (call, run) => {
      if (call.step !== 'publish' || isDone) return await run();
      isDone = true;
      await run();
      throw new Error('403');
    });
    expect(steps).toEqual(['take', 'claim', 'mark', 'publish', 'next attempt', 'look', 'release']);
    expect(outcome).toEqual(['attempt lost']);
    await expectReplyOf(2, job);
  });

  test('failed by another, whose attempts were over: lost', async () => {
    const job = await arrangeClaimed({ limit: 2 });
    const exhaust = before('fail', async () => {
      await storage.advance(LEASE_SECONDS + 1);
      await startInstance(storage, { registry: registryFor() }).run((app) => app.read(job.ref));
    });
    const { outcome } = await delivered(job, exhaust, () => {
      throw new OperationError('no');
    });
    expect(outcome).toEqual(['attempt lost']);
    expect(await lookAt(storage, job.ref)).toMatchObject({ problem: { code: 'attempts-exhausted' } });
    expect(await storage.countMessages()).toBe(0);
  });

  test('claimed, same attempt, but Renew refused, since another has the lease: lost', async () => {
    const job = await arrangeJob(storage, { lease: 'expired' });
    // Both deliveries of it run attempt 2; the other one has not marked it yet.
    const takeOver = before('mark', async () => {
      await storage.advance(LEASE_SECONDS + 1);
      await claimFor(job)();
    });
    const { steps } = await delivered(job, takeOver);
    expect(steps).toEqual(['take', 'claim', 'mark', 'look', 'enqueue']);
    expect(await lookAt(storage, job.ref)).toMatchObject({ state: 'Pending', lease: 'live' });
    await expectOneMessage(storage, job, 1, LEASE_SECONDS);
  });

  test('claimed, same attempt, but Renew refused, since a cancel has broken the lease: writes Canceled', async () => {
    const job = await arrangeClaimed();
    const { steps } = await delivered(
      job,
      before('publish', () => storage.store.breakLease(job.ref)),
    );
    expect(steps).toEqual(['take', 'claim', 'mark', 'publish', 'look', 'heartbeat', 'cancel']);
    await expectCanceled(job);
  });

  test('an expired lease that is still its own: renews it and goes on', async () => {
    const job = await arrangeClaimed();
    const { steps } = await delivered(
      job,
      before('publish', () => storage.advance(LEASE_SECONDS + 1)),
    );
    expect(steps).toEqual(['take', 'claim', 'mark', 'publish', 'look', 'heartbeat', 'publish']);
    await expectReplyOf(2, job);
  });

  test('its staged blocks gone with another reply: returns', async () => {
    const job = await arrangeClaimed();
    const other = before('publish', async () => {
      await storage.store.breakLease(job.ref);
      const { etag, ...now } = await lookAt(storage, job.ref);
      const { contentType, content } = replyOf(2);
      await storage.store.publish(
        job.ref,
        { ...fieldsOf({ ...now, etag }), state: 'Succeeded' },
        { contentType },
        content,
        { etag },
      );
    });
    const { steps } = await delivered(job, other, ({ attempt }) => ({
      bytes: Buffer.alloc(33 * 1024 * 1024, attempt),
      contentType: 'application/octet-stream',
    }));
    expect(steps.slice(-2)).toEqual(['publish', 'look']);
    await expectReplyOf(2, job);
  });

  test('itself lost in the middle of staging: stages no more and leaves a successor', async () => {
    const job = await arrangeClaimed();
    const takeOver = before('stage', async () => {
      await storage.store.breakLease(job.ref);
      await claimFor(job)();
    });
    let isClosed = false;
    const { steps } = await delivered(job, takeOver, () => ({
      contentType: 'application/octet-stream',
      stream: (async function* endless() {
        try {
          for (;;) yield new Uint8Array(4 * 1024 * 1024);
        } finally {
          isClosed = true;
        }
      })(),
    }));
    expect(steps.at(-1)).toBe('enqueue');
    expect(steps).not.toContain('publish');
    expect(isClosed).toBe(true);
    await expectOneMessage(storage, job, 2, LEASE_SECONDS);
  });
});
