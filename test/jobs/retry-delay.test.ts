import { expect, test } from '@jest/globals';
import { retryDelaySeconds } from '../../src/jobs/retry-delay.ts';

test.each([
  [2, 2],
  [3, 4],
  [4, 8],
  [9, 256],
  [10, 300],
  [1_000_000, 300],
])('attempt %d waits anything up to %d s', (attempt, longest) => {
  expect(retryDelaySeconds(attempt, () => 0)).toBe(0);
  expect(retryDelaySeconds(attempt, () => 0.5)).toBe(longest / 2);
  expect(retryDelaySeconds(attempt, () => 0.999_999)).toBeLessThan(longest);
});
