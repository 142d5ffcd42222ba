/** How much memory a process holds, seen from outside. */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Resident memory of a living process, in MiB. */
export function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

/** The most a process held while something went on, looked at every 100 ms, and what that resolved with. */
export async function mostResidentMiB<T>(pid: number, work: Promise<T>): Promise<{ mib: number; result: T }> {
  let isOver = false;
  const over = work.finally(() => {
    isOver = true;
  });
  let mib = 0;
  while (!isOver) {
    mib = Math.max(mib, residentMiB(pid));
    await Promise.race([over, delay(100)]);
  }
  return { mib, result: await work };
}
