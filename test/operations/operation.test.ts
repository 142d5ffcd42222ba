import { describe, expect, test } from '@jest/globals';
import { type CommonDefinition, OperationError, operation, stream } from '../../src/operations/operation.ts';
import { workflow } from '../../src/operations/workflow.ts';

const common = { name: 'sum', summary: 'Adds up.', accepts: { 'text/csv': stream } } as const;
type Given = Partial<CommonDefinition<Record<string, typeof stream>, never>>;
const declare = (given: Given) => operation({ ...common, ...given, run: () => ({ text: '' }) });

test('what a definition leaves out has its default', () => {
  expect(declare({})).toMatchObject({
    replies: ['application/json'],
    maxAttempts: 5,
    timeoutSeconds: 600,
    retentionSeconds: 604_800,
    usualSeconds: undefined,
    lane: undefined,
  });
});

// A failed job answers its status endpoint so: with 404 a client would take it for unknown, with 200 for a reply.
test.each([404, 500, 200, Number.NaN])('an OperationError cannot have the status %p', (status) => {
  expect(() => new OperationError('no', { status: status as 422 })).toThrow(
    `status must be one of 400, 409, 413, 415, 422, got ${status}`,
  );
});

describe('a definition is refused, by the name of its field', () => {
  test.each<[string, Given, string]>([
    ['a name that no URL would keep', { name: 'Sum' }, "operation 'Sum': name must be "],
    ['a name too long for a queue', { name: 'a'.repeat(51) }, 'name must be '],
    ['a lane that no queue can have', { lane: 'a--b' }, 'lane must be '],
    ['nothing that it accepts', { accepts: {} }, 'accepts must be at least one'],
    ['a content type with parameters', { accepts: { 'text/csv; a=b': stream } }, 'accepts must be keyed'],
    ['no attempt', { retry: { maxAttempts: 0 } }, 'retry.maxAttempts must be '],
    ['half an attempt', { retry: { maxAttempts: 1.5 } }, 'retry.maxAttempts must be '],
    [
      'attempts without end',
      { retry: { maxAttempts: Number.POSITIVE_INFINITY } },
      'retry.maxAttempts must be a whole number from 1 to 1000000, got Infinity',
    ],
    ['no retention', { retention: 0 }, 'retention must be '],
    // It would be read back as none, and the job removed with its reply at the moment of its end.
    [
      'a retention longer than metadata keeps',
      { retention: Number.MAX_SAFE_INTEGER },
      'retention must be a whole number from 1 to 9999999999, got 9007199254740991',
    ],
    ['no time', { timeout: 0 }, 'timeout must be '],
    ['a time that is no number', { timeout: Number.NaN }, 'timeout must be '],
    // Its timer would fire at once, and every attempt would time out.
    [
      'a time longer than timers count',
      { timeout: 30 * 86_400 },
      'timeout must be more than 0 and at most 2147483 seconds, got 2592000',
    ],
    ['a usual time that is no number', { usualDuration: Number.NaN }, 'usualDuration must be '],
  ])('%s', (_, given, says) => {
    expect(() => declare(given)).toThrow(says);
  });

  test.each([
    ['of all its steps', { timeout: 30 * 86_400 }, {}, 'timeout'],
    ['of one of them', {}, { timeout: Number.POSITIVE_INFINITY }, 'activities.add.timeout'],
  ])('a time longer than timers count, of a workflow: %s', (_, whole, one, field) => {
    const declareWorkflow = () =>
      workflow({
        ...common,
        ...whole,
        activities: { add: { ...one, run: async (_input: undefined) => 1 } },
        *orchestrate() {},
        reply: async () => ({ text: '' }),
      });
    expect(declareWorkflow).toThrow(`operation 'sum': ${field} must be `);
  });
});
