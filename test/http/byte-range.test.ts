import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { byteRangeOf } from '../../src/http/byte-range.ts';
import { HttpRefusal } from '../../src/http/problem.ts';

/** The bytes a range asks for, as positions: RFC 9110, section 14.1.2, by going over every byte there is. */
function naive(first: number | undefined, last: number | undefined, sizeBytes: number): number[] {
  const all = Array.from({ length: sizeBytes }, (_, position) => position);
  if (first === undefined) return all.filter((position) => position >= sizeBytes - (last ?? 0));
  return all.filter((position) => position >= first && position <= (last ?? sizeBytes));
}

function positions(header: string, sizeBytes: number): number[] | 'refused' | 'whole' {
  try {
    const range = byteRangeOf(header, sizeBytes);
    if (range === undefined) return 'whole';
    return Array.from({ length: range.end - range.offset }, (_, index) => range.offset + index);
  } catch (error) {
    if (error instanceof HttpRefusal && error.code === 'range-not-satisfiable') return 'refused';
    throw error;
  }
}

test('a single range gives the bytes that a naive reading gives, and none is refused', () => {
  const position = fc.option(fc.nat({ max: 40 }), { nil: undefined });
  fc.assert(
    fc.property(position, position, fc.nat({ max: 30 }), (first, last, sizeBytes) => {
      fc.pre(first !== undefined || last !== undefined);
      fc.pre(first === undefined || last === undefined || first <= last);
      const expected = naive(first, last, sizeBytes);
      expect(positions(`bytes=${first ?? ''}-${last ?? ''}`, sizeBytes)).toEqual(
        expected.length === 0 ? 'refused' : expected,
      );
    }),
  );
});

test.each(['Bytes=2-3', 'bytes= 2-3', 'bytes=,2-3', 'bytes=2-3 ,\t,', ' bytes=2-3 '])(
  "'%s' is the same range as 'bytes=2-3'",
  (header) => {
    expect(positions(header, 10)).toEqual([2, 3]);
  },
);

describe('the whole content is sent for', () => {
  test('no header', () => {
    expect(byteRangeOf(null, 10)).toBeUndefined();
  });

  test.each([
    '',
    'bytes=-',
    'bytes=5-2',
    'bytes=0-1,3-4',
    'lines=0-1',
    'bytes=a-b',
    'bytes=0x1-2',
    'bytes 0-1',
  ])("'%s'", (header) => {
    expect(positions(header, 10)).toBe('whole');
  });
});

test('the last no bytes are refused', () => {
  expect(positions('bytes=-0', 10)).toBe('refused');
});

test('numbers beyond what a computer counts exactly are still ranges', () => {
  expect(positions(`bytes=2-${'9'.repeat(30)}`, 4)).toEqual([2, 3]);
  expect(positions(`bytes=${'9'.repeat(30)}-`, 4)).toBe('refused');
  expect(positions(`bytes=-${'9'.repeat(400)}`, 2)).toEqual([0, 1]);
});

test('a refusal says how long the content is', () => {
  expect(() => byteRangeOf('bytes=10-', 10)).toThrow(
    expect.objectContaining({ headers: { 'content-range': 'bytes */10' } }),
  );
});
