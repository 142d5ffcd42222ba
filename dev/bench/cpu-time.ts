/** How much processor time a process takes: what a busy machine does beside hardly shows in it, as it does in a rate. */
import { readFileSync } from 'node:fs';
import type { Figure } from './figure.ts';
import { each, type Measured } from './rounds.ts';

/** Linux counts in hundredths of a second, whatever the machine (proc_pid_stat(5)). */
const MS_PER_TICK = 10;

/** Milliseconds since its start, to within 10; NaN where there is no /proc. */
export function cpuTimeMs(pid: number): number {
  if (process.platform !== 'linux') return Number.NaN;
  // The name, in parentheses, may hold spaces; user and system time are the 12th and 13th of what follows.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
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
