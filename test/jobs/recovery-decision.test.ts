/** The recovery table, row by row, without storage: what is decided of what is seen. recovery-rows.test.ts does it. */
import { describe, expect, test } from '@jest/globals';
import { type Job, LAYOUT } from '../../src/jobs/job.ts';
import { decideRecovery, type RecoveryView, recoveryTable } from '../../src/jobs/recovery-decision.ts';
import { quietJob } from './support/quiet-job.ts';

const WRITTEN = new Date('2026-01-01T00:00:00Z');
const after = (seconds: number) => new Date(WRITTEN.getTime() + seconds * 1000);

const job = (seconds: number, changes?: Partial<Job>) => quietJob(WRITTEN, seconds, changes);

function deciding(job: Job, front: RecoveryView['front'] = 'unknown') {
  const view = { job, front };
  const row = recoveryTable.find(({ fits }) => fits(view));
  return { finds: row?.finds, act: decideRecovery(view).act };
}

const others = (seconds: number) => ({ job: 'another', putAt: after(seconds) });
const YEAR = 365 * 86_400;

/** By row: views that meet it, and what is done. */
const rows: Record<string, { act: string; views: [Job, RecoveryView['front']?][] }> = {
  'written by a newer version': {
    act: 'nothing',
    views: [
      [job(YEAR, { layout: LAYOUT + 1, lease: 'expired' })],
      [job(YEAR, { layout: LAYOUT + 1, lease: 'broken' })],
      [job(YEAR, { layout: LAYOUT + 1 }), 'empty'],
    ],
  },
  finished: {
    act: 'nothing',
    views: (['Succeeded', 'Failed', 'Canceled'] as const).flatMap((state) => [
      [job(YEAR, { state, lease: 'expired' })],
      [job(YEAR, { state, lease: 'broken' })],
      [job(YEAR, { state }), 'empty'],
    ]),
  },
  'leased by a live attempt': {
    act: 'nothing',
    views: [[job(YEAR, { lease: 'live' }), 'empty'], [job(YEAR, { lease: 'live', waiting: true })]],
  },
  'lease broken': {
    act: 'cancel',
    views: [
      [job(0, { lease: 'broken' })],
      [job(0, { lease: 'broken', waiting: true, notBefore: after(60) })],
    ],
  },
  'handed to the workflow engine, not quiet for long enough': {
    act: 'nothing',
    views: [
      [job(119, { handedAt: WRITTEN }), 'empty'],
      [job(239, { handedAt: WRITTEN, recovered: 1 }), 'empty'],
      [job(119, { handedAt: WRITTEN, lease: 'expired' })],
      [job(119, { handedAt: after(-YEAR) }), 'empty'],
    ],
  },
  'handed to the workflow engine, quiet': {
    act: 'put-message',
    views: [
      [job(120, { handedAt: WRITTEN })],
      [job(240, { handedAt: WRITTEN, recovered: 1 })],
      [job(120, { handedAt: WRITTEN, lease: 'expired', attempt: 3, limit: 3 })],
    ],
  },
  'notBefore ahead': {
    act: 'nothing',
    views: [
      [job(59, { waiting: true, notBefore: after(60) }), 'empty'],
      [job(59, { waiting: true, notBefore: after(60), lease: 'expired' })],
    ],
  },
  'lease expired, not waiting': {
    act: 'next-attempt',
    views: [[job(1, { lease: 'expired' })], [job(YEAR, { lease: 'expired', attempt: 2, recovered: 9 })]],
  },
  'lease expired, waiting': {
    act: 'put-message',
    views: [
      [job(1, { lease: 'expired', waiting: true })],
      [job(61, { lease: 'expired', waiting: true, notBefore: after(60) })],
      [job(1, { lease: 'expired', waiting: true, attempt: 3, limit: 3 })],
    ],
  },
  'no lease, not quiet for long enough': {
    act: 'nothing',
    views: [
      [job(29), 'empty'],
      [job(59, { recovered: 1 }), 'empty'],
      [job(30 * 2 ** 6 - 1, { recovered: 6 }), 'empty'],
      [job(89, { waiting: true, notBefore: after(60) }), 'empty'],
      [job(YEAR, { recovered: 9_999_999_999 }), 'empty'],
    ],
  },
  'no lease, quiet, its queue not looked at': {
    act: 'peek',
    views: [
      [job(30)],
      [job(60, { recovered: 1 })],
      [job(90, { waiting: true, notBefore: after(60) })],
      [job(30, { waiting: true, notBefore: after(-60) })],
    ],
  },
  'no lease, quiet, its message waits its turn': {
    act: 'nothing',
    views: [
      [job(YEAR), others(-1)],
      [job(YEAR), others(0)],
      [job(YEAR), { job: 'mine', putAt: after(1) }],
      [job(YEAR, { waiting: true, notBefore: after(60) }), others(59)],
    ],
  },
  'no lease, quiet, its message is not in the queue': {
    act: 'put-message',
    views: [
      [job(30), 'empty'],
      [job(30), others(1)],
      [job(30), { job: undefined, putAt: after(1) }],
      [job(90, { waiting: true, notBefore: after(60) }), others(61)],
      [job(30, { attempt: 3, limit: 3, waiting: true }), 'empty'],
    ],
  },
};

describe('whoever asks for a job and finds', () => {
  test.each(Object.entries(rows))('%s', (finds, { act, views }) => {
    for (const [seen, front] of views) expect(deciding(seen, front)).toEqual({ finds, act });
  });

  test('every row of the table is tested here', () => {
    expect(Object.keys(rows)).toEqual(recoveryTable.map(({ finds }) => finds));
  });

  test('an expired lease at the limit: the job fails', () => {
    expect(deciding(job(1, { lease: 'expired', attempt: 3, limit: 3 })).act).toBe('fail');
    expect(deciding(job(1, { lease: 'expired', attempt: 7, limit: 3 })).act).toBe('fail');
  });
});
