import { describe, expect, test } from '@jest/globals';
import type { Answer } from '../../src/http/answer.ts';
import {
  failedJobAnswer,
  HttpRefusal,
  type ProblemCode,
  problemAnswer,
  problems,
  refusalAnswer,
} from '../../src/http/problem.ts';
import { ConditionLost, Refusal, StorageUnavailable } from '../../src/jobs/errors.ts';

const codes = Object.keys(problems) as ProblemCode[];
const INSTANCE = '/api/jobs/bxJd1SDtZBd8j-rGndMHWA';
const detailsOf = (answer: Answer | undefined) => JSON.parse(String(answer?.body));

describe('the catalogue', () => {
  test.each(codes)('%s has an error status and a title of its own', (code) => {
    const { status, title } = problems[code];
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(title).toMatch(/^[A-Z].*[a-z]$/);
    expect(codes.filter((other) => problems[other].title === title)).toEqual([code]);
  });

  test.each(codes)('%s is written as RFC 9457 has it', (code) => {
    const answer = problemAnswer(code, 'What is wrong.', INSTANCE);
    expect(answer.status).toBe(problems[code].status);
    expect(answer.headers).toEqual({ 'content-type': 'application/problem+json' });
    expect(detailsOf(answer)).toEqual({
      type: `urn:problem-type:request-reply:${code}`,
      title: problems[code].title,
      status: problems[code].status,
      detail: 'What is wrong.',
      instance: INSTANCE,
    });
  });
});

test('violations are listed as errors, each with a pointer', () => {
  const violations = [{ pointer: '/seconds', detail: 'must be a number' }];
  const answer = problemAnswer('request-invalid', 'No.', INSTANCE, { violations });
  expect(detailsOf(answer).errors).toEqual(violations);
});

test('headers stand beside the problem and cannot replace its content type', () => {
  const { headers } = problemAnswer('job-pending', 'Not yet.', INSTANCE, {
    headers: { 'retry-after': '3', 'content-type': 'text/html' },
  });
  expect(headers).toEqual({ 'retry-after': '3', 'content-type': 'application/problem+json' });
});

describe('a failed job answers', () => {
  test('its own code, status and detail', () => {
    const answer = failedJobAnswer({ code: 'csv-invalid', status: 422, detail: 'Line 3.' }, INSTANCE);
    expect(answer.status).toBe(422);
    expect(detailsOf(answer)).toMatchObject({
      type: 'urn:problem-type:request-reply:csv-invalid',
      status: 422,
      detail: 'Line 3.',
      instance: INSTANCE,
    });
  });

  test('without the reason that is for operators', () => {
    const problem = {
      code: 'attempts-exhausted',
      status: 500,
      detail: 'No.',
      reason: 'ECONNREFUSED 10.0.0.7',
    };
    expect(String(failedJobAnswer(problem, INSTANCE).body)).not.toContain('10.0.0.7');
  });
});

describe('what a handler throws becomes', () => {
  test('for a refusal of the domain, its problem with its violations', () => {
    const violations = [{ pointer: '', detail: 'must be an object' }];
    const answer = refusalAnswer(new Refusal('request-invalid', 'No.', { violations }), INSTANCE);
    expect(answer?.status).toBe(400);
    expect(detailsOf(answer)).toMatchObject({ detail: 'No.', instance: INSTANCE, errors: violations });
    expect(answer?.headers).not.toHaveProperty('retry-after');
    expect(answer?.headers).not.toHaveProperty('accept');
  });

  test('for one that passes with time, with Retry-After', () => {
    const answer = refusalAnswer(new Refusal('job-running', 'No.', { retryAfterSeconds: 17 }), INSTANCE);
    expect(answer).toMatchObject({ status: 409, headers: { 'retry-after': '17' } });
  });

  test('for a content type that is not taken, with Accept', () => {
    const refusal = new Refusal('content-type-unsupported', 'No.', { accepts: ['text/csv', 'image/png'] });
    expect(refusalAnswer(refusal, INSTANCE)).toMatchObject({
      status: 415,
      headers: { accept: 'text/csv, image/png' },
    });
  });

  test('for a content encoding, with Accept-Encoding', () => {
    const refusal = new Refusal('content-encoding-unsupported', 'No.');
    expect(refusalAnswer(refusal, INSTANCE)).toMatchObject({
      status: 415,
      headers: { 'accept-encoding': 'identity' },
    });
  });

  test('for a refusal of HTTP, its problem with its headers', () => {
    const refusal = new HttpRefusal('range-not-satisfiable', 'No.', {
      headers: { 'content-range': 'bytes */7' },
    });
    expect(refusalAnswer(refusal, INSTANCE)).toMatchObject({
      status: 416,
      headers: { 'content-range': 'bytes */7' },
    });
  });

  test.each([
    new StorageUnavailable('Get Blob', { cause: new Error('ECONNREFUSED 10.0.0.7') }),
    new ConditionLost('Put Blob'),
  ])('for $name, 503 with Retry-After and nothing of the cause', (error) => {
    const answer = refusalAnswer(error, INSTANCE);
    expect(answer?.status).toBe(503);
    expect(Number(answer?.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(String(answer?.body)).not.toMatch(/10\.0\.0\.7|Blob/);
  });

  test.each([new Error('bug'), new TypeError('bug'), 'text', undefined])(
    'for anything else, nothing: a bug',
    (error) => {
      expect(refusalAnswer(error, INSTANCE)).toBeUndefined();
    },
  );
});
