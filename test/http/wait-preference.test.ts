import { describe, expect, test } from '@jest/globals';
import { HttpRefusal } from '../../src/http/problem.ts';
import { preferredWaitSeconds, waitPreferenceOf } from '../../src/http/wait-preference.ts';

const wait = (query: string, prefer?: string) =>
  waitPreferenceOf(
    {
      query: new URLSearchParams(query),
      headers: new Headers(prefer === undefined ? {} : { prefer }),
    },
    { maxWaitSeconds: 30 },
  );

describe('of a Prefer header', () => {
  test.each([
    ['wait=10', 10],
    ['Wait=10', 10],
    ['wait="10"', 10],
    ['wait = 10', 10],
    ['wait=007', 7],
    ['wait=0', 0],
    ['respond-async, wait=10', 10],
    ['handling=lenient ,, wait=10; x=1, return=minimal', 10],
    ['wait=10;x="a, wait=5"', 10],
    ['x="a \\", wait=5", wait=10', 10],
    ['x;wait=5, wait=10', 10],
    ['wait=5, wait=10', 5],
    ['waiting=5, wait=10', 10],
    [`wait=${'9'.repeat(30)}`, 1e30],
  ])('%s is %d s', (prefer, seconds) => {
    expect(preferredWaitSeconds(prefer)).toBe(seconds);
  });

  test.each([
    '',
    'wait',
    'wait=',
    'wait=""',
    'wait=-1',
    'wait=1.5',
    'wait=5s',
    'wait=5 6',
    'wait=0x10',
    'wait="5',
    'wait=5"',
    'wait==5',
    'wait=soon, wait=10',
    'x="a, wait=5"',
    'x="never closed, wait=5',
    'await=5',
  ])('%j says nothing of waiting', (prefer) => {
    expect(preferredWaitSeconds(prefer)).toBeUndefined();
  });

  test('however long it is, it is read in no time', () => {
    const began = performance.now();
    for (const part of ['"', ',', '"\\', 'wait', ' ', 'a"b,']) preferredWaitSeconds(part.repeat(32_000));
    expect(performance.now() - began).toBeLessThan(1000);
  });
});

test('without either nobody waits, and nothing was applied', () => {
  expect(wait('')).toEqual({ seconds: 0, appliedHeaders: {} });
});

test('Prefer is applied, and says how; the query needs no word of it', () => {
  expect(wait('', 'wait=5')).toEqual({ seconds: 5, appliedHeaders: { 'preference-applied': 'wait=5' } });
  expect(wait('?wait=5')).toEqual({ seconds: 5, appliedHeaders: {} });
});

test('what goes beyond the limit is cut to it', () => {
  expect(wait('', 'wait=31').appliedHeaders).toEqual({ 'preference-applied': 'wait=30' });
  expect(wait('?wait=999999999').seconds).toBe(30);
});

test('the query wins, and is what was applied', () => {
  expect(wait('?wait=3', 'wait=5')).toEqual({
    seconds: 3,
    appliedHeaders: { 'preference-applied': 'wait=3' },
  });
});

test.each(['', '-1', '1.5', '5s', '%205', '"5"', '1e1', '5&wait=5'])('?wait=%s is refused', (value) => {
  let refusal: unknown;
  try {
    wait(`?wait=${value}`, 'wait=5');
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(HttpRefusal);
  expect((refusal as HttpRefusal).violations.map(({ pointer }) => pointer)).toEqual(['/wait']);
});
