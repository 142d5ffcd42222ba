import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { costParts, PAGE } from '../../../dev/cost/cost-page.ts';
import { costPerMillion, hidingsAnew, idleMonth, priceOf } from '../../../dev/cost/design-cost.ts';
import { usageByRetryAfter, usageByWaiting, usageOnFastPath } from '../../../dev/cost/polling.ts';
import { readPart } from '../../../dev/generated-part.ts';
import { leaseCalls } from '../../../dev/lease-calls.ts';

test.each(Object.entries(costParts()))('docs/cost.md has the %s that npm run cost writes', (name, text) => {
  expect(readPart(PAGE, name)).toBe(text);
});

test('README.md says what a million jobs cost as that page does', () => {
  const [busy, alone] = [...(costParts().answer ?? '').matchAll(/\*\*(\$\d+)\*\*/g)].map(
    ([, price]) => price,
  );
  expect(readFileSync('README.md', 'utf8')).toContain(`${busy} to ${alone} a million jobs of 2 s`);
});

test('the cost of a job is that of its operations, executions and time', () => {
  const usage = { workSeconds: 0.5, polls: 1, heldSeconds: 0, waitReads: 0 };
  const alone = { workAtATime: 1, httpAtATime: 1, leastSeconds: 1 };
  const { operations, executions, gigabyteSeconds } = costPerMillion('ours', usage, alone);
  // Two writes, a read and a look at blobs; put, get and delete of a message.
  expect(operations).toBeCloseTo(2 * 5.5 + 0.44 + 0.44 + 3 * 0.4);
  // Start, work, poll; each billed a second of 2 GB.
  expect(executions).toBeCloseTo(3 * 0.4);
  expect(gigabyteSeconds).toBeCloseTo(3 * 2 * 26);
  expect(priceOf('serviceBus') * 1_000_000).toBeCloseTo(0.05);
});

test('a month without jobs costs a sweep a minute, and the looks of an instance that is up', () => {
  const filling = { workAtATime: 1, httpAtATime: 1, leastSeconds: 1 };
  const { sweepOperations, sweepTime, looks } = idleMonth(filling, 30);
  // Two lists, two calls of a lease, one look; 2 GB for a second; by the minute.
  expect(sweepOperations).toBeCloseTo(43_200 * (2 * 5.5e-6 + 3 * 0.44e-6));
  expect(sweepTime).toBeCloseTo(43_200 * (0.4e-6 + 2 * 26e-6));
  expect(looks).toBeCloseTo(43_200 * 30 * 0.4e-6);
});

test('an attempt claims once it has lasted a second, or at once, and renews every 10 s from then', () => {
  expect([1, 2, 10.9, 11, 12, 60].map((seconds) => leaseCalls(seconds * 1000))).toEqual([0, 1, 1, 2, 2, 6]);
  expect([0, 9, 10].map((seconds) => leaseCalls(seconds * 1000, 0))).toEqual([0, 1, 2]);
});

test('who keeps to Retry-After asks ever less often; who waits is read for', () => {
  const [short, long] = [usageByRetryAfter(10).polls, usageByRetryAfter(100).polls];
  expect(long).toBeGreaterThan(short);
  expect(long).toBeLessThan(3 * short);
  expect(usageByRetryAfter(10, 10).polls).toBeLessThanOrEqual(2);
  const { polls, heldSeconds, waitReads } = usageByWaiting(45, 30);
  expect({ polls, heldSeconds }).toEqual({ polls: 1, heldSeconds: 45 });
  expect(waitReads).toBeGreaterThan(60);
});

test('on the fast path whoever waits is read for less, and no second execution is paid for', () => {
  expect(usageOnFastPath(0, 30)).toMatchObject({ polls: 0, waitReads: 1 });
  expect(usageOnFastPath(2, 30).waitReads).toBe(3);
  expect(usageOnFastPath(60, 30).waitReads).toBeLessThan(usageByWaiting(60, 30).waitReads);
  expect([0, 19, 20, 319, 320].map(hidingsAnew)).toEqual([0, 0, 1, 1, 2]);
  const busy = { workAtATime: 24, httpAtATime: 16, leastSeconds: 0 };
  for (const seconds of [2, 10, 60]) {
    const fast = costPerMillion('oursOnFastPath', usageOnFastPath(seconds, 30), busy);
    const byQueue = costPerMillion('ours', usageByWaiting(seconds, 30), busy);
    expect(fast.total).toBeLessThan(byQueue.total);
    expect(byQueue.executions - fast.executions).toBeCloseTo(0.4);
  }
});
