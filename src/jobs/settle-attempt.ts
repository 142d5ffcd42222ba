/** Writes what came of an attempt that made no reply: the job fails, or another attempt is to follow, later or elsewhere. */
import { type Log, logs } from '../logs.ts';
import { OperationError } from '../operations/operation.ts';
import { ConditionLost, Refusal, StorageUnavailable } from './errors.ts';
import { endFactsOf, type JobFields, type JobProblem, withoutProgress } from './job.ts';
import { AttemptOver, type Ownership } from './ownership.ts';
import type { StorageClock } from './ports.ts';
import { retryDelaySeconds } from './retry-delay.ts';
import type { Sender } from './send-message.ts';

/** The attempt took longer than its operation allows. */
export class AttemptTimedOut extends Error {
  constructor(seconds: number) {
    super(`the attempt took longer than the operation's timeout of ${seconds} s`);
    this.name = 'AttemptTimedOut';
  }
}

/** The instance is going down: the attempt hands its job back for another instance to run. */
export class ShuttingDown extends Error {
  constructor() {
    super('the instance is shutting down');
    this.name = 'ShuttingDown';
  }
}

/** The fields that an attempt leaves behind when it ends. */
export function endedFields(owner: Ownership, attempt: number, startedAt: Date) {
  return (fields: JobFields): JobFields => ({
    ...withoutProgress(fields),
    attempt,
    token: owner.token,
    startedAt: fields.startedAt ?? startedAt,
    problem: undefined,
    lost: 0,
  });
}

export interface SettleDependencies {
  readonly clock: StorageClock;
  readonly send: Sender;
  readonly log: Log;
}

/**
 * Does nothing where the attempt is over.
 * @param ended the fields that the attempt leaves behind
 * @throws StorageUnavailable, ConditionLost where the outcome could not be written, and a fault of storage as it is
 */
export async function settleAttempt(
  { clock, send, log }: SettleDependencies,
  owner: Ownership,
  attempt: number,
  ended: (fields: JobFields) => JobFields,
  error: unknown,
): Promise<void> {
  const { ref, operation, limit, traceparent } = owner.job;
  const facts = { ref, operation, attempt };
  if (error instanceof AttemptOver || owner.signal.aborted) return;
  try {
    if (error instanceof ShuttingDown) return await handBack();
    const problem = finalProblemOf(error, limit, attempt);
    if (problem === undefined) await tryAgain();
    else await fail(problem);
  } catch (unsettled) {
    if (unsettled instanceof AttemptOver) return;
    logs.attemptAbandoned(log, facts, unsettled);
    throw unsettled;
  }

  async function fail(problem: JobProblem): Promise<void> {
    await owner.write((fields) => ({ ...ended(fields), state: 'Failed', problem }));
    await owner.release();
    const end = { ...endFactsOf(owner.job, clock.now()), attempt };
    logs.jobFailed(log, { ...end, code: problem.code, attemptWas: 'failed' }, error);
  }

  /**
   * As try again, at once, with a limit that grows along: the attempt is not the operation's to answer for. With the same
   * number instead, the message of this attempt, which returns in ten minutes, would count the next one as lost.
   */
  async function handBack(): Promise<void> {
    const next = attempt + 1;
    await owner.write((fields) => ({
      ...ended(fields),
      attempt: next,
      limit: fields.limit + 1,
      waiting: true,
      problem: fields.problem,
    }));
    await owner.release();
    await send({ ref, operation, traceparent }, next, 0);
    logs.attemptHandedBack(log, facts);
  }

  async function tryAgain(): Promise<void> {
    if (isFaultOfStorage(error)) throw error;
    const delaySeconds = retryDelaySeconds(attempt + 1);
    const next = attempt + 1;
    const problem = {
      code: 'attempt-failed',
      status: 500,
      detail: `Attempt ${attempt} failed.`,
      reason: text(error),
    };
    await owner.write((fields) => ({
      ...ended(fields),
      attempt: next,
      waiting: true,
      notBefore: new Date(clock.now().getTime() + delaySeconds * 1000),
      problem,
    }));
    await owner.release();
    await send({ ref, operation, traceparent }, next, delaySeconds);
    logs.attemptFailed(log, { ...facts, nextAttemptInSeconds: delaySeconds }, error);
  }
}

/** Why the job ends here; undefined where another attempt may mend it. */
function finalProblemOf(error: unknown, limit: number, attempt: number): JobProblem | undefined {
  const problem = unmendableOf(error);
  if (problem !== undefined || attempt < limit || isFaultOfStorage(error)) return problem;
  return attemptsExhausted(attempt, text(error));
}

/** The problem of what no other attempt can mend; undefined for any other error. */
export function unmendableOf(error: unknown): JobProblem | undefined {
  if (error instanceof OperationError) {
    return { code: error.code, status: error.status, detail: error.message };
  }
  if (error instanceof Refusal) {
    // Else the request was validated at acceptance, and a later version of the operation no longer takes it.
    const status = error.code === 'upload-changed' ? 409 : 422;
    return { code: error.code, status, detail: error.message };
  }
  return undefined;
}

/** The problem of a job whose attempts ran out. */
export function attemptsExhausted(attempts: number, reason?: string): JobProblem {
  return {
    code: 'attempts-exhausted',
    status: 500,
    detail: `The operation did not succeed in ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}.`,
    ...(reason === undefined ? {} : { reason }),
  };
}

function isFaultOfStorage(error: unknown): boolean {
  return error instanceof StorageUnavailable || error instanceof ConditionLost;
}

function text(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
