/**
 * Holds callers until a job has ended. All who wait for one job in this process share one watch, which reads the job
 * again and again, less often the longer it lasts:
 *
 *   first waiter ──▶ pausing ──pause over, or lookNow──▶ reading
 *                    │     ▲                             │     │
 *                    │     └───────still pending─────────┘     └──ended, gone, no answer of storage──▶ all are told
 *                    └──last waiter leaves──▶ over
 *
 * A job that runs in this process (fast-path.ts) is read at the end of its attempt, and meanwhile only for what others do to it.
 *
 * A waiter leaves by its own timer or with its client, whatever a read is doing: so no wait is longer than it was to be.
 */
import { type Log, logs } from '../logs.ts';
import { Refusal } from './errors.ts';
import { isFinished, type Job } from './job.ts';
import type { ReadJob } from './read-job.ts';

const SHORTEST_PAUSE_MS = 50;
/** With the read itself, an answer comes within a second of the job's end. */
const LONGEST_PAUSE_MS = 750;
/** Whoever has waited for long does not mind a quarter of that more; Retry-After goes by the same share. */
const SHARE_OF_WAIT = 0.25;

/** The caller that waits, as far as it can be seen. */
export interface WaitingClient {
  readonly isClosed: boolean;
  /** Calls back when the client leaves; returns a function that stops listening. */
  onClose(listener: () => void): () => void;
}

export interface WaitForJobDependencies {
  readonly read: ReadJob;
  /** How many may wait at a time in this process. */
  readonly maxWaiters: number;
}

export interface JobWaits {
  /**
   * Resolves with the job as storage last showed it: when it has ended, or after `seconds`, when the client has left, or
   * when storage does not answer. At once where it has ended already, where `seconds` is 0, and where too many wait.
   * Throws Refusal (`job-unknown`) where the job goes meanwhile.
   * @param endsHere of a job that this process runs: resolves when its attempt is over
   */
  untilEnded(
    job: Job,
    seconds: number,
    client: WaitingClient | undefined,
    log: Log,
    endsHere?: Promise<void>,
  ): Promise<Job>;
  /** Something was done about a job in this process: whoever waits for it need not wait for the next read. */
  lookNow(ref: string): void;
  /** How many wait now. */
  readonly waiterCount: number;
}

interface Watch {
  readonly ref: string;
  readonly beganMs: number;
  readonly waiters: Set<PromiseWithResolvers<Job | undefined>>;
  /** What the last read showed. */
  seen: Job | undefined;
  /** An attempt of it is under way in this process, which says so when it is over. */
  isHere: boolean;
  /** Of the pause; undefined while reading. */
  timer: NodeJS.Timeout | undefined;
  /** Something was done about the job after the read under way began. */
  isReadStale: boolean;
}

export function waitForJob({ read, maxWaiters }: WaitForJobDependencies): JobWaits {
  const watches = new Map<string, Watch>();
  let waiterCount = 0;

  return {
    get waiterCount() {
      return waiterCount;
    },
    async untilEnded(job, seconds, client, log, endsHere) {
      if (isFinished(job) || seconds === 0 || waiterCount >= maxWaiters || client?.isClosed) return job;
      const watch = watches.get(job.ref) ?? begin(job.ref, endsHere !== undefined);
      void endsHere?.then(() => {
        watch.isHere = false;
        lookNow(job.ref);
      });
      const waiter = Promise.withResolvers<Job | undefined>();
      const leave = () => waiter.resolve(watch.seen);
      const timer = setTimeout(leave, seconds * 1000);
      const stopListening = client?.onClose(leave);
      watch.waiters.add(waiter);
      waiterCount += 1;
      try {
        return (await waiter.promise) ?? job;
      } catch (error) {
        if (error instanceof Refusal && error.code === 'job-unknown') throw error;
        // The job is there and goes on: its caller asks again later, and is told then what is the matter.
        logs.waitBroken(log, { ref: job.ref }, error);
        return watch.seen ?? job;
      } finally {
        clearTimeout(timer);
        stopListening?.();
        watch.waiters.delete(waiter);
        waiterCount -= 1;
        if (watch.waiters.size === 0) end(watch);
      }
    },

    lookNow,
  };

  function lookNow(ref: string): void {
    const watch = watches.get(ref);
    if (watch === undefined) return;
    if (watch.timer === undefined) watch.isReadStale = true;
    else void look(watch);
  }

  function begin(ref: string, isHere: boolean): Watch {
    const watch: Watch = {
      ref,
      beganMs: performance.now(),
      waiters: new Set(),
      seen: undefined,
      isHere,
      timer: undefined,
      isReadStale: false,
    };
    watches.set(ref, watch);
    pause(watch);
    return watch;
  }

  function pause(watch: Watch): void {
    const waitedMs = performance.now() - watch.beganMs;
    watch.timer = setTimeout(() => void look(watch), watch.isHere ? LONGEST_PAUSE_MS : pauseMs(waitedMs));
  }

  async function look(watch: Watch): Promise<void> {
    clearTimeout(watch.timer);
    watch.timer = undefined;
    watch.isReadStale = false;
    try {
      const job = await read(watch.ref);
      watch.seen = job;
      if (isFinished(job)) return tell(watch, ({ resolve }) => resolve(job));
    } catch (error) {
      return tell(watch, ({ reject }) => reject(error));
    }
    if (watches.get(watch.ref) !== watch) return;
    if (watch.isReadStale) await look(watch);
    else pause(watch);
  }

  function tell(watch: Watch, each: (waiter: PromiseWithResolvers<Job | undefined>) => void): void {
    end(watch);
    watch.waiters.forEach(each);
  }

  /** Whoever comes now begins another watch. */
  function end(watch: Watch): void {
    clearTimeout(watch.timer);
    if (watches.get(watch.ref) === watch) watches.delete(watch.ref);
  }
}

/** How long to leave a job alone that has been waited for so long, in milliseconds. */
export function pauseMs(waitedMs: number): number {
  return Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, waitedMs * SHARE_OF_WAIT));
}
