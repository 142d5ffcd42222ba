import { expect, test } from '@jest/globals';
import { callList, costOf } from '../../../dev/bench/call-list.ts';
import { quantile, ratioOf, spreadOf } from '../../../dev/bench/figure.ts';
import { compared } from '../../../dev/bench/growth-figures.ts';
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

test('what grows stands below the first of its kind, with what it is of that', () => {
  const few = { name: 'few', unit: 'ms', ours: [10], floor: [10] };
  const many = { name: 'many', unit: 'ms', ours: [11], floor: [20], note: 'Slow.' };
  const none = { name: 'none', unit: 'calls', ours: [0] };
  const some = { name: 'some', unit: 'calls', ours: [3] };
  expect(
    compared([
      [few, none],
      [many, some],
    ]),
  ).toEqual([few, { ...many, note: '1.10 of the first, the floor’s 2.00. Slow.' }, none, some]);
});

test('calls of several jobs are those of one, and looks are none of theirs', () => {
  const { sum, calls } = costOf(
    { 'Get Messages': 7, 'Put Blob': 6, 'Get Blob': 3, 'Lease Blob: acquire': 1 },
    3,
  );
  expect(sum).toBeCloseTo(10 / 3);
  expect(callList(calls)).toBe('2 Put Blob, Get Blob, 0.33 Lease Blob: acquire.');
});
