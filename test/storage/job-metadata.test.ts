/** Job fields as metadata and back, and whatever else may stand there. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type JobFields, type JobState, LAYOUT } from '../../src/jobs/job.ts';
import { TRACEPARENT } from '../../src/jobs/ports.ts';
import { fromMetadata, toMetadata } from '../../src/storage/job-metadata.ts';
import { editedMetadata } from '../jobs/support/edited-metadata.ts';

const FIELDS: JobFields = {
  operation: 'csv-profile',
  state: 'Pending',
  attempt: 1,
  limit: 5,
  waiting: false,
  recovered: 0,
  createdAt: new Date('2026-11-24T04:00:00.000Z'),
  retentionSeconds: 604_800,
  params: {},
};

const states: JobState[] = ['Pending', 'Succeeded', 'Failed', 'Canceled'];
const shortText = fc.string({ unit: 'grapheme', maxLength: 60 });
const moment = fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true });
const maybe = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });

const anyFields: fc.Arbitrary<JobFields> = fc.record({
  operation: fc.stringMatching(/^[a-z0-9]{1,50}$/),
  state: fc.constantFrom(...states),
  attempt: fc.nat(),
  limit: fc.nat(),
  token: maybe(fc.uuid()),
  fingerprint: maybe(fc.stringMatching(/^[A-Za-z0-9_-]{43}$/)),
  traceparent: maybe(fc.stringMatching(TRACEPARENT)),
  waiting: fc.boolean(),
  notBefore: maybe(moment),
  recovered: fc.nat(),
  createdAt: moment,
  startedAt: maybe(moment),
  retentionSeconds: fc.nat(),
  params: fc.dictionary(
    fc.stringMatching(/^[a-z]{1,9}$/),
    fc.oneof(shortText, fc.array(shortText, { maxLength: 3 })),
    { maxKeys: 4, noNullPrototype: true },
  ),
  percentComplete: maybe(fc.nat({ max: 100 })),
  message: maybe(shortText),
  problem: maybe(
    fc.record(
      {
        code: fc.stringMatching(/^[a-z-]{1,30}$/),
        status: fc.integer({ min: 400, max: 599 }),
        detail: shortText,
        reason: shortText,
      },
      { requiredKeys: ['code', 'status', 'detail'], noNullPrototype: true },
    ),
  ),
});

test('fields survive the way through metadata', () => {
  fc.assert(
    fc.property(anyFields, (fields) => {
      expect(fromMetadata(toMetadata(fields))).toEqual({ layout: LAYOUT, fields });
    }),
  );
});

test('metadata is printable ASCII, and its names are single lower-case words', () => {
  fc.assert(
    fc.property(anyFields, (fields) => {
      for (const [name, value] of Object.entries(toMetadata(fields))) {
        expect(name).toMatch(/^[a-z]+$/);
        expect(value).toMatch(/^[\x20-\x7e]*$/);
      }
    }),
    // Delete is the one of ASCII that JSON leaves as it is and no header may carry.
    { examples: [[{ ...FIELDS, message: '\u007f' }]] },
  );
});

test('texts of any length and kind stay below 8 KiB in all', () => {
  // Without a size the library makes short ones, whatever is allowed.
  const longText = fc.string({ unit: 'binary', minLength: 0, maxLength: 20_000, size: 'max' });
  fc.assert(
    fc.property(longText, longText, longText, longText, (message, code, detail, reason) => {
      const metadata = toMetadata({
        ...FIELDS,
        operation: 'o'.repeat(50),
        token: crypto.randomUUID(),
        waiting: true,
        notBefore: FIELDS.createdAt,
        startedAt: FIELDS.createdAt,
        percentComplete: 100,
        params: { note: 'x'.repeat(2036) },
        message,
        problem: { code, status: 500, detail, reason },
      });
      const bytes = Object.entries(metadata).reduce(
        (sum, [name, value]) => sum + name.length + value.length,
        0,
      );
      expect(bytes).toBeLessThan(8192);
    }),
    { numRuns: 30, endOnFailure: true },
  );
});

test('what is not set is not written: a write clears it', () => {
  expect(toMetadata(FIELDS)).toEqual({
    v: '1',
    operation: 'csv-profile',
    state: 'Pending',
    attempt: '1',
    limit: '5',
    created: '2026-11-24T04:00:00.000Z',
    retention: '604800',
  });
});

test('a newer layout is told by its number', () => {
  expect(fromMetadata({ ...toMetadata(FIELDS), v: '2' })?.layout).toBe(2);
});

describe('metadata edited by a stranger is read as far as it makes sense', () => {
  test.each(editedMetadata)('%s', (_, edit) => {
    const edited = Object.entries({ ...toMetadata(FIELDS), ...edit }).filter(
      ([, value]) => value !== undefined,
    );
    const read = fromMetadata(Object.fromEntries(edited) as Record<string, string>);
    if (read === undefined) {
      expect(Object.keys(edit)).toEqual([expect.stringMatching(/^(state|operation)$/)]);
      return;
    }
    const { fields } = read;
    const endsAt = new Date(fields.createdAt.getTime() + fields.retentionSeconds * 1000);
    for (const date of [fields.createdAt, fields.startedAt, fields.notBefore, endsAt]) {
      expect(() => date?.toISOString()).not.toThrow();
    }
    // Whatever was read can be written again: a delivery must be able to end such a job.
    expect(fromMetadata(toMetadata(fields))?.fields).toEqual(fields);
  });
});
