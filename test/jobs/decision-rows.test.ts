/** The delivery table and the poison handler's table, row by row, against Azurite. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { deliveryTable, poisonTable } from '../../src/jobs/decisions.ts';
import { type Job, LAYOUT } from '../../src/jobs/job.ts';
import { type Arrangement, arrangeJob, lookAt, newRef } from './support/arranged-job.ts';
import { type Instance, startInstance } from './support/instance.ts';
import { before } from './support/interventions.ts';
import { type JobStorage, startJobStorage } from './support/job-storage.ts';
import { contentOf, expectOneMessage, takeMessage } from './support/messages.ts';
import type { Around } from './support/port-call.ts';
import { standInEngine } from './support/stand-in-engine.ts';
import { REQUEST, registryFor, replyOf } from './support/work.ts';

let storage: JobStorage;
beforeAll(async () => {
  storage = await startJobStorage();
});
afterAll(() => storage.stop());
beforeEach(() => storage.requests.clearMessages());

type Handler = 'deliver' | 'revive';

/** Has a fresh instance handle a message and return. */
async function handled(
  handler: Handler,
  { ref }: Pick<Job, 'ref'>,
  attempt: number,
  dequeueCount: number,
  around?: Around,
): Promise<Instance> {
  const instance = startInstance(storage, { registry: registryFor(), ...(around && { around }) });
  const outcome = await instance.run((app) =>
    handler === 'deliver'
      ? app.deliver({ job: ref, attempt }, dequeueCount)
      : app.revive({ job: ref, attempt }),
  );
  expect(outcome).toEqual({ is: 'answered', value: undefined });
  return instance;
}

const steps = ({ calls }: Instance) => calls.map(({ step }) => step);

async function expectUntouched(job: Job): Promise<void> {
  expect((await lookAt(storage, job.ref)).etag).toBe(job.etag);
}

async function expectReplyOf(attempt: number, { ref }: Job): Promise<void> {
  const { job, content } = await contentOf(storage, ref);
  expect(job).toMatchObject({ state: 'Succeeded', attempt, waiting: false, contentType: 'application/json' });
  expect(content).toBe(replyOf(attempt).content.toString());
  expect(await storage.countMessages()).toBe(0);
}

async function expectExhausted({ ref }: Job): Promise<void> {
  const { job, content } = await contentOf(storage, ref);
  expect(job).toMatchObject({ state: 'Failed', problem: { code: 'attempts-exhausted', status: 500 } });
  expect(content).toBe(REQUEST.content.toString());
  expect(await storage.countMessages()).toBe(0);
}

/** The second loss in a row: the next attempt is put off by 5 to 10 s. */
async function expectPutOff(job: Job): Promise<void> {
  const now = await lookAt(storage, job.ref);
  expect(now).toMatchObject({ state: 'Pending', attempt: 3, lost: 2, waiting: true });
  const seconds = ((now.notBefore?.getTime() ?? 0) - job.updatedAt.getTime()) / 1000;
  expect(seconds).toBeGreaterThanOrEqual(5);
  expect(await takeMessage(storage)).toBeUndefined();
  await storage.advance(11);
  expect(await takeMessage(storage)).toEqual({ job: job.ref, attempt: 3 });
}

async function arrangeNewer(): Promise<Job> {
  const { ref } = await arrangeJob(storage);
  const blob = storage.container.getBlobClient(ref);
  const { metadata = {} } = await blob.getProperties();
  await blob.setMetadata({ ...metadata, v: String(LAYOUT + 1) });
  return await lookAt(storage, ref);
}

/** The rows that both tables share: neither runs anything. */
const commonRows = (handler: Handler): Record<string, () => Promise<void>> => ({
  'no blob': async () => {
    await handled(handler, { ref: newRef() }, 1, 1);
    expect(await storage.countMessages()).toBe(0);
  },
  'written by a newer version': async () => {
    const job = await arrangeNewer();
    await handled(handler, job, 1, 1);
    await expectUntouched(job);
    await expectOneMessage(storage, job, 1, 30);
  },
  finished: async () => {
    for (const state of ['Succeeded', 'Failed', 'Canceled'] as const) {
      const job = await arrangeJob(storage, { state, lease: 'live' });
      await handled(handler, job, 1, 2);
      await expectUntouched(job);
    }
    expect(await storage.countMessages()).toBe(0);
  },
  'leased by a live attempt': async () => {
    const job = await arrangeJob(storage, { attempt: 2, lease: 'live' });
    await handled(handler, job, 1, 1);
    await expectUntouched(job);
    await expectOneMessage(storage, job, 2, 30);
  },
  'lease broken': async () => {
    const job = await arrangeJob(storage, { lease: 'broken' });
    await handled(handler, job, 1, 1);
    const { job: now, content } = await contentOf(storage, job.ref);
    expect(now.state).toBe('Canceled');
    expect(content).toBe(REQUEST.content.toString());
    expect(await storage.countMessages()).toBe(0);
  },
  'notBefore ahead': async () => {
    const notBefore = new Date(storage.now().getTime() + 120_000);
    const job = await arrangeJob(storage, { attempt: 2, waiting: true, notBefore });
    await handled(handler, job, 2, 3);
    await expectUntouched(job);
    await expectOneMessage(storage, job, 2, 120);
  },
});

