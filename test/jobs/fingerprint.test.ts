/** What an `Idempotency-Key` becomes, and what makes two requests under it the same one. */
import { describe, expect, test } from '@jest/globals';
import { type Fingerprint, fingerprintOf } from '../../src/jobs/fingerprint.ts';
import { idOfKey, isId, ownerOf, SHARED_OWNER } from '../../src/jobs/identity.ts';

const SECRET = Uint8Array.from({ length: 32 }, (_, index) => index);

test('the id of a key is the HMAC of owner and key, cut to 128 bits', () => {
  // Computed by Python's hmac.
  expect(idOfKey(SECRET, SHARED_OWNER, 'order 42')).toBe('Y5RRh_KHmUex47tUl30jUg');
  expect(isId(idOfKey(SECRET, SHARED_OWNER, 'order 42'))).toBe(true);
  expect(idOfKey(SECRET, ownerOf('aad', 'ada'), 'order 42')).not.toBe(
    idOfKey(SECRET, SHARED_OWNER, 'order 42'),
  );
});

describe('the fingerprint', () => {
  const REQUEST = {
    operation: 'csv-profile',
    params: { format: 'html', nulls: ['NA', 'null'] },
    contentType: 'text/csv',
  };

  async function digestOf(fingerprint: Fingerprint, ...chunks: string[]): Promise<string> {
    const passed: string[] = [];
    for await (const chunk of fingerprint.over(chunks.map((text) => Buffer.from(text)))) {
      passed.push(String(chunk));
    }
    expect(passed).toEqual(chunks);
    return fingerprint.digest();
  }
  const of = (changes = {}, secret = SECRET) => fingerprintOf(secret, { ...REQUEST, ...changes });

  test('is that of the content, however it is cut, and of the parameters, in whatever order', async () => {
    const whole = await digestOf(of(), 'a,b\n1,2\n');
    // Computed by Python's hmac: what one version of the app has written, the next compares with.
    expect(whole).toBe('v8yXP-lWRkLrNSDCQItRGqLZTE2SLM3KJGf7YmFh1Uc');
    expect(await digestOf(of(), 'a,', 'b\n', '', '1,2\n')).toBe(whole);
    const { nulls, format } = REQUEST.params;
    expect(await digestOf(of({ params: { nulls, format } }), 'a,b\n1,2\n')).toBe(whole);
  });

  test('is another where anything differs', async () => {
    const others = [
      digestOf(of()),
      digestOf(of(), 'a'),
      digestOf(of(), 'b'),
      digestOf(of({ operation: 'csv-profiles' }), 'a'),
      digestOf(of({ contentType: 'text/csv; header=present' }), 'a'),
      digestOf(of({ params: {} }), 'a'),
      digestOf(of({ params: { format: 'html', nulls: ['null', 'NA'] } }), 'a'),
      digestOf(of({ params: { format: 'html', nulls: 'NA,null' } }), 'a'),
      digestOf(of({}, Buffer.from('another secret')), 'a'),
    ];
    expect(new Set(await Promise.all(others)).size).toBe(others.length);
  });
});
