/** Every figure of three real files against what Python's csv and statistics made of them (fixtures/profile.py). */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ColumnProfile, Profile } from '../../../src/operations/csv-profile/profile.ts';
import { profile } from './run-csv-profile.ts';

const samples = [
  { file: 'birdstrikes.csv', params: {} },
  { file: 'penguins.csv', params: { nulls: 'NA' } },
  { file: 'unemployment.tsv', params: {} },
];

/** Python computes in exact fractions; one pass in doubles may differ from that in the last four digits. */
const RELATIVE_TOLERANCE = 1e-12;

function expectFigure(actual: number | null | undefined, expected: number | null | undefined): void {
  if (typeof expected !== 'number') expect(actual).toBe(expected);
  else
    expect(Math.abs(Number(actual) - expected)).toBeLessThanOrEqual(RELATIVE_TOLERANCE * Math.abs(expected));
}

describe.each(samples)('the profile of $file', ({ file, params }) => {
  const csv = readFileSync(path.join('samples', file));
  const fixture = path.join('test/operations/csv-profile/fixtures', `${path.parse(file).name}.profile.json`);
  const expected = JSON.parse(readFileSync(fixture, 'utf8')) as Profile;

  let result: Profile;
  beforeAll(async () => {
    result = await profile(csv, { params });
  });

  test('has the rows, bytes, ragged rows and columns that Python counts', () => {
    const { columns, ...counts } = result;
    expect(counts).toEqual({ rows: expected.rows, bytes: expected.bytes, ragged: expected.ragged });
    expect(columns.map(({ name }) => name)).toEqual(expected.columns.map(({ name }) => name));
  });

  test.each(expected.columns.map((column, index) => ({ name: column.name, column, index })))(
    'has the figures of Python for $name',
    ({ column, index }) => {
      const actual = result.columns[index];
      const { mean, stddev, quantiles, ...exact } = column;
      expect(actual).toMatchObject(exact);
      expect(Object.keys(actual ?? {}).sort()).toEqual(Object.keys(column).sort());
      expectFigure(actual?.mean, mean);
      expectFigure(actual?.stddev, stddev);
      for (const key of ['p25', 'p50', 'p75'] satisfies (keyof NonNullable<ColumnProfile['quantiles']>)[]) {
        expectFigure(actual?.quantiles?.[key], quantiles?.[key]);
      }
    },
  );
});
