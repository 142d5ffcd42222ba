/** What whoever looks at a job does for it: the recovery table's rows against Azurite, and many who look at once. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { StorageUnavailable } from '../../src/jobs/errors.ts';
import { type Job, LAYOUT } from '../../src/jobs/job.ts';
import { recoveryTable } from '../../src/jobs/recovery-decision.ts';
import { type Arrangement, arrangeJob, lookAt, newRef } from './support/arranged-job.ts';
import { type Instance, startInstance } from './support/instance.ts';
import { answerLost, before } from './support/interventions.ts';
import { type JobStorage, startJobStorage } from './support/job-storage.ts';
import { contentOf, expectOneMessage, takeMessage } from './support/messages.ts';
import type { Around } from './support/port-call.ts';
import { REQUEST, registryFor } from './support/work.ts';

let storage: JobStorage;
beforeAll(async () => {
  storage = await startJobStorage();
});
afterAll(() => storage.stop());
beforeEach(() => storage.requests.clearMessages());

const start = (around?: Around) =>
  startInstance(storage, { registry: registryFor(), ...(around && { around }) });
const steps = ({ calls }: Instance) => calls.map(({ step }) => step);

/** Has an instance answer a poll. */
async function polled({ ref }: Pick<Job, 'ref'>, instance = start()): Promise<Job> {
  const outcome = await instance.run((app) => app.read(ref));
  if (outcome.is !== 'answered') throw new Error(`the poll was ${outcome.is}`);
  return outcome.value;
}

/** A poll that reads and does nothing more, answered with the job as it is. */
async function expectLeftAlone(job: Job, calls = ['look']): Promise<void> {
  const instance = start();
  const { etag } = await lookAt(storage, job.ref);
  expect((await polled(job, instance)).etag).toBe(etag);
  expect(steps(instance)).toEqual(calls);
  expect((await lookAt(storage, job.ref)).etag).toBe(etag);
}

/** Puts a message of another job's, as a backlog has it. */
const putAnother = () => storage.queue.put(undefined, { job: newRef(), attempt: 1 }, 0);

const RECOVERED = ['look', 'recover', 'enqueue', 'look'];
const PEEKED = ['look', 'peek', 'recover', 'enqueue', 'look'];

async function expectMessagePutAgain(job: Job, calls: readonly string[], recovered = 1): Promise<void> {
  const instance = start();
  const answer = await polled(job, instance);
  expect(steps(instance)).toEqual(calls);
  expect(answer).toMatchObject({ state: 'Pending', attempt: job.attempt, waiting: job.waiting, recovered });
  expect(answer.token).not.toBe(job.token);
  expect(answer.etag).toBe((await lookAt(storage, job.ref)).etag);
}

