/** A job that runs in the instance that accepted it: what becomes of its message, and when it goes by the queue instead. */
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { StorageUnavailable } from '../../src/jobs/errors.ts';
import { requestOf } from './faults/accept-scenarios.ts';
import { lookAt, newRef } from './support/arranged-job.ts';
import { type Instance, type InstanceOptions, startInstance } from './support/instance.ts';
import { answerLost, before } from './support/interventions.ts';
import { type JobStorage, startJobStorage } from './support/job-storage.ts';
import { expectOneMessage, takeMessage } from './support/messages.ts';
import type { Around } from './support/port-call.ts';
import { queueHost } from './support/queue-host.ts';
import { REQUEST, registryFor, type Work, work, workflowRegistry } from './support/work.ts';

let storage: JobStorage;
beforeAll(async () => {
  storage = await startJobStorage();
});
afterAll(() => storage.stop());
beforeEach(() => storage.requests.clearMessages());

const SECRET = Buffer.from('the secret of these tests');

function instanceOf(run: Work = work, more: Partial<InstanceOptions> = {}): Instance {
  return startInstance(storage, { registry: registryFor(run), ...more });
}

/** A start whose caller waits; resolves when the attempt is over, where the instance began it. */
async function start(instance: Instance, ref = newRef()) {
  const outcome = await instance.run((app) => app.acceptAndRun(requestOf(ref, REQUEST)));
  await instance.idle();
  if (outcome.is === 'refused') throw outcome.error;
  return ref;
}

/** Storage never does it. */
const failing =
  (step: string): Around =>
  async (call, run) => {
    if (call.step === step) throw new StorageUnavailable(call.storageCall);
    return await run();
  };

const steps = ({ calls }: Instance) => calls.map(({ step }) => step).filter((step) => step !== 'peek');

/** Until then the message is not seen, and from then on it is. */
async function expectHiddenFor(seconds: number, ref: string): Promise<void> {
  await expectOneMessage(storage, { ref }, 1, seconds);
}

test('runs at once, reads nothing, and leaves no message', async () => {
  const instance = instanceOf();
  const ref = await start(instance);
  expect(steps(instance)).toEqual(['accept', 'enqueue', 'publish', 'delete message']);
  expect(await storage.countMessages()).toBe(0);
  expect(await lookAt(storage, ref)).toMatchObject({ state: 'Succeeded', attempt: 1 });
  expect(instance.log.find((line) => line.startsWith('attempt started'))).toContain('"dequeueCount":0');
});

test('under an Idempotency-Key it keeps what it was started with, and a repeat begins nothing', async () => {
  const instance = instanceOf();
  const ref = newRef();
  const again = () =>
    instance.run((app) => app.acceptAndRun({ ...requestOf(ref, REQUEST), fingerprintSecret: SECRET }));
  await again();
  expect(await again()).toMatchObject({ is: 'answered', value: { state: 'Succeeded', attempt: 1 } });
  expect(instance.log.filter((line) => line.startsWith('attempt started'))).toHaveLength(1);
  const other = { ...REQUEST, content: Buffer.from('another request') };
  expect(
    await instance.run((app) => app.acceptAndRun({ ...requestOf(ref, other), fingerprintSecret: SECRET })),
  ).toMatchObject({ is: 'refused', error: { code: 'idempotency-key-reused' } });
});

test('an empty request', async () => {
  const instance = instanceOf();
  const ref = newRef();
  const outcome = await instance.run((app) =>
    app.acceptAndRun(requestOf(ref, { ...REQUEST, content: Buffer.alloc(0) })),
  );
  expect(outcome.is).toBe('answered');
  expect(await lookAt(storage, ref)).toMatchObject({ state: 'Succeeded' });
});

test('the instance dies: the message appears after 30 s, as that of a first delivery', async () => {
  const instance: Instance = instanceOf(async (context) => {
    instance.kill();
    return await work(context);
  });
  await expectHiddenFor(30, await start(instance));
});

test('a job that kills every worker in its first second is executed once more than its limit allows', async () => {
  const executions: number[] = [];
  const crashing = () => {
    const instance: Instance = instanceOf(async ({ attempt }) => {
      executions.push(attempt);
      instance.kill();
      return await new Promise(() => undefined);
    });
    return instance;
  };
  const ref = await start(crashing());
  await queueHost(storage).playOn(crashing, 12);
  expect(await lookAt(storage, ref)).toMatchObject({
    state: 'Failed',
    problem: { code: 'attempts-exhausted' },
  });
  // The limit is 3. The host has counted nothing when it delivers the message for the first time.
  expect(executions).toEqual([1, 1, 2, 3]);
});

