/** The type rules, and which figures stand beside which type. */
import { describe, expect, test } from '@jest/globals';
import { firstColumn } from './run-csv-profile.ts';

const NUMERIC_KEYS = ['min', 'max', 'mean', 'stddev', 'quantiles', 'histogram'];
const column = (...values: string[]) => firstColumn(['a', ...values.map((value) => `"${value}"`)].join('\n'));

describe('the type of a column', () => {
  test.each([
    ['integer', ['0', '-12', '+3', '9007199254740993', ' 7 ', '\t8']],
    ['number', ['1', '2.5']],
    ['number', ['.5', '5.', '-1e-3', '1E6', '+0.25', '123456789012345678.5']],
    ['boolean', ['true', 'FALSE', 'True']],
    ['date', ['2024-02-29', '1999-12-31', '0001-01-01']],
    [
      'date',
      ['2024-01-31T23:59', '2024-01-31T23:59:60Z', '2024-01-31 10:00:00.123+05:30', '2024-01-31t00:00:00,5z'],
    ],
    ['date', ['2024-01-31', '2024-01-31T10:00:00-0800']],
    ['string', ['1', 'x']],
    ['string', ['1', 'true']],
    ['string', ['2024-01-31', '1']],
    ['string', ['007']],
    ['string', ['1,000']],
    ['string', ['1_000']],
    ['string', ['0x1F']],
    ['string', ['NaN']],
    ['string', ['Infinity']],
    ['string', ['1e999']],
    ['string', ['9'.repeat(400)]],
    ['string', ['-']],
    ['string', ['.']],
    ['string', ['1.2.3']],
    ['string', ['1e']],
    ['string', [' ']],
    ['string', ['2023-02-29']],
    ['string', ['2024-13-01']],
    ['string', ['2024-04-31']],
    ['string', ['2024-01-00']],
    ['string', ['1900-02-29']],
    ['string', ['20240131T100000Z']],
    ['string', ['31.01.2024']],
    ['string', ['2024-01-31T24:00']],
    ['string', ['2024-01-31T10:00:00+25:00']],
    ['string', ['yes', 'no']],
  ])('is %s for %j', async (type, values) => {
    expect((await column(...values)).type).toBe(type);
  });

  test('is decided by the last value as much as by the first', async () => {
    const numbers = Array.from({ length: 20_000 }, (_, i) => String(i));
    expect((await column(...numbers)).type).toBe('integer');
    expect((await column(...numbers, '1.5')).type).toBe('number');
    const mixed = await column(...numbers, 'x');
    expect(mixed.type).toBe('string');
    for (const key of NUMERIC_KEYS) expect(mixed).not.toHaveProperty(key);
  });

  test('is not changed by nulls', async () => {
    expect(await column('1', '', '3')).toMatchObject({ type: 'integer', count: 2, nulls: 1 });
  });
});

describe('figures', () => {
  test('of numbers stand beside numbers', async () => {
    expect(await column('1', '2', '3', '4')).toEqual({
      name: 'a',
      type: 'integer',
      count: 4,
      nulls: 0,
      distinct: 4,
      distinctIsExact: true,
      min: 1,
      max: 4,
      mean: 2.5,
      stddev: Math.sqrt(5 / 3),
      quantiles: { p25: 1.75, p50: 2.5, p75: 3.25 },
      top: ['1', '2', '3', '4'].map((value) => ({ value, count: 1 })),
      histogram: [1, 2, 3, 4].map((from) => ({ from, to: from + 1, count: 1 })),
    });
  });

  test.each([
    ['boolean', 'true'],
    ['date', '2024-01-31'],
    ['string', 'x'],
  ])('of numbers do not stand beside a %s', async (_, value) => {
    const figures = await column(value, value);
    for (const key of NUMERIC_KEYS) expect(figures).not.toHaveProperty(key);
  });

  test('a single value has no standard deviation', async () => {
    expect(await column('5')).toMatchObject({
      min: 5,
      max: 5,
      mean: 5,
      stddev: null,
      quantiles: { p25: 5, p50: 5, p75: 5 },
      histogram: [{ from: 5, to: 5, count: 1 }],
    });
  });

  test('a spread that is small beside the values keeps its digits', async () => {
    const { mean, stddev } = await column('1000000000004', '1000000000007', '1000000000013', '1000000000016');
    expect(mean).toBe(1_000_000_000_010);
    expect(stddev).toBeCloseTo(Math.sqrt(30), 9);
  });

  test('numbers are what JavaScript reads, to the last bit', async () => {
    for (const text of [
      '0.1',
      '123456.789012345',
      '999999999999999',
      '-0.000001',
      '1.7976931348623157e308',
      '5e-324',
    ]) {
      expect((await column(text)).min).toBe(Number(text));
    }
  });

  test('at the ends of what a double holds figures are null at worst', async () => {
    const huge = await column('-1.7e308', '1.7e308', '1');
    expect(huge).toMatchObject({ type: 'number', count: 3, min: -1.7e308, max: 1.7e308, stddev: null });
    expect(huge.histogram?.reduce((sum, { count }) => sum + count, 0)).toBe(3);
    expect((await column('5e-324', '1e-323')).histogram?.length).toBeLessThanOrEqual(20);
  });

  test('of equally frequent values those that came first are on top', async () => {
    const values = ['z', 'y', 'x', 'w', 'v', 'u', 't', 's', 'r', 'q', 'p', 'p', 'o', 'x'];
    expect((await column(...values)).top.map(({ value }) => value)).toEqual([
      'x',
      'p',
      'z',
      'y',
      'w',
      'v',
      'u',
      't',
      's',
      'r',
    ]);
  });

  test('a long value is cut on top, and counted whole', async () => {
    const long = `${'x'.repeat(999)}🐧`;
    const { top, distinct } = await column(`${long}1`, `${long}2`, `${long}1`, 'y'.repeat(1000));
    expect(distinct).toBe(3);
    expect(top).toEqual([
      { value: `${'x'.repeat(999)}…`, count: 2 },
      { value: `${'x'.repeat(999)}…`, count: 1 },
      { value: 'y'.repeat(1000), count: 1 },
    ]);
  });
});
