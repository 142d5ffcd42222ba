/** How often progress is written, by what reaches storage. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { JobFields } from '../../src/jobs/job.ts';
import type { Ownership } from '../../src/jobs/ownership.ts';
import { progressOf } from '../../src/jobs/progress.ts';

test('a write that had to wait for its turn is followed by the next after a whole interval all the same', async () => {
  const turn = Promise.withResolvers<void>();
  const both = Promise.withResolvers<void>();
  const writtenAtMs: number[] = [];
  const owner: Pick<Ownership, 'isClaimed' | 'write'> = {
    isClaimed: true,
    async write(change) {
      await turn.promise;
      change({} as JobFields);
      writtenAtMs.push(performance.now());
      if (writtenAtMs.length === 2) both.resolve();
    },
  };
  const progress = progressOf(owner, 100, new Date());
  progress.report(1);
  // As long as a claim takes.
  await delay(150);
  progress.report(2);
  turn.resolve();
  await both.promise;
  progress.stop();
  const [first = 0, second = 0] = writtenAtMs;
  // A timer may fire a millisecond early.
  expect(second - first).toBeGreaterThanOrEqual(98);
});
