/** Whether a process still runs, for tests and for the check that no test leaves one behind. */
import { readFileSync } from 'node:fs';

/** A zombie has ended: in a container whose first process reaps nobody, an orphan stays one for ever. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    // No /proc outside Linux; and on Linux the process has ended since the line above.
    return process.platform !== 'linux';
  }
}
