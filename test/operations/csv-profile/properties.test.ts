/** Random tables, written with random quoting and cut into random chunks, against a naive computation in memory. */
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { profile } from './run-csv-profile.ts';

const text = fc.string({
  unit: fc.constantFrom('a', '"', ',', ';', '\n', '\r', '\r\n', ' ', 'é', '日', '🐧', '0', '.', '-'),
});
const integer = fc.integer().map(String);
const decimal = fc.double({ noNaN: true, min: -1e9, max: 1e9 }).map(String);
const column = fc.constantFrom('text', 'integer', 'decimal', 'few').map((kind) => {
  if (kind === 'integer') return fc.oneof({ weight: 4, arbitrary: integer }, fc.constant(''));
  if (kind === 'decimal') return fc.oneof({ weight: 4, arbitrary: decimal }, fc.constant(''));
  return kind === 'few' ? fc.constantFrom('', 'NA', 'x', 'y') : text;
});
const table = fc
  .array(column, { minLength: 1, maxLength: 4 })
  .chain((columns) => fc.array(fc.tuple(...columns), { maxLength: 30 }));

interface Layout {
  readonly lineEnd: string;
  readonly isQuotedWithoutNeed: readonly boolean[];
  readonly endsWithLineEnd: boolean;
  readonly chunkBytes: readonly number[];
}
const layout: fc.Arbitrary<Layout> = fc.record({
  lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  isQuotedWithoutNeed: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
  endsWithLineEnd: fc.boolean(),
  chunkBytes: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
});

function written(rows: readonly (readonly string[])[], layout: Layout): Buffer {
  let fields = 0;
  const lines = rows.map((row) =>
    row
      .map((field) => {
        const mayBeQuoted = layout.isQuotedWithoutNeed[fields++ % layout.isQuotedWithoutNeed.length];
        // An empty field alone in its row must be quoted: unquoted it would be a blank line, which is no row.
        const isQuoted = mayBeQuoted || /[",\r\n]/.test(field) || (row.length === 1 && field === '');
        return isQuoted ? `"${field.replaceAll('"', '""')}"` : field;
      })
      .join(','),
  );
  return Buffer.from(lines.join(layout.lineEnd) + (layout.endsWithLineEnd ? layout.lineEnd : ''));
}

function* chunked(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

/** Close to, beside the largest of what was added up: sums of unlike numbers lose digits in any order. */
function expectClose(actual: number | undefined, expected: number, scale: number): void {
  expect(Math.abs(Number(actual) - expected)).toBeLessThanOrEqual(1e-9 * Math.max(scale, 1e-300));
}

describe('for any table, quoting and chunks', () => {
  test('count, nulls, distinct, min, max and mean are those of a naive computation', async () => {
    await fc.assert(
      fc.asyncProperty(table, layout, async (rows, layout) => {
        const width = rows[0]?.length ?? 1;
        const header = Array.from({ length: width }, (_, i) => `column ${i}`);
        const bytes = written([header, ...rows], layout);
        const result = await profile(Readable.from(chunked(bytes, layout.chunkBytes)), {
          params: { nulls: 'NA', delimiter: ',' },
        });

        expect(result).toMatchObject({ rows: rows.length, bytes: bytes.length, ragged: 0 });
        for (const [i, actual] of result.columns.entries()) {
          const values = rows.map((row) => row[i] ?? '').filter((value) => value !== '' && value !== 'NA');
          expect(actual).toMatchObject({
            name: header[i],
            count: values.length,
            nulls: rows.length - values.length,
            distinct: new Set(values).size,
            distinctIsExact: true,
          });
          if (actual.type !== 'integer' && actual.type !== 'number') {
            expect(actual).not.toHaveProperty('mean');
            continue;
          }
          const numbers = values.map(Number);
          expect(actual.min).toBe(Math.min(...numbers) + 0);
          expect(actual.max).toBe(Math.max(...numbers) + 0);
          const scale = Math.max(...numbers.map(Math.abs));
          expectClose(actual.mean, numbers.reduce((sum, value) => sum + value, 0) / numbers.length, scale);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('a numeric column has a histogram of at most 20 equal bins that hold exactly its values', async () => {
    const numbers = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), {
      minLength: 1,
      maxLength: 50,
    });
    await fc.assert(
      fc.asyncProperty(numbers, async (values) => {
        const [column] = (await profile(['n', ...values.map(String)].join('\n'))).columns;
        const bins = column?.histogram ?? [];
        expect(bins.length).toBeLessThanOrEqual(20);
        if (Math.min(...values) === Math.max(...values)) {
          expect(bins).toEqual([{ from: column?.min, to: column?.min, count: values.length }]);
          return;
        }
        for (const { from, to, count } of bins) {
          const isLast = to === bins.at(-1)?.to;
          const inside = values.filter((value) => value >= from && (value < to || (isLast && value === to)));
          expect(count).toBe(inside.length);
        }
      }),
      { numRuns: 300 },
    );
  });
});
