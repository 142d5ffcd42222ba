/** At which moment a job's time is over, and its next attempt due. */
import { describe, expect, test } from '@jest/globals';
import { isExpired, isPutOff, type Job } from '../../src/jobs/job.ts';

const ENDED = Date.UTC(2026, 10, 25);
const job: Job = {
  ref: 'ref',
  layout: 1,
  etag: '"1"',
  lease: 'none',
  updatedAt: new Date(ENDED),
  observedAt: new Date(ENDED),
  contentType: 'text/plain',
  contentDisposition: undefined,
  sizeBytes: 1,
  operation: 'work',
  state: 'Succeeded',
  attempt: 1,
  limit: 1,
  waiting: false,
  recovered: 0,
  createdAt: new Date(ENDED),
  retentionSeconds: 60,
  params: {},
};
const after = (seconds: number) => new Date(ENDED + seconds * 1000);

describe.each([
  [59, false],
  [60, true],
  [61, true],
])('%d s after its end', (seconds, isOver) => {
  test(`a job kept for a minute is ${isOver ? 'over' : 'there'}`, () => {
    expect(isExpired({ ...job, observedAt: after(seconds) })).toBe(isOver);
  });

  test('a pending one is there', () => {
    expect(isExpired({ ...job, state: 'Pending', observedAt: after(seconds) })).toBe(false);
  });

  test(`an attempt put off for a minute is ${isOver ? 'due' : 'not due'}`, () => {
    expect(isPutOff({ ...job, notBefore: after(60), observedAt: after(seconds) })).toBe(!isOver);
  });
});