describe('a poll that finds', () => {
  const rows: Record<string, () => Promise<void>> = {
    'written by a newer version': async () => {
      const { ref } = await arrangeJob(storage, { lease: 'expired' });
      const blob = storage.container.getBlobClient(ref);
      const { metadata = {} } = await blob.getProperties();
      await blob.setMetadata({ ...metadata, v: String(LAYOUT + 1) });
      await storage.advance(31);
      await expectLeftAlone(await lookAt(storage, ref));
    },
    finished: async () => {
      for (const state of ['Succeeded', 'Failed', 'Canceled'] as const) {
        await expectLeftAlone(await arrangeJob(storage, { state, lease: 'expired' }));
      }
    },
    'leased by a live attempt': async () => {
      await expectLeftAlone(await arrangeJob(storage, { lease: 'live' }));
    },
    'lease broken': async () => {
      const job = await arrangeJob(storage, { lease: 'broken' });
      expect((await polled(job)).state).toBe('Canceled');
      expect((await contentOf(storage, job.ref)).content).toBe(REQUEST.content.toString());
    },
    'handed to the workflow engine, not quiet for long enough': async () => {
      const job = await arrangeJob(storage, { handedAt: storage.now() });
      await storage.advance(115);
      await expectLeftAlone(job);
    },
    'handed to the workflow engine, quiet': async () => {
      const job = await arrangeJob(storage, { handedAt: storage.now(), lease: 'expired' });
      await storage.advance(121);
      await expectMessagePutAgain(job, RECOVERED);
      await expectOneMessage(storage, job, 1, 0);
      await storage.advance(200);
      await expectLeftAlone(job);
    },
    'notBefore ahead': async () => {
      const notBefore = new Date(storage.now().getTime() + 300_000);
      const job = await arrangeJob(storage, { attempt: 2, waiting: true, notBefore });
      await storage.advance(200);
      await expectLeftAlone(job);
    },
    'lease expired, not waiting': async () => {
      const job = await arrangeJob(storage, { attempt: 2, lease: 'expired', percentComplete: 50 });
      const instance = start();
      const answer = await polled(job, instance);
      expect(steps(instance)).toEqual(['look', 'next attempt', 'enqueue', 'look']);
      expect(answer).toMatchObject({ state: 'Pending', attempt: 3, waiting: true, lease: 'none' });
      expect(answer.percentComplete).toBeUndefined();
      expect(answer.token).toMatch(/^[0-9a-f-]{36}$/);
      await expectOneMessage(storage, job, 3, 0);
    },
    'lease expired, waiting': async () => {
      const job = await arrangeJob(storage, { attempt: 2, waiting: true, lease: 'expired' });
      await expectMessagePutAgain(job, RECOVERED);
      await expectOneMessage(storage, job, 2, 0);
    },
    'no lease, not quiet for long enough': async () => {
      const job = await arrangeJob(storage);
      await storage.advance(25);
      await expectLeftAlone(job);
    },
    'no lease, quiet, its queue not looked at': async () => {
      await putAnother();
      const job = await arrangeJob(storage);
      await storage.advance(31);
      await expectLeftAlone(job, ['look', 'peek']);
    },
    'no lease, quiet, its message waits its turn': async () => {
      const job = await arrangeJob(storage);
      await storage.queue.put(undefined, { job: job.ref, attempt: 1 }, 0);
      await storage.advance(3600);
      await putAnother();
      await expectLeftAlone(job, ['look', 'peek']);
      await storage.requests.clearMessages();
    },
    'no lease, quiet, its message is not in the queue': async () => {
      const job = await arrangeJob(storage);
      await storage.advance(31);
      await expectMessagePutAgain(job, PEEKED);
      await expectOneMessage(storage, job, 1, 0);
      await storage.advance(10);
      await putAnother();
      await storage.advance(45);
      await expectLeftAlone(job);
      await storage.advance(6);
      await expectMessagePutAgain(await lookAt(storage, job.ref), PEEKED, 2);
      await takeMessage(storage);
      await expectOneMessage(storage, job, 1, 0);
    },
  };
  test.each(Object.keys(rows))('%s', (row) => rows[row]?.());

  test('every row of the table is tested here', () => {
    expect(Object.keys(rows).sort()).toEqual(recoveryTable.map(({ finds }) => finds).sort());
  });

  test('an expired lease, the second in a row: the next attempt is put off, its message with it', async () => {
    const job = await arrangeJob(storage, { attempt: 2, lost: 1, lease: 'expired' });
    const answer = await polled(job);
    expect(answer).toMatchObject({ state: 'Pending', attempt: 3, lost: 2, waiting: true });
    expect(answer.notBefore?.getTime()).toBeGreaterThan(answer.observedAt.getTime());
    expect(await takeMessage(storage)).toBeUndefined();
    await storage.advance(11);
    expect(await takeMessage(storage)).toEqual({ job: job.ref, attempt: 3 });
  });

  test('an expired lease at the limit: the job fails, with the reason for operators', async () => {
    const job = await arrangeJob(storage, { attempt: 3, limit: 3, lease: 'expired' });
    const answer = await polled(job);
    expect(answer).toMatchObject({
      state: 'Failed',
      problem: {
        code: 'attempts-exhausted',
        status: 500,
        reason: expect.stringMatching(/^attempt 3 ended without a word/),
      },
    });
    expect(await storage.countMessages()).toBe(0);
  });
});

