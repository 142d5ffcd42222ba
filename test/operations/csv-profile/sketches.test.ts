/** Beyond 10,000 distinct values: what is estimated stays within its stated error, what is exact stays exact. */
import { describe, expect, test } from '@jest/globals';
import { MAX_EXACT_DISTINCT, QUANTILE_ERROR } from '../../../src/operations/csv-profile/limits.ts';
import { HyperLogLog } from '../../../src/operations/csv-profile/measure/hyperloglog.ts';
import { QuartileSketch } from '../../../src/operations/csv-profile/measure/quantiles.ts';
import { TextHash } from '../../../src/operations/csv-profile/measure/text-hash.ts';
import { firstColumn, profile } from './run-csv-profile.ts';

/** A fixed sequence of numbers in [0, 1) that looks random (mulberry32). */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
const csvOf = (values: readonly (string | number)[]) => `a\n${values.join('\n')}\n`;
const quantileOf = (sorted: Float64Array, q: number) =>
  sorted[Math.round(q * (sorted.length - 1))] ?? Number.NaN;

describe('distinct values', () => {
  test('are counted exactly up to 10,000, and estimated from the next on', async () => {
    const values = Array.from({ length: MAX_EXACT_DISTINCT }, (_, i) => `value ${i}`);
    const twice = [...values, ...values];
    expect(await firstColumn(csvOf(twice))).toMatchObject({ distinct: 10_000, distinctIsExact: true });
    const more = await firstColumn(csvOf([...twice, 'one more']));
    expect(more.distinctIsExact).toBe(false);
    expect(more.distinct).toBeGreaterThan(MAX_EXACT_DISTINCT);
  });

  test.each([12_000, 40_000, 120_000])('are estimated within 3 %% for %i', async (distinct) => {
    const rows = Array.from(
      { length: distinct },
      (_, i) => `${i},user-${i}@example.org,${(i / 7).toFixed(4)}`,
    );
    const { columns } = await profile(
      `id,mail,ratio\n${rows.join('\n')}\n${rows.slice(0, 500).join('\n')}\n`,
    );
    for (const column of columns) {
      expect(column.distinctIsExact).toBe(false);
      expect(Math.abs(column.distinct / distinct - 1)).toBeLessThan(0.03);
    }
  });

  test('no two of 300,000 alike values share a hash', () => {
    const hash = new TextHash(12_345);
    const seen = new Set<bigint>();
    const texts = (i: number) => [
      `${i}`,
      `item-${i}`,
      `2024-01-01T00:00:00.${i}Z`,
      (i / 1000).toFixed(3),
      `é${i}日`,
    ];
    for (let i = 0; i < 60_000; i++) {
      for (const text of texts(i)) {
        hash.update(text);
        seen.add((BigInt(hash.high) << 32n) | BigInt(hash.low >>> 0));
      }
    }
    const distinctTexts = new Set(Array.from({ length: 60_000 }, (_, i) => texts(i)).flat()).size;
    expect(seen.size).toBe(distinctTexts);
  });

  test('the estimate is unbiased where others change their formula', () => {
    const random = sequence(1);
    for (const distinct of [1_000, 30_000, 82_000, 100_000, 160_000, 1_000_000]) {
      const sketch = new HyperLogLog();
      for (let i = 0; i < distinct; i++) sketch.add(random() * 2 ** 32, random() * 2 ** 32);
      expect(Math.abs(sketch.estimate() / distinct - 1)).toBeLessThan(0.02);
    }
  });
});

describe('quantiles', () => {
  const random = sequence(2);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const rows = 60_000;
  const shapes: [string, (i: number) => number][] = [
    ['uniform values', () => random() * 1000],
    ['normal values far from zero', () => 1e6 + normal()],
    ['a long tail', () => Math.exp(3 * normal())],
    ['values on both sides of zero', () => normal() * 50],
    ['rising values', (i) => i + random()],
    ['falling values', (i) => 1e7 - i * 100 - random()],
    // No quartile falls into the gap between the two, where a sketch has nothing to interpolate by.
    ['two clusters', (i) => (i % 5 < 2 ? 1 : 1e9) * (1 + random() / 100)],
  ];

  test.each(shapes)('of %s are within their stated error', async (_, shape) => {
    const values = Float64Array.from({ length: rows }, (_, i) => shape(i));
    const column = await firstColumn(csvOf([...values]));
    // The centre the documentation names: the median of the first 10,000 distinct values.
    const centre = quantileOf(values.slice(0, MAX_EXACT_DISTINCT).sort(), 0.5);
    const sorted = values.slice().sort();
    expect(column.distinctIsExact).toBe(false);
    for (const [key, q] of [
      ['p25', 0.25],
      ['p50', 0.5],
      ['p75', 0.75],
    ] as const) {
      const exact = quantileOf(sorted, q);
      // A rank's neighbours differ by a little themselves, as does the centre.
      const neighbours = Math.abs(quantileOf(sorted, q + 2e-4) - quantileOf(sorted, q - 2e-4));
      const error = QUANTILE_ERROR * Math.min(Math.abs(exact), Math.abs(exact - centre));
      const allowed = error + 2 * neighbours;
      expect(Math.abs((column.quantiles?.[key] ?? Number.NaN) - exact)).toBeLessThanOrEqual(allowed);
    }
  });

  test('of whole numbers are whole, and of years exact', async () => {
    const ids = Array.from({ length: 30_000 }, (_, i) => i * 3);
    expect((await firstColumn(csvOf(ids))).type).toBe('integer');
    for (const quantile of Object.values((await firstColumn(csvOf(ids))).quantiles ?? {})) {
      expect(Number.isInteger(quantile)).toBe(true);
    }
    const sketch = new QuartileSketch(2000);
    for (let year = 1900; year <= 2100; year++) sketch.add(year, 1000);
    expect(sketch.quartiles(1900, 2100, true)).toEqual({ p25: 1950, p50: 2000, p75: 2050 });
  });

  test('are exact for any number of rows while the distinct values are few', async () => {
    const column = await firstColumn(csvOf(Array.from({ length: 50_001 }, (_, i) => i % 1001)));
    expect(column).toMatchObject({ distinctIsExact: true, quantiles: { p25: 250, p50: 500, p75: 750 } });
  });

  test('the sketch bears the ends of what a double holds', () => {
    const sketch = new QuartileSketch(-Number.MAX_VALUE);
    for (const value of [-Number.MAX_VALUE, 0, Number.MAX_VALUE, 5e-324]) sketch.add(value, 1);
    const { p25, p75 } = sketch.quartiles(-Number.MAX_VALUE, Number.MAX_VALUE, false);
    expect(Number.isFinite(p25) && Number.isFinite(p75) && p25 <= p75).toBe(true);
  });
});

