/** Attempts that do not succeed: what the operation throws, and how long it takes. On Azurite. */
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { OperationError, operation, type Reply, stream } from '../../src/operations/operation.ts';
import { arrangeJob, lookAt } from './support/arranged-job.ts';
import { contend, RETURNED } from './support/contest.ts';
import { startInstance } from './support/instance.ts';
import { type JobStorage, startJobStorage } from './support/job-storage.ts';
import { expectOneMessage } from './support/messages.ts';
import { queueHost } from './support/queue-host.ts';
import { registryFor, type Work, type WorkContext } from './support/work.ts';

let storage: JobStorage;
beforeAll(async () => {
  storage = await startJobStorage();
});
afterAll(() => storage.stop());
beforeEach(() => storage.requests.clearMessages());

const untilAborted = async ({ signal }: WorkContext): Promise<never> => {
  await once(signal, 'abort');
  throw signal.reason;
};

describe('an error', () => {
  test('that is an OperationError fails the job at once, with its status and code', async () => {
    const { start, deliver, end } = await contend(storage);
    const rejecting: Work = () => {
      throw new OperationError('line 3', { status: 409, code: 'row-conflict' });
    };
    expect(await deliver(start(rejecting))).toEqual(RETURNED);
    expect(await storage.countMessages()).toBe(0);
    expect(await end()).toMatchObject({
      state: 'Failed',
      attempt: 1,
      problem: { status: 409, code: 'row-conflict', detail: 'line 3' },
    });
  });

  test('of any other kind puts the job off, by one message; its reason stays for operators', async () => {
    const { start, deliver, end, job } = await contend(storage);
    const failing: Work = () => {
      throw new RangeError('too far');
    };
    await deliver(start(failing));
    const now = await lookAt(storage, job.ref);
    expect(now).toMatchObject({ state: 'Pending', attempt: 2, waiting: true });
    expect(now.problem).toEqual({
      code: 'attempt-failed',
      status: 500,
      detail: 'Attempt 1 failed.',
      reason: 'RangeError: too far',
    });
    const backOffMs = (now.notBefore?.getTime() ?? Number.NaN) - now.observedAt.getTime();
    expect(backOffMs).toBeLessThan(2000 + 1000);
    expect(await storage.countMessages()).toBe(1);
    const ended = await end();
    expect(ended).toMatchObject({ state: 'Succeeded', attempt: 2 });
    expect(ended?.problem).toBeUndefined();
  });

  test.each([
    ['an OperationError', new OperationError('no'), ['fail', 'release']],
    ['any other', new Error('not yet'), ['next attempt', 'release', 'enqueue']],
  ])('of an attempt that has claimed leaves no lease behind: %s', async (_, error, last) => {
    const { start, deliver, end, job } = await contend(storage, { attempt: 2, waiting: true });
    const failing = start(() => {
      throw error;
    });
    expect(await deliver(failing)).toEqual(RETURNED);
    expect(failing.calls.map(({ step }) => step)).toEqual(['take', 'claim', 'mark', ...last]);
    expect(await lookAt(storage, job.ref)).toMatchObject({ lease: 'none' });
    await end();
  });

  test('in every attempt fails the job with 500 after the last', async () => {
    const job = await arrangeJob(storage, { limit: 3 });
    await storage.queue.put(undefined, { job: job.ref, attempt: 1 }, 0);
    let runs = 0;
    const registry = registryFor(() => {
      runs++;
      throw new Error(`run ${runs}`);
    });
    await queueHost(storage).playOn(() => startInstance(storage, { registry }), 10);
    expect(runs).toBe(3);
    expect((await lookAt(storage, job.ref)).problem).toEqual({
      code: 'attempts-exhausted',
      status: 500,
      detail: 'The operation did not succeed in 3 attempts.',
      reason: 'Error: run 3',
    });
  });

  test('of an operation that this version does not offer: retried, then failed', async () => {
    const job = await arrangeJob(storage, { limit: 2, operation: 'of-yesterday' });
    await storage.queue.put(undefined, { job: job.ref, attempt: 1 }, 0);
    const registry = registryFor();
    await queueHost(storage).playOn(() => startInstance(storage, { registry }), 10);
    expect(await lookAt(storage, job.ref)).toMatchObject({
      state: 'Failed',
      attempt: 2,
      problem: { code: 'attempts-exhausted', reason: expect.stringContaining("'of-yesterday'") },
    });
  });

  test('of a request that a later version of its operation refuses: failed at once, 422', async () => {
    const job = await arrangeJob(storage);
    const registry = new Map([
      [
        'work',
        operation({
          name: 'work',
          summary: 'Changed.',
          accepts: { 'text/csv': stream },
          run: () => ({ json: 1 }),
        }),
      ],
    ]);
    await startInstance(storage, { registry }).run((app) => app.deliver({ job: job.ref, attempt: 1 }, 1));
    expect(await lookAt(storage, job.ref)).toMatchObject({
      state: 'Failed',
      problem: { status: 422, code: 'content-type-unsupported' },
    });
  });
});

describe('the timeout of an operation', () => {
  const timedOut = (run: Work) => registryFor(run, { timeout: 0.05, retry: { maxAttempts: 5 } });

  test.each<[string, Work]>([
    ['heeds its signal', untilAborted],
    ['ignores its signal', () => new Promise<Reply>(() => undefined)],
  ])('ends the attempt of one that %s; the job is tried again', async (_, run) => {
    const job = await arrangeJob(storage);
    const instance = startInstance(storage, { registry: timedOut(run) });
    expect(await instance.run((app) => app.deliver({ job: job.ref, attempt: 1 }, 1))).toEqual(RETURNED);
    expect(await lookAt(storage, job.ref)).toMatchObject({
      state: 'Pending',
      attempt: 2,
      waiting: true,
      problem: { reason: expect.stringContaining('timeout of 0.05 s') },
    });
    await storage.advance(3);
    await expectOneMessage(storage, job, 2, 0);
  });

  test('ends a reply that is still being streamed', async () => {
    const { deliver, end, job } = await contend(storage);
    let isClosed = false;
    const endless: Work = ({ attempt, signal }) => ({
      contentType: 'text/plain',
      stream: (async function* reply() {
        try {
          if (attempt > 1) return;
          yield Buffer.alloc(5 * 1024 * 1024);
          await once(signal, 'abort');
          yield Buffer.from('late');
        } finally {
          isClosed = true;
          // Nobody hears of it: it would end the process.
          if (attempt === 1) await Promise.reject(new Error('not closed well'));
        }
      })(),
    });
    const instance = startInstance(storage, { registry: timedOut(endless) });
    expect(await deliver(instance)).toEqual(RETURNED);
    expect(isClosed).toBe(true);
    expect(await lookAt(storage, job.ref)).toMatchObject({ state: 'Pending', attempt: 2, lease: 'none' });
    expect(instance.calls.map(({ step }) => step)).not.toContain('publish');
    await end();
  });
});