const needsRecovery: Record<string, Arrangement> = {
  'an expired lease': { lease: 'expired' },
  'a lost message': {},
};

describe.each(Object.entries(needsRecovery))('%s', (_, arrangement) => {
  async function arranged(): Promise<Job> {
    const job = await arrangeJob(storage, arrangement);
    await storage.advance(31);
    return job;
  }

  test('is recovered once, however many poll', async () => {
    const job = await arranged();
    const instances = Array.from({ length: 4 }, () => start());
    const polls = instances.flatMap((instance) => Array.from({ length: 5 }, () => polled(job, instance)));
    const answers = await Promise.all(polls);
    const now = await lookAt(storage, job.ref);
    // One that peeks once the message is there again finds a job whose message waits its turn.
    for (const { etag } of answers) expect([job.etag, now.etag]).toContain(etag);
    expect(now.attempt + now.recovered).toBe(2);
    await expectOneMessage(storage, job, now.attempt, 0);
  });

  test('and storage that fails meanwhile: the poll is answered all the same', async () => {
    const written = async () => (await lookAt(storage, job.ref)).attempt > 1;
    const job = await arranged();
    const down: Around = async (call, run) => {
      if (call.step === 'look') return await run();
      throw new StorageUnavailable(call.storageCall);
    };
    const instance = start(down);
    expect(await polled(job, instance)).toMatchObject({ state: 'Pending', attempt: 1, recovered: 0 });
    expect(instance.log.join()).toContain('recovery failed');
    expect(await written()).toBe(false);
  });

  test('of which the message is lost on the way: the next to ask puts it', async () => {
    const job = await arranged();
    const noMessage: Around = async (call, run) => {
      if (call.step !== 'enqueue') return await run();
      throw new StorageUnavailable(call.storageCall);
    };
    await polled(job, start(noMessage));
    expect(await storage.countMessages()).toBe(0);
    const { recovered } = await lookAt(storage, job.ref);
    await storage.advance(30 * 2 ** recovered + 1);
    const { attempt } = await polled(job);
    await expectOneMessage(storage, job, attempt, 0);
  });

  test('of which the write is lost on the way: answered, and nobody puts a second message', async () => {
    const job = await arranged();
    const step = arrangement.lease === undefined ? 'recover' : 'next attempt';
    await polled(job, start(answerLost(step)));
    await polled(job);
    expect(await storage.countMessages()).toBe(0);
  });

  test('and an attempt that claims just before: it is left to that attempt', async () => {
    const job = await arranged();
    const step = arrangement.lease === undefined ? 'recover' : 'next attempt';
    const claim = before(step, () => storage.store.acquireLease(job.ref, crypto.randomUUID(), job.etag));
    const answer = await polled(job, start(claim));
    expect(answer).toMatchObject({ lease: 'live', attempt: job.attempt, recovered: 0 });
    expect(await storage.countMessages()).toBe(0);
  });

  test('and a delete just before: unknown', async () => {
    const job = await arranged();
    const step = arrangement.lease === undefined ? 'recover' : 'next attempt';
    const remove = before(step, () => storage.store.delete(job.ref));
    const outcome = await start(remove).run((app) => app.read(job.ref));
    expect(outcome).toMatchObject({ is: 'refused', error: { code: 'job-unknown' } });
  });
});

test('one peek answers for all jobs of a queue for a while', async () => {
  const jobs = await Promise.all(Array.from({ length: 10 }, () => arrangeJob(storage)));
  await putAnother();
  await storage.advance(31);
  const instance = start();
  await Promise.all(jobs.map((job) => polled(job, instance)));
  expect(steps(instance).filter((step) => step === 'peek')).toHaveLength(1);
});
