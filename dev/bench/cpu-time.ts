/** How much processor time a process takes: what a busy machine does beside hardly shows in it, as it does in a rate. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Figure } from './figure.ts';
import { each, type Measured } from './rounds.ts';

/**
 * Milliseconds since its start; NaN where there is no /proc. Linux counts each thread in nanoseconds (schedstat), and in
 * /proc/PID/stat only in hundredths of a second, which is ten jobs.
 */
export function cpuTimeMs(pid: number): number {
  if (process.platform !== 'linux') return Number.NaN;
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, thread) => sum + threadTimeNs(pid, thread) / 1e6, 0);
}

function threadTimeNs(pid: number, thread: string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ', 1)[0]);
  } catch {
    // It has ended since they were listed.
    return 0;
  }
}

/** The worker's processor time a request or job; none where it could not be read. */
export function cpuFigures<T extends { readonly cpuMs: number }>(
  name: string,
  measured: Measured<T>,
): readonly Figure[] {
  const spent = each(measured, ({ cpuMs }) => cpuMs);
  if (spent.ours.some(Number.isNaN)) return [];
  return [{ name: `${name}, the worker’s processor time for one`, unit: 'ms', ...spent }];
}
