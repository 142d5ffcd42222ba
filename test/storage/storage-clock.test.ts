import { expect, test } from '@jest/globals';
import { storageClock } from '../../src/storage/storage-clock.ts';

const aheadMs = (clock: ReturnType<typeof storageClock>) => clock.now().getTime() - Date.now();
const dateAhead = (ms: number) => new Date(Date.now() + ms);

test('it is the instance’s own clock until an answer says otherwise, and what the last one said after that', () => {
  const clock = storageClock();
  expect(aheadMs(clock)).toBeCloseTo(0, -2);
  clock.learn(dateAhead(-600_000));
  expect(aheadMs(clock)).toBeCloseTo(-600_000, -2);
  clock.learn(dateAhead(45_000));
  expect(aheadMs(clock)).toBeCloseTo(45_000, -2);
});

test('an answer without a date teaches nothing, and one within the whole seconds of a Date neither', () => {
  const clock = storageClock();
  clock.learn(dateAhead(60_000));
  clock.learn(undefined);
  for (const ms of [59_000, 61_000]) clock.learn(dateAhead(ms));
  expect(aheadMs(clock)).toBeCloseTo(60_000, -2);
});
