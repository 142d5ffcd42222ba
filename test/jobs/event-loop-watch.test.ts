import { afterEach, expect, test } from '@jest/globals';
import { watchEventLoop } from '../../src/jobs/event-loop-watch.ts';
import { eventually } from '../support/eventually.ts';

const lines: string[] = [];
const log = { info: () => {}, error: () => {}, warn: (line: string) => void lines.push(line) };
const TICK_MS = 20;
const WARN_MS = 100;

afterEach(() => {
  lines.length = 0;
});

/** As an operation would that never yields. */
function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

test('an operation that blocks the loop is named, also one that ends with it', async () => {
  const enter = watchEventLoop(TICK_MS, WARN_MS);
  const leave = [enter('hasty', log), enter('blocking', log), enter('blocking', log)];
  block(3 * WARN_MS);
  await eventually(() => lines.length > 0);
  expect(lines).toEqual([expect.stringMatching(/"blockedMs":\d{3,}.*"hasty","blocking"\]/)]);

  lines.length = 0;
  block(3 * WARN_MS);
  for (const leaveOne of leave) leaveOne();
  expect(lines).toHaveLength(1);
});

test('work that yields is not, and nothing ticks while none runs', async () => {
  const before = timers();
  const enter = watchEventLoop(TICK_MS, 10_000);
  const leave = enter('polite', log);
  expect(timers()).toBe(before + 1);
  block(3 * TICK_MS);
  leave();
  expect(lines).toEqual([]);
  expect(timers()).toBe(before);
});