test('lasting, it keeps its message hidden, and deletes it by the receipt of the last time', async () => {
  const hidden = Promise.withResolvers<void>();
  const instance = instanceOf(
    async (context) => {
      await hidden.promise;
      return await work(context);
    },
    { hiding: { renewAfterMs: 5, heldSeconds: 600 } },
  );
  const started = start(instance);
  await instance.after('hide longer');
  await storage.advance(60);
  expect(await takeMessage(storage)).toBeUndefined();
  expect(await storage.countMessages()).toBe(1);
  hidden.resolve();
  await started;
  expect(await storage.countMessages()).toBe(0);
});

test('its message was taken meanwhile: the deletion is refused, and nothing comes of it', async () => {
  const instance = instanceOf(work, {
    around: before('publish', async () => {
      await storage.advance(31);
      await storage.requests.receiveMessages({ visibilityTimeout: 60 });
    }),
  });
  const ref = await start(instance);
  expect(await lookAt(storage, ref)).toMatchObject({ state: 'Succeeded', attempt: 1 });
  expect(await storage.countMessages()).toBe(1);
  expect(instance.log.at(-1)).toMatch(/^message left to appear/);
});

test('its outcome cannot be written: the message stays, and the queue runs the job', async () => {
  const instance = instanceOf(work, { around: answerLost('enqueue') });
  await expect(start(instance)).rejects.toThrow();
  expect(steps(instance)).not.toContain('publish');

  const cut = instanceOf(work, { around: failing('publish') });
  const ref = await start(cut);
  expect(steps(cut)).not.toContain('delete message');
  await queueHost(storage).playOn(() => instanceOf(), 4);
  expect(await lookAt(storage, ref)).toMatchObject({ state: 'Succeeded', attempt: 1 });
});

test('whose messages could not be put keep no place from those after them', async () => {
  const MORE_THAN_PLACES = 9;
  let starts = 0;
  const instance = instanceOf(work, {
    async around(call, run) {
      if (call.step === 'enqueue' && ++starts <= MORE_THAN_PLACES)
        throw new StorageUnavailable(call.storageCall);
      return await run();
    },
  });
  for (let refused = 0; refused < MORE_THAN_PLACES; refused++) {
    await expect(start(instance)).rejects.toThrow(StorageUnavailable);
  }
  await start(instance);
  expect(steps(instance).slice(-2)).toEqual(['publish', 'delete message']);
});

test('a shutdown hands it back, and what is started afterwards goes by the queue', async () => {
  const began = Promise.withResolvers<void>();
  const instance = instanceOf(async ({ signal }) => {
    began.resolve();
    await once(signal, 'abort');
    throw signal.reason;
  });
  const started = start(instance);
  await began.promise;
  expect(await instance.run((app) => app.shutDown())).toMatchObject({ value: { asked: 1, left: 0 } });
  const ref = await started;
  expect(await lookAt(storage, ref)).toMatchObject({ attempt: 2, waiting: true, limit: 4 });
  await expectOneMessage(storage, { ref }, 2, 0);

  await expectOneMessage(storage, { ref: await start(instance) }, 1, 0);
});

test.each<[string, Partial<InstanceOptions>]>([
  ['a workflow', { registry: workflowRegistry() }],
  [
    'work that usually takes longer than its caller waits',
    { registry: registryFor(work, { usualDuration: 31 }) },
  ],
])('%s goes by the queue', async (_, more) => {
  const instance = instanceOf(work, more);
  const ref = await start(instance);
  expect(steps(instance)).toEqual(['accept', 'enqueue']);
  await expectOneMessage(storage, { ref }, 1, 0);
});

test('a request of more than one block goes by the queue, which reads it again', async () => {
  const instance = instanceOf();
  const ref = newRef();
  const long = { ...REQUEST, content: Buffer.alloc(4 * 1024 * 1024 + 1) };
  await instance.run((app) => app.acceptAndRun(requestOf(ref, long)));
  await expectOneMessage(storage, { ref }, 1, 0);
});

test('a queue that was seen to be behind is not overtaken, and one that has caught up is of no account', async () => {
  await storage.queue.put(undefined, { job: newRef(), attempt: 1 }, 0);
  await storage.advance(10);
  const behind = instanceOf();
  // Nothing is known of the queue yet, and nobody waits to learn it.
  await start(behind);
  expect(steps(behind)).toContain('publish');
  await start(behind);
  expect(steps(behind).slice(-2)).toEqual(['accept', 'enqueue']);

  await storage.requests.clearMessages();
  const even = instanceOf();
  await start(even);
  await start(even);
  expect(steps(even).slice(-2)).toEqual(['publish', 'delete message']);
});
