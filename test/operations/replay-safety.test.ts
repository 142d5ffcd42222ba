/**
 * The engine runs `orchestrate` again from its start after every step. So, for every workflow that the app offers: told
 * the same answers it takes the same steps, however short the history, and it asks neither clock nor chance.
 */
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import * as diagnosticOperations from '../../src/operations/diagnostic.ts';
import * as operations from '../../src/operations/index.ts';
import { isWorkflow, type WorkflowOperation, workflow } from '../../src/operations/workflow.ts';
import { type AnswerCall, playWorkflow } from './support/played-workflow.ts';

interface Play {
  readonly params?: unknown;
  readonly answerCall: AnswerCall;
}

/** For every workflow at least one play of several steps. */
const plays: Readonly<Record<string, readonly Play[]>> = {
  'delay-workflow': [
    {
      answerCall: ({ activity }) =>
        activity === 'read' ? { seconds: 3, steps: 3, outcome: 'succeed' } : undefined,
    },
  ],
  'image-renditions': [
    {
      answerCall: ({ activity, input }) =>
        activity === 'inspect'
          ? {
              source: { format: 'webp', width: 900, height: 600, frames: 2 },
              renditions: Array.from({ length: 9 }, (_, index) => ({ name: `${index}.webp` })),
            }
          : { ...(input as object), bytes: 1, sha256: 'aa' },
    },
  ],
};

const offered = new Map(
  Object.values({ ...operations, ...diagnosticOperations })
    .filter(isWorkflow)
    .map((each) => [each.name, each]),
);

const realDate = Date;
afterEach(() => {
  globalThis.Date = realDate;
  jest.restoreAllMocks();
});

/** From here on whoever asks clock or chance fails. */
function forbidClockAndChance(): void {
  const forbidden = (what: string) => () => {
    throw new Error(`orchestrate asked ${what}: a replay would take other steps`);
  };
  globalThis.Date = class {
    static now = forbidden('Date.now');
    constructor() {
      forbidden('new Date')();
    }
  } as unknown as DateConstructor;
  jest.spyOn(performance, 'now').mockImplementation(forbidden('performance.now'));
  jest.spyOn(Math, 'random').mockImplementation(forbidden('Math.random'));
  jest.spyOn(crypto, 'randomUUID').mockImplementation(forbidden('crypto.randomUUID') as () => never);
  jest.spyOn(crypto, 'getRandomValues').mockImplementation(forbidden('crypto.getRandomValues'));
}

function expectReplaySafe(orchestrated: WorkflowOperation, { params = {}, answerCall }: Play): void {
  forbidClockAndChance();
  const whole = playWorkflow(orchestrated, { params }, answerCall);
  const parts = whole.steps.map((_, known) => playWorkflow(orchestrated, { params }, answerCall, known));
  globalThis.Date = realDate;
  jest.restoreAllMocks();
  expect(whole.steps.length).toBeGreaterThan(1);
  for (const [known, { steps }] of parts.entries()) expect(steps).toEqual(whole.steps.slice(0, known + 1));
}

test('every workflow that the app offers has a play here', () => {
  expect([...offered.keys()].toSorted()).toEqual(Object.keys(plays).toSorted());
});

describe.each([...offered])('%s', (name, orchestrated) => {
  test.each([...(plays[name] ?? []).entries()])(
    'takes the same steps in every replay of play %i',
    (_, play) => {
      expectReplaySafe(orchestrated, play);
    },
  );
});

describe('this test finds', () => {
  const unsafe = (input: () => unknown) =>
    workflow({
      name: 'unsafe',
      summary: 'Asks what a replay must not.',
      accepts: { 'text/plain': Symbol.for('stream') as never },
      activities: { work: async (input: unknown) => input },
      *orchestrate({ call }) {
        yield* call.work(input());
        yield* call.work(input());
      },
      reply: async () => ({ text: 'done' }),
    });
  let runs = 0;

  test.each([
    ['the clock', () => Date.now()],
    ['a new date', () => new Date()],
    ['chance', () => Math.random()],
    ['a random id', () => crypto.randomUUID()],
    ['what an earlier run left behind', () => runs++],
  ])('a workflow that goes by %s', (_, input) => {
    expect(() => expectReplaySafe(unsafe(input), { answerCall: () => undefined })).toThrow();
  });
});