describe('a delivery that finds', () => {
  const deliver = (job: Job, attempt: number, dequeueCount: number, around?: Around) =>
    handled('deliver', job, attempt, dequeueCount, around);
  const PUT_OFF = ['take', 'next attempt', 'enqueue'];
  const CLAIMED_RUN = ['take', 'claim', 'mark', 'publish'];

  const rows: Record<string, () => Promise<void>> = {
    ...commonRows('deliver'),
    'handed to the workflow engine': async () => {
      const handedAt = storage.now();
      const engine = standInEngine();
      const job = await arrangeJob(storage, { handedAt, lease: 'expired' });
      engine.instances.set(job.ref, {
        handedAt: handedAt.toISOString(),
        state: 'alive',
        reason: undefined,
      });
      const instance = startInstance(storage, { registry: registryFor(), engine });
      await instance.run((app) => app.deliver({ job: job.ref, attempt: 1 }, 2));
      expect(steps(instance)).toEqual(['take', 'ask engine']);
      await expectUntouched(job);
      expect(await storage.countMessages()).toBe(0);
    },
    'lease expired, not waiting': async () => {
      const job = await arrangeJob(storage, { lease: 'expired' });
      expect(steps(await deliver(job, 1, 1))).toEqual(CLAIMED_RUN);
      await expectReplyOf(2, job);
    },
    'd > 1 and a = n': async () => {
      const job = await arrangeJob(storage);
      expect(steps(await deliver(job, 1, 2))).toEqual(CLAIMED_RUN);
      await expectReplyOf(2, job);
    },
    'lease expired, not waiting, and the attempt before was lost too': async () => {
      const job = await arrangeJob(storage, { attempt: 2, lost: 1, lease: 'expired' });
      expect(steps(await deliver(job, 1, 1))).toEqual(PUT_OFF);
      await expectPutOff(job);
    },
    'd > 1 and a = n, and the attempt before was lost too': async () => {
      const job = await arrangeJob(storage, { attempt: 2, lost: 1 });
      expect(steps(await deliver(job, 2, 2))).toEqual(PUT_OFF);
      await expectPutOff(job);
    },
    'd > 1 or n > 1': async () => {
      const redelivered = await arrangeJob(storage, { attempt: 2, waiting: true });
      expect(steps(await deliver(redelivered, 1, 2))).toEqual(CLAIMED_RUN);
      await expectReplyOf(2, redelivered);
      const later = await arrangeJob(storage, { attempt: 2, waiting: true });
      expect(steps(await deliver(later, 2, 1))).toEqual(CLAIMED_RUN);
      await expectReplyOf(2, later);
      // The attempt before it died between its last write and the release of its lease.
      const unreleased = await arrangeJob(storage, { attempt: 2, waiting: true, lease: 'expired' });
      expect(steps(await deliver(unreleased, 2, 1))).toEqual(CLAIMED_RUN);
      await expectReplyOf(2, unreleased);
    },
    'n = 1, d = 1': async () => {
      const job = await arrangeJob(storage);
      expect(steps(await deliver(job, 1, 1))).toEqual(['take', 'publish']);
      await expectReplyOf(1, job);
    },
  };
  test.each(Object.keys(rows))('%s', (row) => rows[row]?.());

  test('every row of the table is tested here', () => {
    expect(Object.keys(rows).sort()).toEqual(deliveryTable.map(({ finds }) => finds).sort());
  });

  test.each<[string, Arrangement, number]>([
    ['an expired lease', { lease: 'expired' }, 1],
    ['a redelivery of its attempt', {}, 2],
    ['an attempt already beyond', { limit: 2, waiting: true }, 1],
  ])('the attempt to run beyond its limit, by %s, fails the job', async (_, arrangement, dequeueCount) => {
    const job = await arrangeJob(storage, { attempt: 3, limit: 3, ...arrangement });
    expect(steps(await deliver(job, 3, dequeueCount))).toEqual(['take', 'fail']);
    await expectExhausted(job);
  });

  test('a message number of no attempt at all: it is a wake-up like any other', async () => {
    const job = await arrangeJob(storage);
    await deliver(job, 99, 1);
    await expectReplyOf(1, job);
  });

  test('a broken lease, and is refused by an attempt that has it back: reads again', async () => {
    const job = await arrangeJob(storage, { lease: 'broken' });
    const claimAgain = before('cancel', () =>
      storage.store.acquireLease(job.ref, crypto.randomUUID(), job.etag),
    );
    await deliver(job, 1, 1, claimAgain);
    await expectUntouched(job);
    await expectOneMessage(storage, job, 1, 30);
  });

  test('the limit, and is refused by a retry: reads again', async () => {
    const job = await arrangeJob(storage, { attempt: 3, limit: 3 });
    const { lease, etag, ...fields } = job;
    const raise = before('fail', () => storage.store.write(job.ref, { ...fields, limit: 6 }, { etag }));
    await deliver(job, 3, 2, raise);
    await expectReplyOf(4, job);
  });
});

