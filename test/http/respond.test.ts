import { HttpResponse, InvocationContext } from '@azure/functions';
import { describe, expect, test } from '@jest/globals';
import type { Answer, Handler } from '../../src/http/answer.ts';
import { HttpRefusal } from '../../src/http/problem.ts';
import { respond } from '../../src/http/respond.ts';
import { Refusal, StorageUnavailable } from '../../src/jobs/errors.ts';
import { requestOf } from './requests.ts';

interface Responded {
  readonly response: HttpResponse;
  readonly text: string;
  /** Lines of the log, each with its level. */
  readonly lines: readonly string[];
}

/** Runs a handler in the wrapper with the library's own request, context and response. */
async function answered(handler: Handler, headers: Record<string, string> = {}): Promise<Responded> {
  const lines: string[] = [];
  const context = new InvocationContext({
    functionName: 'job-status',
    logHandler: (level, ...args) => lines.push(`${level}: ${args.join(' ')}`),
  });
  const respondTo = respond('job-status', handler, { corsAllowedOrigins: ['https://app.example'] });
  const response = await respondTo(requestOf('/api/jobs/abc?reply=link', { headers }), context);
  if (!(response instanceof HttpResponse)) throw new Error('answered with something else');
  return { response, text: await response.text(), lines };
}

const answers = (answer: unknown) => async () => answer as Answer;
const throws = (error: unknown) => async () => {
  throw error;
};

test('a good answer passes as it is, not to be cached', async () => {
  const { response, text, lines } = await answered(
    answers({ status: 202, headers: { 'retry-after': '3', location: '/x' }, body: '{}' }),
  );
  expect(response.status).toBe(202);
  expect(response.headers.get('retry-after')).toBe('3');
  expect(response.headers.get('location')).toBe('/x');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(text).toBe('{}');
  expect(lines).toEqual([]);
});

test('a handler may have its answer cached', async () => {
  const { response } = await answered(
    answers({ status: 200, headers: { 'cache-control': 'public, max-age=60' } }),
  );
  expect(response.headers.get('cache-control')).toBe('public, max-age=60');
});

test('a streamed body is handed on', async () => {
  const chunks = async function* () {
    yield Buffer.from('one ');
    yield Buffer.from('two');
  };
  expect((await answered(answers({ status: 200, headers: {}, body: chunks() }))).text).toBe('one two');
});

describe('a refusal', () => {
  test('becomes its problem, whose instance is the path without the query', async () => {
    const { response, text, lines } = await answered(throws(new Refusal('job-unknown', 'No such job.')));
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(JSON.parse(text)).toMatchObject({ detail: 'No such job.', instance: '/api/jobs/abc' });
    expect(lines).toEqual([]);
  });

  test('keeps its headers', async () => {
    const refusal = new HttpRefusal('unauthenticated', 'No.', { headers: { 'www-authenticate': 'Bearer' } });
    expect((await answered(throws(refusal))).response.headers.get('www-authenticate')).toBe('Bearer');
  });

  test('for want of storage is logged as a warning', async () => {
    const { response, lines } = await answered(throws(new StorageUnavailable('Get Blob')));
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect(lines).toEqual([expect.stringMatching(/^warning: request unserved .*Get Blob/)]);
  });
});

describe('a client always gets an answer when the handler', () => {
  const cases: [string, Handler][] = [
    ['throws', throws(new Error('secret detail'))],
    ['throws before it returns a promise', (() => JSON.parse('secret detail')) as Handler],
    ['throws what is no error', throws('secret detail')],
    ['throws nothing', throws(undefined)],
    ['returns nothing', answers(undefined)],
    ['returns null', answers(null)],
    ['returns a status below 200', answers({ status: 101, headers: {} })],
    ['returns a status above 599', answers({ status: 600, headers: {} })],
    ['returns no status that is a number', answers({ status: Number.NaN, headers: {} })],
    ['returns a header with a line break', answers({ status: 200, headers: { location: 'x\r\ny: z' } })],
    ['returns a header beyond Latin-1', answers({ status: 200, headers: { location: '/\u{1f600}' } })],
    ['returns a header without a name', answers({ status: 200, headers: { '': 'x' } })],
  ];

  test.each(cases)('%s', async (_, handler) => {
    const { response, text, lines } = await answered(handler, { origin: 'https://app.example' });
    expect(response.status).toBe(500);
    expect(JSON.parse(text)).toMatchObject({
      type: 'urn:problem-type:request-reply:internal-error',
      instance: '/api/jobs/abc',
    });
    expect(text).not.toContain('secret');
    expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example');
    expect(lines).toEqual([expect.stringMatching(/^error: request failed {"function":"job-status"/)]);
  });
});

test('browser code of an allowed origin may read refusals too', async () => {
  const { response } = await answered(throws(new Refusal('job-unknown', 'No.')), {
    origin: 'https://app.example',
  });
  expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example');
  expect(response.headers.get('vary')).toBe('Origin');
});
