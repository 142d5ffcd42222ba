/** A job and its queue, as far as pacing depends on them. */
import type { Timeline } from './timeline.ts';

export interface SimulatedJob {
  /** When its blob was put. */
  readonly createdMs: number;
  readonly workSeconds: number;
  attempt: number;
  /** Since when an attempt holds its lease. */
  leasedFromMs: number | undefined;
  notBeforeMs: number | undefined;
  /** When its end was written. */
  endedMs: number | undefined;
}

export interface SimulatedQueue {
  /** A message, to be seen after so long. */
  put(job: SimulatedJob, delayMs: number): void;
  /** A message that whoever put it deletes before it can be seen. */
  putHidden(): void;
  /** The oldest that can be seen, so many at most; they count until they are deleted. */
  take(most: number): SimulatedJob[];
  delete(): void;
  /** As storage counts: those that cannot be seen are in it. */
  length(): number;
}

export function simulatedQueue({ after }: Timeline): SimulatedQueue {
  const visible: SimulatedJob[] = [];
  let first = 0;
  let length = 0;
  return {
    put(job, delayMs) {
      length += 1;
      if (delayMs <= 0) visible.push(job);
      else after(delayMs, () => void visible.push(job));
    },
    putHidden: () => {
      length += 1;
    },
    take(most) {
      const taken = visible.slice(first, first + most);
      first += taken.length;
      if (first > 10_000) {
        visible.splice(0, first);
        first = 0;
      }
      return taken;
    },
    delete: () => {
      length -= 1;
    },
    length: () => length,
  };
}
