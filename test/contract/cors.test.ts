/** CORS is the app's own: preflights without a key on every route, and headers that a page may read on every answer. */
import { describe, expect, test } from '@jest/globals';
import { useFunctionApp } from '../support/function-app.ts';
import { ask, JSON_TYPE, post } from './api.ts';

const ORIGIN = 'https://app.example';

describe('for an allowed origin', () => {
  const app = useFunctionApp({
    auth: true,
    settings: { CORS_ALLOWED_ORIGINS: `https://other.example,${ORIGIN}` },
  });
  const preflight = (path: string, method: string, origin = ORIGIN) =>
    ask(app(), 'OPTIONS', path, { headers: { origin, 'access-control-request-method': method } });

  test.each([
    ['POST', '/api/operations/delay'],
    ['GET', '/api/operations'],
    ['GET', '/api/jobs/x'],
    ['DELETE', '/api/jobs/x'],
    ['GET', '/api/jobs/x/status'],
    ['POST', '/api/jobs/x/cancel'],
    ['GET', '/api/operator/jobs'],
    ['POST', '/api/operator/jobs/x/retry'],
    ['POST', '/api/operator/jobs/x/cancel'],
    ['DELETE', '/api/operator/jobs/x'],
    ['GET', '/api/health'],
  ])('a preflight of %s %s is answered without a key', async (method, path) => {
    const answer = await preflight(path, method);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(answer.headers.get('access-control-allow-methods')?.split(', ')).toContain(method);
    const allowed = answer.headers.get('access-control-allow-headers')?.toLowerCase().split(', ');
    expect(allowed).toEqual(
      expect.arrayContaining([
        'content-type',
        'prefer',
        'idempotency-key',
        'authorization',
        'x-functions-key',
        'traceparent',
      ]),
    );
    expect(answer.headers.get('vary')).toBe('Origin');
  });

  test('an accepted start and a refused one show what a page needs', async () => {
    const headers = { ...JSON_TYPE, origin: ORIGIN, 'x-functions-key': app().host.keys?.host ?? '' };
    for (const [body, status] of [
      ['{"seconds":0}', 202],
      ['{', 400],
    ] as const) {
      const answer = await post(app(), 'delay', body, headers);
      expect(answer.status).toBe(status);
      expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
      expect(answer.headers.get('access-control-expose-headers')?.split(', ')).toEqual(
        expect.arrayContaining(['Location', 'Retry-After', 'Operation-Location', 'Preference-Applied']),
      );
    }
  });

  test('another origin is told nothing', async () => {
    const answer = await preflight('/api/operations/delay', 'POST', 'https://evil.example');
    expect(answer.status).toBe(204);
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});
