/** The HTTP action: what is documented of it, and an end to all else. */
import { describe, expect, test } from '@jest/globals';
import type { HeaderValues } from '../../../dev/logic-apps/expressions/value.ts';
import { type HttpCall, runHttpAction } from '../../../dev/logic-apps/http-action.ts';
import { UnknownBehaviour } from '../../../dev/logic-apps/unknown-behaviour.ts';
import { answer, serve, type Turn } from './scripted-server.ts';
import { stoppedClock } from './stopped-clock.ts';

const request = (url: string, more: Partial<HttpCall> = {}): HttpCall => ({
  method: 'POST',
  url,
  headers: {},
  body: null,
  audience: undefined,
  ...more,
});

const NO_RETRY = { type: 'none' } as const;

describe('the HTTP action', () => {
  test('asks where Location says, when Retry-After says, by GET, with nothing of the first request', async () => {
    const { environment, pass } = stoppedClock();
    const { url, seen } = await serve(
      answer(202, { location: '/first', 'retry-after': '30', 'set-cookie': 'a=b' }),
      answer(202, { location: '/second', 'retry-after': '60' }),
      answer(200, { 'content-type': 'application/json' }, '{"done":true}'),
    );
    const run = runHttpAction(
      {},
      NO_RETRY,
      request(`${url}/start`, { headers: { 'x-functions-key': 'secret' }, body: { a: 1 } }),
      environment,
    );
    await pass(30);
    await pass(60);
    expect(await run).toMatchObject({
      status: 'Succeeded',
      outputs: { statusCode: 200, body: { done: true } },
    });
    expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /start',
      'GET /first',
      'GET /second',
    ]);
    for (const { headers, body } of seen.slice(1)) {
      expect(headers).not.toHaveProperty('x-functions-key');
      expect(headers).not.toHaveProperty('cookie');
      expect(body).toBe('');
    }
  });

  test('without Retry-After it asks after 20 s', async () => {
    const { environment, pass } = stoppedClock();
    const { url, seen } = await serve(answer(202, { location: '/later' }), answer(204));
    const run = runHttpAction({}, NO_RETRY, request(url), environment);
    await pass(20);
    expect((await run).status).toBe('Succeeded');
    expect(seen).toHaveLength(2);
  });

  test('DisableAsyncPattern: 202 is the answer, its headers at hand whatever their case', async () => {
    const { url, seen } = await serve(answer(202, { location: '/later' }));
    const { environment } = stoppedClock();
    const { outputs } = await runHttpAction(
      { operationOptions: 'DisableAsyncPattern' },
      NO_RETRY,
      request(url),
      environment,
    );
    expect((outputs as { headers: HeaderValues }).headers.get('LOCATION')).toBe('/later');
    expect(seen).toHaveLength(1);
  });

  test('limit.timeout over all polls: TimedOut', async () => {
    const { environment, pass } = stoppedClock();
    const pending = answer(202, { location: '/', 'retry-after': '10' });
    const { url } = await serve(pending, pending, pending);
    const run = runHttpAction({ limit: { timeout: 'PT1M30S' } }, NO_RETRY, request(url), environment);
    await pass(10);
    await pass(10);
    await pass(90);
    expect(await run).toEqual({ status: 'TimedOut', code: 'ActionTimedOut', outputs: null });
  });

  test('a single request lasts two minutes at most', async () => {
    const { environment, pass } = stoppedClock();
    const { url } = await serve(() => {});
    const run = runHttpAction({}, NO_RETRY, request(url), environment);
    await pass(120);
    expect(await run).toEqual({ status: 'Failed', outputs: null });
  });

  test.each([408, 429, 500, 503])('%i is repeated by the policy, then it is the answer', async (status) => {
    const { url, seen } = await serve(answer(status), answer(status), answer(status));
    const { environment, pass } = stoppedClock();
    const policy = { type: 'fixed', interval: 'PT5S', count: 2 } as const;
    const run = runHttpAction({}, policy, request(url, { body: 'again' }), environment);
    await pass(5);
    await pass(5);
    expect(await run).toMatchObject({ status: 'Failed', outputs: { statusCode: status } });
    expect(seen.map(({ body }) => body)).toEqual(['again', 'again', 'again']);
  });

  test.each([400, 404, 409, 412])('%i is not', async (status) => {
    const { url, seen } = await serve(answer(status));
    const result = await runHttpAction({}, undefined, request(url), stoppedClock().environment);
    expect(result).toMatchObject({ status: 'Failed', outputs: { statusCode: status } });
    expect(seen).toHaveLength(1);
  });

  test('without a policy four times', async () => {
    const { url, seen } = await serve(...Array.from({ length: 5 }, () => answer(503)));
    const { environment, pass } = stoppedClock();
    const run = runHttpAction({}, undefined, request(url), environment);
    for (const seconds of [7, 14, 28, 45]) await pass(seconds);
    await run;
    expect(seen).toHaveLength(5);
  });

  test('headers that the platform removes do not go out', async () => {
    const { url, seen } = await serve(answer(200));
    const headers = {
      'Accept-Language': 'de',
      Cookie: 'a=b',
      'Content-Language': 'de',
      'Content-Type': 'text/csv',
      'If-Match': '"1"',
    };
    await runHttpAction({}, NO_RETRY, request(url, { headers, body: 'a,b' }), stoppedClock().environment);
    expect(seen[0]?.headers).toMatchObject({ 'content-type': 'text/csv', 'if-match': '"1"' });
    expect(seen[0]?.headers).not.toHaveProperty('cookie');
    expect(seen[0]?.headers).not.toHaveProperty('content-language');
    expect(seen[0]?.headers['accept-language']).not.toBe('de');
  });

  test.each<[string, Turn]>([
    ['a redirect', answer(302, { location: '/elsewhere' })],
    ['202 without a Location', answer(202)],
  ])('%s ends the interpreter', async (_, turn) => {
    const { url } = await serve(turn);
    const run = runHttpAction({}, undefined, request(url), stoppedClock().environment);
    await expect(run).rejects.toThrow(UnknownBehaviour);
  });
});
