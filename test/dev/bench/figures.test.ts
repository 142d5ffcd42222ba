import { expect, test } from '@jest/globals';
import { quantile, ratioOf, spreadOf } from '../../../dev/bench/figure.ts';
import { benchTable } from '../../../dev/bench/table.ts';

test('a figure is summed up by its least, middle and greatest value, whatever their order', () => {
  expect(spreadOf([5, 1, 3])).toEqual({ min: 1, median: 3, max: 5 });
  expect(spreadOf([4, 1])).toEqual({ min: 1, median: 2.5, max: 4 });
  expect(() => spreadOf([])).toThrow(RangeError);
});

test('a quantile lies between the values around its place', () => {
  const hundred = Array.from({ length: 101 }, (_, index) => index);
  expect(quantile(hundred, 0.99)).toBe(99);
  expect(quantile([10, 20], 0.25)).toBe(12.5);
});

test('the ratio is of the medians, and there is none without a floor', () => {
  expect(ratioOf({ name: 'x', unit: 'ms', ours: [1, 90, 100], floor: [100, 1000, 20] })).toBe(0.9);
  expect(ratioOf({ name: 'x', unit: 'ms', ours: [1] })).toBeUndefined();
});

test('a table has the columns that any of its figures has', () => {
  const beside = { name: 'fast', unit: 'ms', ours: [1.234, 2.345, 3.456], floor: [1] };
  const alone = { name: 'short job', unit: 'calls', ours: [5, 5], note: 'and a share' };
  expect(benchTable([beside])).toBe(
    [
      '|  | unit | this app | floor | ratio |',
      '| --- | --- | --- | --- | --- |',
      '| fast | ms | **2.35** (1.23 to 3.46) | 1 | 2.35 |',
      '',
    ].join('\n'),
  );
  expect(benchTable([alone])).toContain('| short job | calls | 5 | and a share |');
  expect(benchTable([beside, alone])).toContain('| short job | calls | 5 |  |  | and a share |');
});
