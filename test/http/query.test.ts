import { describe, expect, test } from '@jest/globals';
import { HttpRefusal } from '../../src/http/problem.ts';
import { oneOf, wholeNumber } from '../../src/http/query.ts';

const query = (text: string) => new URLSearchParams(text);

function refusalOf(read: () => unknown): HttpRefusal {
  try {
    read();
  } catch (error) {
    if (error instanceof HttpRefusal) return error;
  }
  throw new Error('was not refused');
}

describe('oneOf', () => {
  const allowed = ['redirect', 'stream'] as const;

  test('gives the value, and undefined where there is none', () => {
    expect(oneOf(query('reply=stream'), 'reply', allowed)).toBe('stream');
    expect(oneOf(query('other=stream'), 'reply', allowed)).toBeUndefined();
  });

  test.each(['reply=', 'reply=Stream', 'reply=stream ', 'reply=stream&reply=stream', 'reply=constructor'])(
    'refuses ?%s and names the parameter and its values',
    (text) => {
      const refusal = refusalOf(() => oneOf(query(text), 'reply', allowed));
      expect(refusal.code).toBe('query-invalid');
      expect(refusal.message).toBe("The query parameter 'reply' must be one of redirect, stream.");
      expect(refusal.violations).toEqual([{ pointer: '/reply', detail: 'must be one of redirect, stream' }]);
    },
  );
});

describe('wholeNumber', () => {
  const bounds = { fallback: 100, least: 1, most: 1000 };
  const top = (text: string) => wholeNumber(query(text), 'top', bounds);

  test.each([
    ['', 100],
    ['top=1', 1],
    ['top=1000', 1000],
    ['top=007', 7],
  ])('reads ?%s as %i', (text, expected) => {
    expect(top(text)).toBe(expected);
  });

  test.each(['0', '1001', '-1', '1.5', '1e2', '0x10', '', ' 5', 'NaN', 'Infinity', '9999999999999999'])(
    "refuses '%s' and says the bounds",
    (value) => {
      const refusal = refusalOf(() => top(`top=${encodeURIComponent(value)}`));
      expect(refusal.code).toBe('query-invalid');
      expect(refusal.message).toContain('from 1 to 1000');
    },
  );
});
