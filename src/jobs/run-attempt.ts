/**
 * One execution of a job: own the blob, run the operation, write what came of it.
 *
 *   run ──reply──▶ publish
 *    ├──OperationError──▶ fail
 *    ├──any other error, time-out──▶ try again (fail beyond the limit)
 *    ├──the job is no longer ours──▶ nothing more to do
 *    └──storage does not answer──▶ throw: the queue delivers the message again
 */
import { randomUUID } from 'node:crypto';
import { type Log, logs } from '../logs.ts';
import { type Operation, OperationError, type Reply } from '../operations/operation.ts';
import { acceptedAs } from './content-type.ts';
import { ConditionLost, Refusal, StorageUnavailable } from './errors.ts';
import type { watchEventLoop } from './event-loop-watch.ts';
import { type JobFields, type JobProblem, withoutProgress } from './job.ts';
import { collect, parseJsonRequest } from './json-request.ts';
import { AttemptOver, own } from './ownership.ts';
import type { JobStore, Registry, StorageClock, Taken } from './ports.ts';
import { progressOf } from './progress.ts';
import { publishReply } from './publish-reply.ts';
import { requestContent } from './request-content.ts';
import { parseParams } from './request-params.ts';
import { retryDelaySeconds } from './retry-delay.ts';
import type { Sender } from './send-message.ts';

/** How fast an attempt acts, in milliseconds; tests make haste. */
export interface Pace {
  /** A first delivery claims once it has lasted this long. */
  readonly claimAfterMs: number;
  readonly heartbeatMs: number;
  /** The least time between two writes of progress. */
  readonly progressMs: number;
}

export const PACE: Pace = { claimAfterMs: 1000, heartbeatMs: 10_000, progressMs: 2000 };

export interface RunAttemptDependencies {
  readonly store: JobStore;
  readonly registry: Registry;
  readonly clock: StorageClock;
  readonly pace: Pace;
  readonly enterEventLoopWatch: ReturnType<typeof watchEventLoop>;
}

/** Which attempt to run, and whether it claims before it begins. */
export interface AttemptPlan {
  readonly attempt: number;
  readonly claims: 'at-once' | 'later';
}

class AttemptTimedOut extends Error {
  constructor(seconds: number) {
    super(`the attempt took longer than the operation's timeout of ${seconds} s`);
    this.name = 'AttemptTimedOut';
  }
}

export type RunAttempt = (taken: Taken, plan: AttemptPlan, send: Sender, log: Log) => Promise<void>;

/** Throws StorageUnavailable or ConditionLost where the outcome could not be written. */
export function runAttempt(dependencies: RunAttemptDependencies): RunAttempt {
  const { store, registry, clock, pace, enterEventLoopWatch } = dependencies;

  return async function run(taken, { attempt, claims }, send, log) {
    const { ref, operation: name } = taken.job;
    const facts = { ref, operation: name, attempt };
    const startedAt = clock.now();
    const began = performance.now();
    const owner = own(
      { store, send, clock, log, heartbeatMs: pace.heartbeatMs },
      taken.job,
      attempt,
      randomUUID(),
    );
    const abandon = new AbortController();
    const signal = AbortSignal.any([owner.signal, abandon.signal]);
    const progress = progressOf(owner, pace.progressMs, startedAt);
    const operation = registry.get(name);
    let claimTimer: NodeJS.Timeout | undefined;
    let timeoutTimer: NodeJS.Timeout | undefined;
    const leaveEventLoopWatch = enterEventLoopWatch(name, log);

    const ended = (fields: JobFields): JobFields => ({
      ...withoutProgress(fields),
      attempt,
      token: owner.token,
      startedAt: fields.startedAt ?? startedAt,
      problem: undefined,
    });

    try {
      if (claims === 'at-once') await claim();
      else
        claimTimer = setTimeout(() => void claim().catch((error) => abandon.abort(error)), pace.claimAfterMs);
      if (operation !== undefined) {
        const { timeoutSeconds } = operation;
        const timeOut = () => abandon.abort(new AttemptTimedOut(timeoutSeconds));
        timeoutTimer = setTimeout(timeOut, timeoutSeconds * 1000);
      }
      const reply = await unlessAborted(execute(operation), signal);
      const replyBytes = await publishReply(
        store,
        owner,
        reply,
        (fields) => ({ ...ended(fields), state: 'Succeeded' }),
        { signal, beforeFinalWrite: stopWriting },
      );
      logs.jobSucceeded(log, { ...facts, replyBytes, durationMs: Math.round(performance.now() - began) });
    } catch (error) {
      stopWriting();
      await settle(error);
    } finally {
      clearTimeout(timeoutTimer);
      leaveEventLoopWatch();
      taken.content.destroy();
      await owner.end();
    }

    /** What the last write must not meet on its way: a claim that comes too late, a progress. */
    function stopWriting(): void {
      clearTimeout(claimTimer);
      progress.stop();
    }

    async function claim(): Promise<void> {
      await owner.claim();
      progress.claimed();
    }

    async function execute(known: Operation | undefined): Promise<Reply> {
      if (known === undefined) throw new Error(`this version of the app offers no operation '${name}'`);
      const params = await parseParams(known, taken.job.params);
      const { contentType, schema } = acceptedAs(known, taken.job.contentType);
      const content = requestContent(store, taken, signal);
      return known.run({
        request: {
          contentType,
          contentTypeHeader: taken.job.contentType,
          sizeBytes: taken.job.sizeBytes,
          body: schema === undefined ? content : await parseJsonRequest(await collect(content), schema),
        } as Parameters<Operation['run']>[0]['request'],
        params,
        ref,
        attempt,
        signal,
        progress: progress.report,
        log: (message) => logs.attemptSaid(log, facts, message),
      });
    }

    async function settle(error: unknown): Promise<void> {
      if (error instanceof AttemptOver || owner.signal.aborted) return;
      try {
        const problem = finalProblemOf(error, taken.job.limit, attempt);
        if (problem === undefined) await tryAgain(error);
        else await fail(problem, error);
      } catch (unsettled) {
        if (unsettled instanceof AttemptOver) return;
        logs.attemptAbandoned(log, facts, unsettled);
        throw unsettled;
      }
    }

    async function fail(problem: JobProblem, error: unknown): Promise<void> {
      await owner.write((fields) => ({ ...ended(fields), state: 'Failed', problem }));
      await owner.release();
      logs.jobFailed(log, { ...facts, code: problem.code }, error);
    }

    async function tryAgain(error: unknown): Promise<void> {
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
      await send(taken.job, next, delaySeconds);
      logs.attemptFailed(log, { ...facts, nextAttemptInSeconds: delaySeconds }, error);
    }
  };
}

/** Why the job ends here; undefined where another attempt may mend it. */
function finalProblemOf(error: unknown, limit: number, attempt: number): JobProblem | undefined {
  if (error instanceof OperationError) {
    return { code: error.code, status: error.status, detail: error.message };
  }
  if (error instanceof Refusal) {
    // The request was validated at acceptance; a later version of the operation no longer takes it.
    return { code: error.code, status: 422, detail: error.message };
  }
  if (attempt < limit || isFaultOfStorage(error)) return undefined;
  return attemptsExhausted(attempt, text(error));
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

/** The work's own outcome, or the signal's reason, whichever comes first; an operation that ignores its signal is left behind. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  return Promise.race([work, aborted.promise]).finally(() => signal.removeEventListener('abort', abort));
}
