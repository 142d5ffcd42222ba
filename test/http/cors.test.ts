import { InvocationContext } from '@azure/functions';
import { describe, expect, test } from '@jest/globals';
import { corsHeaders, preflight } from '../../src/http/cors.ts';
import { requestOf } from './requests.ts';

const APP = 'https://app.example';
const from = (origin?: string) => requestOf('/api/jobs', origin === undefined ? {} : { headers: { origin } });
const listOf = (header: string | undefined) => header?.split(', ') ?? [];

describe('an answer carries', () => {
  test('nothing where no origin is allowed', () => {
    expect(corsHeaders(from(APP), { corsAllowedOrigins: [] })).toEqual({});
  });

  test('the origin that is allowed and asks, and what its code may read', () => {
    const headers = corsHeaders(from(APP), { corsAllowedOrigins: ['https://other.example', APP] });
    expect(headers).toMatchObject({ 'access-control-allow-origin': APP, vary: 'Origin' });
    expect(listOf(headers['access-control-expose-headers'])).toEqual(
      expect.arrayContaining(['Location', 'Retry-After', 'Operation-Location', 'Preference-Applied']),
    );
  });

  test.each([undefined, 'https://app.example.evil', 'http://app.example', 'null', `${APP}:444`])(
    'only Vary for origin %s',
    (origin) => {
      expect(corsHeaders(from(origin), { corsAllowedOrigins: [APP] })).toEqual({ vary: 'Origin' });
    },
  );

  test('* for any origin where any is allowed, and never credentials', () => {
    const headers = corsHeaders(from(APP), { corsAllowedOrigins: ['*'] });
    expect(headers['access-control-allow-origin']).toBe('*');
    expect(headers).not.toHaveProperty('access-control-allow-credentials');
  });
});

describe('a preflight', () => {
  const answer = (origin: string, corsAllowedOrigins: string[]) =>
    preflight(['GET', 'HEAD'], { corsAllowedOrigins })(from(origin), new InvocationContext());

  test('from an allowed origin says methods and headers', async () => {
    const { status, headers } = await answer(APP, [APP]);
    expect(status).toBe(204);
    expect(headers['access-control-allow-methods']).toBe('GET, HEAD');
    expect(listOf(headers['access-control-allow-headers'])).toEqual(
      expect.arrayContaining([
        'Content-Type',
        'Prefer',
        'Idempotency-Key',
        'Authorization',
        'x-functions-key',
        'traceparent',
      ]),
    );
    expect(Number(headers['access-control-max-age'])).toBeGreaterThan(0);
  });

  test('from another one says only which methods there are', async () => {
    const { status, headers } = await answer('https://evil.example', [APP]);
    expect({ status, headers }).toEqual({ status: 204, headers: { allow: 'GET, HEAD, OPTIONS' } });
  });
});
