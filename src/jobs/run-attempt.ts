/**
 * One execution of a job: own the blob, run the operation, write what came of it.
 *
 *   run ──reply──▶ publish
 *    ├──OperationError──▶ fail
 *    ├──any other error, time-out──▶ try again (fail beyond the limit)
 *    ├──the instance shuts down──▶ hand back, for another instance to run at once
 *    ├──the job is no longer ours──▶ nothing more to do
 *    └──storage does not answer──▶ throw: the queue delivers the message again
 */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { type Log, logs } from '../logs.ts';
import { isRun, type Operation, type Reply } from '../operations/operation.ts';
import { Refusal } from './errors.ts';
import type { watchEventLoop } from './event-loop-watch.ts';
import { endFactsOf } from './job.ts';
import { openRequest } from './open-request.ts';
import { own } from './ownership.ts';
import type { JobStore, Registry, StorageClock, Taken, UploadStore } from './ports.ts';
import { progressOf } from './progress.ts';
import { publishReply, replyInTime } from './publish-reply.ts';
import { parseParams } from './request-params.ts';
import type { RunningAttempts } from './running-attempts.ts';
import type { Sender } from './send-message.ts';
import { AttemptTimedOut, endedFields, ShuttingDown, settleAttempt } from './settle-attempt.ts';

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
  readonly uploads: Pick<UploadStore, 'open'>;
  readonly registry: Registry;
  readonly clock: StorageClock;
  readonly pace: Pace;
  readonly enterEventLoopWatch: ReturnType<typeof watchEventLoop>;
  readonly running: RunningAttempts;
}

/** Which attempt to run, and whether it claims before it begins. */
export interface AttemptPlan {
  readonly attempt: number;
  readonly claims: 'at-once' | 'later';
}

export type RunAttempt = (taken: Taken, plan: AttemptPlan, send: Sender, log: Log) => Promise<void>;

/** Throws StorageUnavailable or ConditionLost where the outcome could not be written. */
export function runAttempt(dependencies: RunAttemptDependencies): RunAttempt {
  const { store, uploads, registry, clock, pace, enterEventLoopWatch, running } = dependencies;

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
    const leave = running.enter(() => abandon.abort(new ShuttingDown()));

    const ended = endedFields(owner, attempt, startedAt);

    try {
      if (claims === 'at-once') await claim();
      else
        claimTimer = setTimeout(() => void claim().catch((error) => abandon.abort(error)), pace.claimAfterMs);
      if (operation !== undefined) {
        const { timeoutSeconds } = operation;
        const timeOut = () => abandon.abort(new AttemptTimedOut(timeoutSeconds));
        timeoutTimer = setTimeout(timeOut, timeoutSeconds * 1000);
      }
      signal.throwIfAborted();
      const reply = await replyInTime(execute(operation), signal);
      const replyBytes = await publishReply(
        store,
        owner,
        reply,
        (fields) => ({ ...ended(fields), state: 'Succeeded' }),
        { signal, beforeFinalWrite: stopWriting },
      );
      logs.jobSucceeded(log, {
        ...endFactsOf(taken.job, clock.now()),
        attempt,
        replyBytes,
        durationMs: Math.round(performance.now() - began),
      });
    } catch (error) {
      stopWriting();
      await settleAttempt({ clock, send, log }, owner, attempt, ended, error);
    } finally {
      clearTimeout(timeoutTimer);
      leaveEventLoopWatch();
      taken.content.destroy();
      await owner.end();
      leave();
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
      if (known === undefined || !isRun(known)) {
        throw new Error(`this version of the app runs no operation '${name}'`);
      }
      const params = await parseParams(known, taken.job.params);
      const request = await openRequest({ store, uploads }, known, taken, signal);
      if (request.body instanceof Readable) {
        // Nothing mends a request that is gone, whatever its operation makes of the broken stream.
        request.body.once('error', (error) => error instanceof Refusal && abandon.abort(error));
      }
      return known.run({
        request,
        params,
        ref,
        attempt,
        signal,
        progress: progress.report,
        log: (message) => logs.attemptSaid(log, facts, message),
      });
    }
  };
}
