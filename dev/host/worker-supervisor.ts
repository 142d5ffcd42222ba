/**
 * Keeps one worker running and decides, as the real host does, when a crash is one too many.
 *
 * running --crash 1--> restarting at once --crash 2--> restarting after 10 s --crash 3--> given up
 * Crashes more than 30 minutes apart are not in a row. A worker replaced for a time-out has not crashed.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { HostLog } from './host-log.ts';
import type { WorkerProcess } from './worker-process.ts';

const MAX_CRASHES_IN_A_ROW = 3;

export interface WorkerSupervisor {
  /** The worker that is up, or the next one. Rejects when there will be none. */
  current(): Promise<WorkerProcess>;
  /** The worker started last. */
  latest(): WorkerProcess;
  /** Ends this worker with all that it is doing, and starts another. Harmless when it has gone already. */
  replace(worker: WorkerProcess): void;
  /** From here on a worker's end is nobody's business. Resolves when none is being started any more. */
  close(): Promise<void>;
}

export interface SupervisorOptions {
  readonly start: () => Promise<WorkerProcess>;
  readonly log: HostLog;
  readonly secondRestartDelayMs: number;
  readonly crashesInARowMs: number;
  /** Called once, when no worker will be started any more. */
  readonly onGivenUp: (reason: string) => void;
}

/** @throws whatever the first start throws. */
export async function superviseWorker(options: SupervisorOptions): Promise<WorkerSupervisor> {
  const { log } = options;
  const closing = new AbortController();
  const replaced = new WeakSet<WorkerProcess>();
  let crashTimes: number[] = [];
  let latest = await options.start();
  let current = Promise.resolve(latest);

  const restart = async (delayMs: number): Promise<WorkerProcess> => {
    if (delayMs > 0) await delay(delayMs, undefined, { signal: closing.signal });
    if (closing.signal.aborted) throw new Error('The host is shutting down.');
    try {
      latest = await options.start();
    } catch (error) {
      return await crashed((error as Error).message);
    }
    watch(latest);
    return latest;
  };
  const crashed = async (how: string): Promise<WorkerProcess> => {
    const now = Date.now();
    const last = crashTimes.at(-1);
    if (last !== undefined && now - last > options.crashesInARowMs) crashTimes = [];
    crashTimes.push(now);
    log.write('error', 'Host', `Worker process ended: ${how}`);
    if (crashTimes.length < MAX_CRASHES_IN_A_ROW) {
      return await restart(crashTimes.length > 1 ? options.secondRestartDelayMs : 0);
    }
    const reason =
      'Exceeded language worker restart retry count for runtime:node. ' +
      'Shutting down and proactively recycling the Functions Host to recover';
    log.write('error', 'Host', reason);
    options.onGivenUp(reason);
    throw new Error(reason);
  };
  const watch = (worker: WorkerProcess) => {
    void worker.ended.then((how) => {
      if (closing.signal.aborted) return;
      current = replaced.has(worker) ? restart(0) : crashed(how);
      // Whoever needs the worker sees the rejection; without anybody it must not end the host.
      current.catch(() => {});
    });
  };
  watch(latest);

  return {
    current: () => current,
    latest: () => latest,
    replace(worker) {
      replaced.add(worker);
      void worker.kill();
    },
    async close() {
      closing.abort();
      await current.catch(() => {});
    },
  };
}
