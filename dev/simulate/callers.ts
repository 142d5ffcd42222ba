/** Callers: each starts a job, comes again where it is refused, and asks for the job, by its own way of asking, until it has ended. */
import { retryAfterSeconds } from '../../src/http/retry-after.ts';
import type { Backlog } from '../../src/jobs/backlog.ts';
import { pauseMs } from '../../src/jobs/wait-for-job.ts';
import type { Log } from '../../src/logs.ts';
import type { RunAttempt } from './attempts.ts';
import type { FrontDesk } from './front.ts';
import { pendingJob } from './pending-job.ts';
import type { Scenario } from './scenario.ts';
import type { SimulatedJob, SimulatedQueue } from './simulated-job.ts';
import type { Timeline } from './timeline.ts';

/** The default of `MAX_WAITERS`, which counts on each instance. */
const WAITERS_PER_INSTANCE = 250;
const OPERATION = 'simulated';
/** As near as matters. */
const SEEN_AT_ONCE_MS = 10;
const silent = {} as Log;

export interface CallersDependencies {
  readonly timeline: Timeline;
  readonly front: FrontDesk;
  readonly queue: SimulatedQueue;
  readonly backlog: Backlog;
  readonly runAttempt: RunAttempt;
  /** How much an instance runs at a time. */
  readonly concurrency: number;
  readonly onPoll: () => void;
  readonly onRefusal: () => void;
  readonly onCalls: (count: number) => void;
  /** The caller knows now that its job has ended. */
  readonly onHeard: (triedMs: number, acceptedMs: number) => void;
}

/** A caller with a job of that length comes now. */
export type Call = (workSeconds: number) => void;

export function callers(scenario: Scenario, dependencies: CallersDependencies): Call {
  const { timeline, front, queue, backlog, runAttempt, onPoll, onCalls, onHeard } = dependencies;
  const { caller, storageMs } = scenario;
  const { startMs, pollMs, instances, isFastPath } = scenario.front;
  const waitSeconds = caller.kind === 'wait' ? caller.seconds : 0;
  let waiters = 0;
  let runningHere = 0;

  return (workSeconds) => start(workSeconds, timeline.now());

  function start(workSeconds: number, triedMs: number): void {
    front.answer(startMs, async () => {
      if (!(await backlog.hasRoom(OPERATION, silent))) {
        dependencies.onRefusal();
        const { retryAfterSeconds: later = 1 } = backlog.full(OPERATION);
        timeline.after(later * 1000, () => start(workSeconds, triedMs));
        return;
      }
      accept(workSeconds, triedMs);
    });
  }

  function accept(workSeconds: number, triedMs: number): void {
    const job: SimulatedJob = {
      createdMs: timeline.now(),
      workSeconds,
      attempt: 1,
      leasedFromMs: undefined,
      notBeforeMs: undefined,
      endedMs: undefined,
    };
    backlog.added(OPERATION);
    // Put Blob, Put Message.
    onCalls(2);
    const isHere = isFastPath && waitSeconds > 0 && runningHere < instances * dependencies.concurrency;
    if (isHere) runHere(job);
    else queue.put(job, 0);
    const acceptedMs = timeline.now();
    const heard = () => onHeard(triedMs, acceptedMs);
    hold(job, heard, () => askLater(job, heard), isHere);
  }

  function runHere(job: SimulatedJob): void {
    runningHere += 1;
    queue.putHidden();
    runAttempt(job, () => {
      runningHere -= 1;
    });
  }

  /** Holds a request for the end of the job, as src/jobs/wait-for-job.ts does; `elsewise` where it does not come in time. */
  function hold(job: SimulatedJob, heard: () => void, elsewise: () => void, isHere = false): void {
    if (job.endedMs !== undefined) {
      heard();
      return;
    }
    if (waitSeconds === 0 || waiters >= instances * WAITERS_PER_INSTANCE) {
      elsewise();
      return;
    }
    waiters += 1;
    const beganMs = timeline.now();
    // An instance that runs the job itself sees its end at once; the others read.
    const again = (waitedMs: number) =>
      timeline.after(isHere ? SEEN_AT_ONCE_MS : pauseMs(waitedMs) + storageMs, read);
    const read = () => {
      onCalls(isHere ? 0 : 1);
      const waitedMs = timeline.now() - beganMs;
      if (job.endedMs === undefined && waitedMs < waitSeconds * 1000) {
        again(waitedMs);
        return;
      }
      waiters -= 1;
      if (job.endedMs === undefined) elsewise();
      else heard();
    };
    again(0);
  }

  function askLater(job: SimulatedJob, heard: () => void): void {
    const seconds = caller.kind === 'interval' ? caller.seconds : retryAfter(job);
    timeline.after(seconds * 1000, () => ask(job, heard));
  }

  function ask(job: SimulatedJob, heard: () => void): void {
    front.answer(pollMs, () => {
      onPoll();
      onCalls(1);
      hold(job, heard, () => askLater(job, heard));
    });
  }

  function retryAfter(job: SimulatedJob): number {
    const nowMs = timeline.now();
    const seen = pendingJob({
      createdMs: job.createdMs,
      observedMs: nowMs,
      isLeased: job.leasedFromMs !== undefined && job.leasedFromMs <= nowMs,
      notBeforeMs: job.notBeforeMs,
    });
    return retryAfterSeconds(seen, scenario.work.usualSeconds, backlog.drainSeconds(OPERATION));
  }
}
