/** docs/security.md names tests: each is there, by file and title, and every row has one. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { tableRows } from './markdown-table.ts';

const [, ...rows] = tableRows(readFileSync('docs/security.md', 'utf8'));
const named = rows.flatMap(([asset, , how, , tests = '']) =>
  [...tests.matchAll(/(test\/\S+\.test\.ts): “([^”]+)”/g)].map(([, file = '', title = '']) => ({
    threat: `${asset}: ${how}`,
    file,
    title,
  })),
);

test.each(named.map(({ file, title }) => [file, title]))('%s has “%s”', (file, title) => {
  expect(existsSync(file)).toBe(true);
  // As a string literal, in whatever quotes.
  const literals = [`'${title}'`, `"${title}"`, `\`${title}\``];
  const code = readFileSync(file, 'utf8');
  expect(literals.some((literal) => code.includes(literal))).toBe(true);
});

test('every row says all that it should, a test at its end', () => {
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows) {
    expect(row).toHaveLength(5);
    expect(row.every((cell) => cell !== '')).toBe(true);
    expect(row[4]).toMatch(/^(test\/\S+\.test\.ts: “[^”]+”\s?)+$/);
  }
});