describe('the poison handler that finds', () => {
  const revive = (job: Job, attempt: number, around?: Around) => handled('revive', job, attempt, 1, around);

  async function expectNextAttempt(job: Job): Promise<void> {
    const now = await lookAt(storage, job.ref);
    expect(now).toMatchObject({ state: 'Pending', attempt: job.attempt + 1, waiting: true });
    expect(now.token).toMatch(/^[0-9a-f-]{36}$/);
    // Where an operator finds it; clients are told of a failure alone.
    expect(now.problem).toMatchObject({
      code: 'attempt-lost',
      reason: expect.stringContaining('without a word'),
    });
    await expectOneMessage(storage, job, job.attempt + 1, 0);
  }

  const rows: Record<string, () => Promise<void>> = {
    ...commonRows('revive'),
    'handed to the workflow engine': async () => {
      const job = await arrangeJob(storage, { handedAt: storage.now(), lease: 'expired' });
      await revive(job, 1);
      await expectUntouched(job);
      await expectOneMessage(storage, job, 1, 30);
    },
    'lease expired, not waiting': async () => {
      const job = await arrangeJob(storage, { attempt: 2, lease: 'expired' });
      await revive(job, 1);
      await expectNextAttempt(job);
    },
    'a = n': async () => {
      const job = await arrangeJob(storage);
      await revive(job, 1);
      await expectNextAttempt(job);
    },
    'anything else': async () => {
      const job = await arrangeJob(storage, { attempt: 2, waiting: true });
      await revive(job, 1);
      await expectUntouched(job);
      await expectOneMessage(storage, job, 2, 0);
      const unreleased = await arrangeJob(storage, { attempt: 2, waiting: true, lease: 'expired' });
      await revive(unreleased, 1);
      await expectUntouched(unreleased);
      await expectOneMessage(storage, unreleased, 2, 0);
    },
  };
  test.each(Object.keys(rows))('%s', (row) => rows[row]?.());

  test('every row of the table is tested here', () => {
    expect(Object.keys(rows).sort()).toEqual(poisonTable.map(({ finds }) => finds).sort());
  });

  test.each<[string, Arrangement]>([
    ['an expired lease', { lease: 'expired' }],
    ['its own attempt in the message', {}],
  ])('the next attempt beyond its limit, by %s, fails the job', async (_, arrangement) => {
    const job = await arrangeJob(storage, { attempt: 3, limit: 3, ...arrangement });
    await revive(job, 3);
    await expectExhausted(job);
  });

  test('the limit, and is refused by a retry: reads again', async () => {
    const job = await arrangeJob(storage, { attempt: 3, limit: 3 });
    const { lease, etag, ...fields } = job;
    const raise = before('fail', () => storage.store.write(job.ref, { ...fields, limit: 6 }, { etag }));
    await revive(job, 3, raise);
    await expectNextAttempt(job);
  });

  test('its next attempt refused by another write: reads again', async () => {
    const job = await arrangeJob(storage);
    const { lease, etag, ...fields } = job;
    const tryAgain = before('next attempt', () =>
      storage.store.write(job.ref, { ...fields, attempt: 2, waiting: true }, { etag }),
    );
    await revive(job, 1, tryAgain);
    expect(await lookAt(storage, job.ref)).toMatchObject({ attempt: 2, waiting: true });
    await expectOneMessage(storage, job, 2, 0);
  });
});
