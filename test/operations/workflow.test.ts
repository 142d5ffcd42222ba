/** The authoring API of workflows: what a definition may say, and how its orchestration is stepped. */
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { registryOf } from '../../src/jobs/registry.ts';
import { OperationError } from '../../src/operations/operation.ts';
import { isWorkflow, workflow } from '../../src/operations/workflow.ts';
import { playWorkflow } from './support/played-workflow.ts';

const common = {
  name: 'sum',
  summary: 'Adds squares up.',
  accepts: { 'application/json': z.array(z.number()) },
};

/** Squares of the request's numbers, `atOnce` at a time. */
const sum = workflow({
  ...common,
  params: z.object({ atOnce: z.coerce.number() }),
  activities: {
    read: async (_input: undefined, { request }) => (await request()).body,
    square: {
      retry: { maxAttempts: 5, firstDelaySeconds: 1 },
      timeout: 30,
      run: async (n: number) => n * n,
    },
  },
  *orchestrate({ call, all, progress, params }) {
    const numbers = yield* call.read(undefined);
    const squares = yield* all(
      numbers.map((n) => call.square(n)),
      { atOnce: params.atOnce },
    );
    progress(90, 'squared');
    return squares.reduce((total, square) => total + square, 0);
  },
  reply: async (total) => ({ json: { total } }),
});

const answerCall = ({ activity, input }: { activity: string; input: unknown }) =>
  activity === 'read' ? [1, 2, 3] : (input as number) ** 2;

describe('an orchestration', () => {
  test('is stepped through its calls, several of them in groups', () => {
    const played = playWorkflow(sum, { params: { atOnce: 2 } }, answerCall);
    expect(played.steps).toEqual([
      { kind: 'call', activity: 'read' },
      {
        kind: 'all',
        calls: [
          { kind: 'call', activity: 'square', input: 1 },
          { kind: 'call', activity: 'square', input: 2 },
        ],
      },
      { kind: 'all', calls: [{ kind: 'call', activity: 'square', input: 3 }] },
    ]);
    expect(played.replyInput).toBe(14);
    expect(played.progress).toEqual([[90, 'squared']]);
  });

  test('of nothing at once takes no step for it', () => {
    const none = playWorkflow(sum, { params: { atOnce: 2 } }, ({ activity }) =>
      activity === 'read' ? [] : 0,
    );
    expect(none.steps).toHaveLength(1);
    expect(none.replyInput).toBe(0);
  });

  test.each([0, -1, 0.5, Number.NaN])('of %d at once fails, and does not go on for ever', (atOnce) => {
    expect(() => playWorkflow(sum, { params: { atOnce } }, answerCall)).toThrow(
      `atOnce must be a whole number of at least 1, got ${atOnce}`,
    );
  });

  test('is thrown what its activity threw, and may go on', () => {
    const brave = workflow({
      ...common,
      activities: { try: async (_input: number) => 'done' },
      *orchestrate({ call }) {
        try {
          return yield* call.try(1);
        } catch (error) {
          return (error as Error).message;
        }
      },
      reply: async (text) => ({ text }),
    });
    const refuse = () => {
      throw new OperationError('no');
    };
    expect(playWorkflow(brave, {}, refuse).replyInput).toBe('no');
  });

  test('knows the types of its activities', () => {
    workflow({
      ...common,
      activities: { length: async (text: string) => text.length },
      *orchestrate({ call }) {
        // @ts-expect-error a number is no text
        const n: number = yield* call.length(1);
        // @ts-expect-error there is no such activity
        call.other;
        return n;
      },
      // @ts-expect-error orchestrate returns a number
      reply: async (text: string) => ({ text }),
    });
  });
});

describe('a definition', () => {
  test('is filled in with defaults', () => {
    expect(isWorkflow(sum)).toBe(true);
    expect(sum).toMatchObject({ maxAttempts: 5, timeoutSeconds: 3600, retentionSeconds: 604_800 });
    expect(sum.activities.get('square')).toMatchObject({
      maxAttempts: 5,
      firstDelaySeconds: 1,
      timeoutSeconds: 30,
    });
    expect(sum.activities.get('reply')).toMatchObject({
      maxAttempts: 3,
      firstDelaySeconds: 2,
      timeoutSeconds: 600,
    });
  });

  const work = async (_input: unknown) => 1;
  test.each([
    ['an activity named reply', { reply: work }, 'activities'],
    ['a name that no function may have', { 'do-it': work }, 'activities.do-it'],
    ['no attempts', { work: { run: work, retry: { maxAttempts: 0 } } }, 'activities.work.retry.maxAttempts'],
    [
      'no delay',
      { work: { run: work, retry: { firstDelaySeconds: 0 } } },
      'activities.work.retry.firstDelaySeconds',
    ],
    ['no time', { work: { run: work, timeout: 0 } }, 'activities.work.timeout'],
  ])('with %s is refused by the name of its field', (_, activities, field) => {
    const define = () =>
      workflow({
        ...common,
        activities,
        *orchestrate() {},
        reply: async () => ({ text: '' }),
      });
    expect(define).toThrow(`operation 'sum': ${field} must be `);
  });

  test('may take longer than an invocation of the host, but none of its activities may', () => {
    expect(registryOf([sum], 1800).get('sum')).toBe(sum);
    expect(() => registryOf([sum], 600)).toThrow(
      "operation 'sum': activities.read.timeout must be below functionTimeout in host.json (600 s), got 600 s",
    );
  });
});
