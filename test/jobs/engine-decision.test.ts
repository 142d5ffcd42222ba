/** What is done by the engine's answer, row by row, without an engine. */
import { describe, expect, test } from '@jest/globals';
import { decideByEngine, engineTable } from '../../src/jobs/engine-decision.ts';
import type { WorkflowInstance } from '../../src/jobs/workflow-ports.ts';
import { quietJob } from './support/quiet-job.ts';

const HANDED = new Date('2026-01-01T00:00:00Z');
const TIMEOUT_SECONDS = 600;

/** A job handed over at {@link HANDED} and looked at `seconds` later. */
const handedJob = (seconds: number) => ({ ...quietJob(HANDED, seconds), handedAt: HANDED });

const mine = (state: WorkflowInstance['state']): WorkflowInstance => ({
  handedAt: HANDED.toISOString(),
  state,
  reason: undefined,
});
const earlier = (state: WorkflowInstance['state']): WorkflowInstance => ({
  ...mine(state),
  handedAt: '2025-12-31T00:00:00.000Z',
});
/** Started by hand, with an input that is none of ours. */
const foreign: WorkflowInstance = { ...mine('alive'), handedAt: undefined };

const rows: Record<string, { does: string; views: [WorkflowInstance | undefined, number?][] }> = {
  unknown: { does: 'start', views: [[undefined], [undefined, 1e6]] },
  'alive, of an earlier hand-over': { does: 'make-room', views: [[earlier('alive')], [foreign]] },
  'ended, of an earlier hand-over': {
    does: 'start',
    views: [[earlier('completed')], [earlier('failed')], [earlier('terminated')]],
  },
  'alive long after its timeout': { does: 'time-out', views: [[mine('alive'), TIMEOUT_SECONDS + 301]] },
  alive: { does: 'nothing', views: [[mine('alive')], [mine('alive'), TIMEOUT_SECONDS + 299]] },
  ended: { does: 'settle', views: [[mine('completed')], [mine('failed')], [mine('terminated')]] },
};

describe('the engine says that the instance is', () => {
  test.each(Object.entries(rows))('%s', (finds, { does, views }) => {
    for (const [instance, seconds = 1] of views) {
      const view = { job: handedJob(seconds), instance, timeoutSeconds: TIMEOUT_SECONDS };
      expect(engineTable.find(({ fits }) => fits(view))?.finds).toBe(finds);
      expect(decideByEngine(view)).toBe(does);
    }
  });

  test('every row of the table is tested here', () => {
    expect(Object.keys(rows)).toEqual(engineTable.map(({ finds }) => finds));
  });
});
