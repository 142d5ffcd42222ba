/**
 * The hosts of a run, each a process of its own that is started again whenever it ends, as a platform would.
 *
 *   starting ──up──▶ up ──kill, crash──▶ starting
 *                    up ──pause──▶ paused ──resume──▶ up
 *                                  paused ──kill──▶ starting
 * stop(): from any of them to ended.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { HostReport } from './host-process.ts';

export interface Host {
  /** Where it answers; undefined while it does not, or is just about to be seen dead. */
  readonly url: string | undefined;
  /** Resolves once it is up. */
  up(): Promise<void>;
  /** SIGKILL: of host and worker together, as a machine ends, or of the worker alone. Waits until there is one to kill. */
  kill(what: 'instance' | 'worker'): Promise<void>;
  /** SIGSTOP, and SIGCONT once `woken` has resolved. Resolves when it is paused. */
  pause(what: 'instance' | 'worker', woken: Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

export interface HostSettings {
  readonly entry: string;
  readonly connectionString: string;
  readonly messageVisibilitySeconds: number;
  /** Seconds the worker's clock is off, asked at every start. */
  readonly nextSkewSeconds: () => number;
  readonly onLog: (line: string) => void;
  /** Told of every process, so that a test can see that none is left. */
  readonly onProcess?: (pid: number) => void;
}

/** A host that does not come up is tried again, since storage may be at fault just then. */
const RESTART_MS = 200;

export function startHost(settings: HostSettings): Host {
  let child: ChildProcess | undefined;
  let url: string | undefined;
  let workerPid = 0;
  let isStopping = false;
  let whenUp = Promise.withResolvers<void>();

  function goDown(): void {
    if (url === undefined) return;
    url = undefined;
    whenUp = Promise.withResolvers();
  }

  async function live(): Promise<void> {
    while (!isStopping) {
      await liveOnce();
      goDown();
      if (!isStopping) await sleep(RESTART_MS);
    }
  }

  async function liveOnce(): Promise<void> {
    child = fork(join(import.meta.dirname, 'host-process.ts'), [JSON.stringify(hostOptions(settings))], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    child.on('message', (report: HostReport) => {
      if (report.told === 'log') return settings.onLog(report.line);
      workerPid = report.workerPid;
      settings.onProcess?.(workerPid);
      if (report.told !== 'up') return;
      url = report.url;
      whenUp.resolve();
    });
    if (child.pid !== undefined) settings.onProcess?.(child.pid);
    await once(child, 'exit');
    // What held the app ends when its host has; not so where it was paused.
    signal(workerPid, 'SIGKILL');
  }

  const pidsOf = (what: 'instance' | 'worker') =>
    what === 'instance' ? [child?.pid ?? 0, workerPid] : [workerPid];
  const endNow = () => {
    for (const pid of pidsOf('instance')) signal(pid, 'SIGKILL');
  };
  // A paused process would not notice that its parent has gone.
  process.once('exit', endNow);
  const living = live();

  return {
    get url() {
      return url;
    },
    up: () => whenUp.promise,
    async kill(what) {
      await whenUp.promise;
      if (what === 'instance') goDown();
      for (const pid of pidsOf(what)) signal(pid, 'SIGKILL');
    },
    async pause(what, woken) {
      await whenUp.promise;
      const pids = pidsOf(what);
      for (const pid of pids) signal(pid, 'SIGSTOP');
      void woken.then(() => {
        for (const pid of pids) signal(pid, 'SIGCONT');
      });
    },
    async stop() {
      isStopping = true;
      endNow();
      await living;
      process.off('exit', endNow);
    },
  };
}

function hostOptions({ entry, connectionString, messageVisibilitySeconds, nextSkewSeconds }: HostSettings) {
  return {
    entry,
    port: 0,
    settings: {
      AzureWebJobsStorage: connectionString,
      DIAGNOSTIC_OPERATIONS: 'true',
      NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, 'skewed-clock.ts'))}`,
      CLOCK_SKEW_SECONDS: String(nextSkewSeconds()),
    },
    timings: { messageVisibilitySeconds },
  };
}

/** Harmless where the process has gone. */
function signal(pid: number, name: NodeJS.Signals): void {
  if (pid === 0) return;
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