describe('what stays exact', () => {
  test('count, nulls, min, max, mean, stddev and the histogram', async () => {
    const random = sequence(3);
    const values = Array.from({ length: 40_000 }, (_, i) =>
      i % 10 === 9 ? '' : ((random() - 0.3) * 1e4).toFixed(5),
    );
    const numbers = values.filter((value) => value !== '').map(Number);
    const column = await firstColumn(`a,b\n${values.map((value) => `${value},`).join('\n')}`);
    const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
    const variance = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (numbers.length - 1);

    expect(column).toMatchObject({ distinctIsExact: false, count: 36_000, nulls: 4_000 });
    expect([column.min, column.max]).toEqual([Math.min(...numbers), Math.max(...numbers)]);
    expect(column.mean).toBeCloseTo(mean, 8);
    expect(column.stddev).toBeCloseTo(Math.sqrt(variance), 8);
    for (const { from, to, count } of column.histogram ?? []) {
      expect(count).toBe(numbers.filter((value) => value >= from && value < to).length);
    }
    expect(column.histogram?.reduce((sum, { count }) => sum + count, 0)).toBe(36_000);
  });

  // A mean of 16 digits has none left for its fraction, which a small spread is measured from.
  test.each([
    ['few', (i: number) => (i % 7) % 3],
    ['many', (i: number) => i % 20_001],
  ])('the spread of %s values near 10^15', async (_, offset) => {
    const offsets = Array.from({ length: 60_003 }, (_, i) => offset(i));
    const column = await firstColumn(csvOf(offsets.map((each) => 1e15 + each)));
    const mean = offsets.reduce((sum, each) => sum + each, 0) / offsets.length;
    const squares = offsets.reduce((sum, each) => sum + (each - mean) ** 2, 0);
    expect(column.stddev).toBeCloseTo(Math.sqrt(squares / (offsets.length - 1)), 6);
  });

  test.each([
    ['upwards', (i: number) => i ** 2],
    ['downwards', (i: number) => -(i ** 2)],
    ['both ways', (i: number) => (i % 2 === 0 ? 1 : -1) * i ** 2],
  ])('the histogram of values that grow %s', async (_, shape) => {
    const numbers = Array.from({ length: 30_000 }, (_, i) => shape(i) / 8);
    const { histogram = [], min, max } = await firstColumn(csvOf(numbers));
    expect(histogram.length).toBeGreaterThanOrEqual(5);
    expect(histogram.length).toBeLessThanOrEqual(20);
    expect(histogram[0]?.from).toBeLessThanOrEqual(Number(min));
    expect(histogram.at(-1)?.to).toBeGreaterThan(Number(max));
    for (const { from, to, count } of histogram) {
      expect(count).toBe(numbers.filter((value) => value >= from && value < to).length);
    }
  });
});

describe('the most frequent values', () => {
  test('are found among many rare ones, with exact counts where they came early', async () => {
    const values: string[] = [];
    for (let i = 0; i < 100_000; i++)
      values.push(i % 50 === 0 ? 'often' : i % 80 === 1 ? 'now and then' : `rare ${i}`);
    const { top } = await firstColumn(csvOf(values));
    expect(top).toHaveLength(10);
    expect(top.slice(0, 2)).toEqual([
      { value: 'often', count: values.filter((value) => value === 'often').length },
      { value: 'now and then', count: values.filter((value) => value === 'now and then').length },
    ]);
  });

  test('are found where they come late, short by at most 1/1,000 of the rows', async () => {
    const values = Array.from({ length: 100_000 }, (_, i) =>
      i > 60_000 && i % 4 === 0 ? 'late' : `rare ${i}`,
    );
    const late = values.filter((value) => value === 'late').length;
    const [first] = (await firstColumn(csvOf(values))).top;
    expect(first?.value).toBe('late');
    expect(first?.count).toBeLessThanOrEqual(late);
    expect(first?.count).toBeGreaterThanOrEqual(late - 100);
  });

  test('never claim more than there are', async () => {
    const { top } = await firstColumn(csvOf(Array.from({ length: 60_000 }, (_, i) => `only ${i}`)));
    expect(top.map(({ count }) => count)).toEqual(new Array(10).fill(1));
  });
});
