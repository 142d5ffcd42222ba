/** A local host in a process of its own, as a bench sees it. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { CountOrder, HostReport } from './host-process.ts';

export interface BenchHost {
  /** Origin without a slash at the end. */
  readonly url: string;
  readonly pid: number;
  readonly workerPid: number;
  /**
   * Resolves, once so many further invocations of a function have ended, with the seconds from the first of these ends to the last.
   * @throws {Error} where one of them failed
   */
  counted(functionName: string, invocations: number): Promise<number>;
  /** SIGSTOP of the host, but not of its worker: nothing is taken from queues until `resume`. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

export interface BenchHostOptions {
  readonly entry: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** Ended with this process however it ends: one that is stopped by a signal does not see its parent go. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** @throws {Error} where it does not come up; it has said why on stderr */
export async function startBenchHost({ entry, settings }: BenchHostOptions): Promise<BenchHost> {
  const child = fork(
    join(import.meta.dirname, 'host-process.ts'),
    [JSON.stringify({ entry, settings, port: 0 })],
    {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    },
  );
  running.add(child);
  const ended = once(child, 'exit').finally(() => running.delete(child));
  const next = async <T extends HostReport['told']>(told: T): Promise<HostReport & { told: T }> => {
    for (;;) {
      const report = await Promise.race([once(child, 'message'), ended.then(() => undefined)]);
      if (report === undefined) throw new Error(`The host of ${entry} has ended.`);
      const [message] = report as [HostReport];
      if (message.told === told) return message as HostReport & { told: T };
    }
  };
  const { url, workerPid } = await next('up');
  return {
    url,
    pid: child.pid as number,
    workerPid,
    async counted(functionName, invocations) {
      const reported = next('counted');
      child.send({ functionName, invocations } satisfies CountOrder);
      const { firstMs, lastMs, failed } = await reported;
      if (failed > 0) throw new Error(`${failed} of ${invocations} invocations of ${functionName} failed.`);
      return (lastMs - firstMs) / 1000;
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
