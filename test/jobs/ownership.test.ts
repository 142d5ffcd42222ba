/** The end of an attempt's hold on its job's blob. */
import { expect, test } from '@jest/globals';
import type { Job } from '../../src/jobs/job.ts';
import { own } from '../../src/jobs/ownership.ts';

test('waits for the write under way, and lets none begin after it', async () => {
  const written = Promise.withResolvers<string>();
  let writes = 0;
  const never = () => Promise.reject(new Error('not in this test'));
  const owner = own(
    {
      store: {
        look: never,
        acquireLease: never,
        renewLease: never,
        releaseLease: never,
        write() {
          writes += 1;
          return written.promise;
        },
      },
      send: never,
      clock: { now: () => new Date() },
      log: { info() {}, warn() {}, error() {} },
      heartbeatMs: 10_000,
    },
    { ref: 'ref', etag: '"1"', attempt: 1 } as Job,
    1,
    'token',
  );
  const write = owner.write((fields) => fields);
  let hasEnded = false;
  const end = owner.end().then(() => {
    hasEnded = true;
  });
  // Every promise that can be settled has been, by the next turn of the event loop.
  await new Promise((resolve) => setImmediate(resolve));
  expect({ writes, hasEnded }).toEqual({ writes: 1, hasEnded: false });
  written.resolve('"2"');
  await Promise.all([write, end]);
  await expect(owner.write((fields) => fields)).rejects.toThrow('the attempt is over: ended');
  expect(writes).toBe(1);
});
