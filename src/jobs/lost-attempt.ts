/**
 * What becomes of a job whose attempt ended without a word: its worker crashed, was killed, or never reached storage again.
 * A worker's death is nobody's fault the first time. An operation that kills its worker does so each time, and takes the
 * instance's other attempts with it; so from the second time in a row on, the next attempt is put off, longer each time.
 */
import { randomUUID } from 'node:crypto';
import { type Log, logs } from '../logs.ts';
import { ConditionLost } from './errors.ts';
import { fieldsOf, type Job, type JobProblem, withoutProgress } from './job.ts';
import type { JobStore } from './ports.ts';
import type { Sender } from './send-message.ts';

const FIRST_SECONDS = 10;
const LONGEST_SECONDS = 300;
/** Faster than the back-off of errors: three crashes within half an hour end the whole host. */
const FACTOR = 5;

/**
 * Whole seconds until the attempt after a lost one. Never below half of the longest: attempts that died together come back
 * apart, and none of them at once.
 * @param lost how many were lost in a row before this one
 * @param random a number in [0, 1)
 */
export function putOffSeconds(lost: number, random: () => number = Math.random): number {
  if (lost === 0) return 0;
  const longest = Math.min(LONGEST_SECONDS, FIRST_SECONDS * FACTOR ** (lost - 1));
  return Math.ceil(longest * (0.5 + random() / 2));
}

/**
 * Writes that the job waits for the attempt after a lost one, then puts its message, delayed where others were lost before.
 * @returns false where the write was refused: the job has to be looked at again
 */
export async function waitForNextAttempt(
  store: Pick<JobStore, 'write'>,
  job: Job,
  send: Sender,
  log: Log,
): Promise<boolean> {
  const { ref, operation, lost = 0 } = job;
  const delaySeconds = putOffSeconds(lost);
  const next = {
    ...withoutProgress(fieldsOf(job)),
    attempt: job.attempt + 1,
    lost: lost + 1,
    waiting: true,
    token: randomUUID(),
    problem: lostProblem(job.attempt),
    ...(delaySeconds > 0 && { notBefore: new Date(job.observedAt.getTime() + delaySeconds * 1000) }),
  };
  try {
    await store.write(ref, next, { etag: job.etag });
  } catch (error) {
    if (error instanceof ConditionLost) return false;
    throw error;
  }
  await send(job, next.attempt, delaySeconds);
  const { attempt } = next;
  logs.attemptsLost(log, { ref, operation, attempt, lost: next.lost, nextAttemptInSeconds: delaySeconds });
  return true;
}

/** Why there is another attempt, for operators. */
function lostProblem(attempt: number): JobProblem {
  return {
    code: 'attempt-lost',
    status: 500,
    detail: `Attempt ${attempt} was lost.`,
    reason: lostReason(attempt),
  };
}

/** What is known of an attempt that said nothing. */
export function lostReason(attempt: number): string {
  return `attempt ${attempt} ended without a word: its worker crashed, was killed, or lost its connection to storage`;
}
