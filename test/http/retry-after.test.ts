import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { retryAfterSeconds } from '../../src/http/retry-after.ts';
import type { Job } from '../../src/jobs/job.ts';
import { after, jobOf } from './jobs.ts';

/** What a client is told that asks `ageSeconds` after acceptance. */
function told(
  ageSeconds: number,
  job: Partial<Job> = {},
  usualSeconds?: number,
  drainSeconds?: number,
): number {
  return retryAfterSeconds(jobOf({ observedAt: after(ageSeconds), ...job }), usualSeconds, drainSeconds);
}

describe('of a job that waits or has no progress yet', () => {
  test('without a usual duration the shortest time, then a quarter of its age', () => {
    expect(told(0)).toBe(1);
    expect(told(3)).toBe(1);
    expect(told(40)).toBe(10);
    expect(told(3600)).toBe(30);
  });

  test('with one, what is left of it', () => {
    expect(told(0, {}, 12)).toBe(12);
    expect(told(5, {}, 12)).toBe(7);
    expect(told(0, {}, 600)).toBe(30);
  });

  test('that takes longer than usual, a quarter of its age', () => {
    expect(told(40, {}, 12)).toBe(10);
  });
});

describe('of a job with progress', () => {
  const running = (percentComplete: number) => ({ startedAt: after(10), percentComplete });

  test('what is left at its pace so far, whatever is usual', () => {
    expect(told(30, running(80))).toBe(5);
    expect(told(30, running(80), 600)).toBe(5);
  });

  test('of which little is done, no more than it has run: a first percentage is a rough guess', () => {
    expect(told(12, running(6))).toBe(2);
    expect(told(30, running(6))).toBe(20);
  });

  test('nothing done yet says nothing', () => {
    expect(told(30, running(0))).toBe(8);
  });

  test('everything done but not published: the shortest time', () => {
    expect(told(30, running(100))).toBe(1);
  });
});

test('of a job under a live lease no more than 10 s, whatever is usual: a poll notices when its worker dies', () => {
  expect(told(3600, { lease: 'live' })).toBe(10);
  expect(told(0, { lease: 'live' }, 600)).toBe(10);
  expect(told(100, { lease: 'live', startedAt: after(0), percentComplete: 10 })).toBe(10);
  expect(told(4, { lease: 'live' })).toBe(1);
});

describe('of a job whose next attempt is put off', () => {
  test('no less than until then', () => {
    expect(told(10, { notBefore: after(14.2) })).toBe(5);
  });

  test('with the usual duration on top', () => {
    expect(told(10, { notBefore: after(14.2) }, 3)).toBe(8);
  });

  test('no more than the longest time', () => {
    expect(told(10, { notBefore: after(300) })).toBe(30);
  });

  test('to a moment that has passed: as if it were not', () => {
    expect(told(40, { notBefore: after(20) })).toBe(10);
  });
});

describe('of a job behind a backlog', () => {
  test('that has not begun: no less than until what waits is done', () => {
    expect(told(0, {}, undefined, 12.4)).toBe(12);
    expect(told(0, {}, 20, 12)).toBe(20);
    expect(told(0, {}, undefined, 500)).toBe(30);
  });

  test('that runs: its turn has come', () => {
    expect(told(8, { lease: 'live' }, undefined, 25)).toBe(2);
  });
});

test('is whole seconds from 1 to 30 for every job', () => {
  const seconds = fc.double({ min: -5, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(
      seconds,
      fc.option(seconds, { nil: undefined }),
      fc.option(seconds, { nil: undefined }),
      fc.integer({ min: 0, max: 100 }),
      fc.option(fc.double({ min: 0, max: 1e5, noNaN: true }), { nil: undefined }),
      (age, notBefore, startedAt, percentComplete, usual) => {
        const value = told(
          age,
          {
            notBefore: notBefore === undefined ? undefined : after(notBefore),
            startedAt: startedAt === undefined ? undefined : after(startedAt),
            percentComplete,
          },
          usual,
        );
        expect(Number.isInteger(value)).toBe(true);
        expect(value).toBeGreaterThanOrEqual(1);
        expect(value).toBeLessThanOrEqual(30);
      },
    ),
  );
});
