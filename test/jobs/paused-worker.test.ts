/** Workers that lose their lease without knowing: cut off from storage, or paused for longer than it lasts, and woken. */
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { LEASE_SECONDS } from '../../src/jobs/job.ts';
import { OperationError } from '../../src/operations/operation.ts';
import { lookAt } from './support/arranged-job.ts';
import { type Contest, contend, RETURNED } from './support/contest.ts';
import type { Instance, Outcome } from './support/instance.ts';
import { pausedAt } from './support/interventions.ts';
import { type JobStorage, startJobStorage } from './support/job-storage.ts';
import { longWork } from './support/long-work.ts';
import type { Work } from './support/work.ts';

let storage: JobStorage;
beforeAll(async () => {
  storage = await startJobStorage();
});
afterAll(() => storage.stop());
beforeEach(() => storage.requests.clearMessages());

test('a lease lost during a long attempt: the next attempt replies, the first one is aborted', async () => {
  const { start, deliver, end } = await contend(storage);
  let isCutOff = true;
  const first = start(
    async ({ signal }) => {
      await once(signal, 'abort');
      throw signal.reason;
    },
    async (call, send) => {
      if (call.step === 'heartbeat' && isCutOff) throw new Error('no way to storage');
      return await send();
    },
    { claimAfterMs: 0, heartbeatMs: 20 },
  );
  const delivery = deliver(first);
  await first.next('heartbeat');
  await storage.advance(LEASE_SECONDS + 1);
  expect(await deliver(start(), 1)).toEqual(RETURNED);
  isCutOff = false;
  expect(await delivery).toEqual(RETURNED);
  expect(first.log.join()).toContain('heartbeat failed');
  expect(await end()).toMatchObject({ state: 'Succeeded', attempt: 2 });
});

describe('a worker paused for longer than its lease, and woken', () => {
  const STEPS = ['claim', 'progress', 'stage', 'publish'] as const;

  const longWorkWithProgress = (instance: () => Instance): Work => {
    return async (context) => {
      await instance().after('claim');
      const written = instance().after('progress');
      context.progress(50);
      // Whoever has lost the job writes no progress any more.
      await Promise.race([written, once(context.signal, 'abort')]);
      context.signal.throwIfAborted();
      return await longWork(context);
    };
  };

  /** Runs a first attempt that is paused before the step while `meanwhile` happens. */
  async function pausedAndWoken(
    step: (typeof STEPS)[number],
    meanwhile: (contest: Contest) => Promise<unknown>,
  ) {
    const contest = await contend(storage, { isLong: true });
    const worker: Instance = contest.start(
      longWorkWithProgress(() => worker),
      pausedAt(step, async () => {
        await storage.advance(LEASE_SECONDS + 1);
        await meanwhile(contest);
      }),
      { claimAfterMs: 0 },
    );
    expect(await contest.deliver(worker)).toEqual(RETURNED);
    return contest;
  }

  test.each(STEPS)('before %s, nobody having touched the job: goes on and replies', async (step) => {
    const { end } = await pausedAndWoken(step, async () => undefined);
    expect(await storage.countMessages()).toBe(0);
    expect(await end()).toMatchObject({ state: 'Succeeded', attempt: 1 });
  });

  test.each(STEPS)('before %s, another attempt having replied: its reply stays', async (step) => {
    const { end } = await pausedAndWoken(step, ({ start, deliver }) => deliver(start(longWork), 2));
    expect(await storage.countMessages()).toBe(0);
    expect(await end()).toMatchObject({ state: 'Succeeded', attempt: 2 });
  });

  test.each(STEPS)(
    'before %s, another attempt running: leaves it alone and a message behind',
    async (step) => {
      const released = Promise.withResolvers<void>();
      let other: Promise<Outcome<void>> | undefined;
      const contest = await pausedAndWoken(step, async ({ start, deliver }) => {
        const runner = start(async (context) => {
          await released.promise;
          return await longWork(context);
        });
        other = deliver(runner, 2);
        await runner.after('mark');
      });
      expect(await lookAt(storage, contest.job.ref)).toMatchObject({
        state: 'Pending',
        attempt: 2,
        lease: 'live',
      });
      expect(await storage.countMessages()).toBe(1);
      released.resolve();
      expect(await other).toEqual(RETURNED);
      expect(await contest.end()).toMatchObject({ state: 'Succeeded', attempt: 2 });
    },
  );

  test.each(STEPS)('before %s, another attempt having failed for good: the failure stays', async (step) => {
    const { end } = await pausedAndWoken(step, ({ start, deliver }) =>
      deliver(
        start(() => {
          throw new OperationError('no');
        }),
        2,
      ),
    );
    expect(await storage.countMessages()).toBe(0);
    expect(await end()).toMatchObject({ state: 'Failed', attempt: 2, problem: { status: 422 } });
  });

  test.each(STEPS)('before %s, another attempt trying again: leaves it to that', async (step) => {
    const { end } = await pausedAndWoken(step, ({ start, deliver }) =>
      deliver(
        start(() => {
          throw new Error('not yet');
        }),
        2,
      ),
    );
    // The next attempt's own message, and the successor of the woken delivery.
    expect(await storage.countMessages()).toBe(2);
    expect(await end()).toMatchObject({ state: 'Succeeded', attempt: 3 });
  });
});
