import { expect, test } from '@jest/globals';
import { eventually } from './eventually.ts';

test('resolves with the first result that is neither false nor undefined', async () => {
  const results = [false, undefined, 0, 1];
  expect(await eventually(() => results.shift(), { intervalMs: 1 })).toBe(0);
});

test('waits while the check throws', async () => {
  let calls = 0;
  const check = async () => {
    calls += 1;
    if (calls < 3) throw new Error('not yet');
    return calls;
  };
  expect(await eventually(check, { intervalMs: 1 })).toBe(3);
});

test('throws what the check last threw when time is up', async () => {
  const check = () => Promise.reject(new Error('the blob is not there'));
  await expect(eventually(check, { timeoutMs: 10, intervalMs: 1 })).rejects.toThrow('the blob is not there');
});

test('says what was awaited when the check threw nothing', async () => {
  let isDone = false;
  await expect(eventually(() => isDone, { timeoutMs: 10, intervalMs: 1 })).rejects.toThrow(/10 ms.*isDone/);
  isDone = true;
});
