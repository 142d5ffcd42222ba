import { expect, test } from '@jest/globals';
import { profileTable } from '../../../dev/demo/profile-table.ts';
import type { ColumnProfile, Profile } from '../../../src/operations/csv-profile/profile.ts';

const text: ColumnProfile = {
  name: 'species',
  type: 'string',
  count: 3,
  nulls: 1,
  distinct: 2,
  distinctIsExact: true,
  top: [
    { value: 'Adelie', count: 2 },
    { value: 'Gentoo', count: 1 },
  ],
};
const number: ColumnProfile = {
  ...text,
  name: 'mass',
  type: 'number',
  distinct: 12_345,
  distinctIsExact: false,
  min: -1.5,
  max: 1_234_567_890,
  mean: 12.345678,
};
const table = (...columns: ColumnProfile[]) => {
  const profile: Profile = { rows: 4, bytes: 100, ragged: 0, columns };
  return profileTable(profile);
};

test('a numeric column shows its figures, another one its commonest value', () => {
  expect(table(text, number)).toEqual([
    'column   type    nulls  distinct        min       mean        max',
    'species  string      1         2  top: Adelie (50 %)',
    'mass     number      1   ~12,345       -1.5     12.346    1.23e+9',
  ]);
});

test('lines stay within 80 characters, their indent included, whatever the file holds', () => {
  const long = 'x'.repeat(500);
  const wide = { ...text, name: long, nulls: 123_456_789, distinct: 9999, top: [{ value: long, count: 4 }] };
  for (const line of table(wide)) expect(line.length).toBeLessThanOrEqual(77);
});

test('what a file holds cannot act on the terminal', () => {
  const hostile = '\u{1b}[2Jgone\r\n';
  const lines = table({ ...text, name: hostile, top: [{ value: hostile, count: 1 }] }).join('');
  expect(lines).toContain('?[2Jgone??  string');
  expect(lines).toContain('top: ?[2Jgone??');
  expect(lines).not.toContain('\u{1b}');
});

test('an empty file and one of many columns have a table', () => {
  expect(table()).toHaveLength(1);
  expect(table({ ...text, count: 0, top: [] })).toHaveLength(2);
  expect(table(...Array<ColumnProfile>(30).fill(text)).at(-1)).toBe('and 14 columns more');
});
