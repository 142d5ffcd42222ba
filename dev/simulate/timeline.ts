/** Simulated time: what is to happen is done in the order of its moment, and time jumps from one to the next. */
import { Heap } from 'heap-js';

/** What happens; a promise where the app's own code, which is asynchronous, is asked. It takes no simulated time. */
export type Happening = () => void | Promise<void>;

export interface Timeline {
  /** Milliseconds since the beginning. */
  now(): number;
  /** Has it happen so many milliseconds from now. */
  after(delayMs: number, happening: Happening): void;
  /** Lets time pass until nothing is left to happen, or the moment has come. */
  run(untilMs?: number): Promise<void>;
}

interface Due {
  readonly atMs: number;
  /** Of two at one moment the one that was put first comes first, so that a run can be played again. */
  readonly order: number;
  readonly happening: Happening;
}

export function timeline(): Timeline {
  const due = new Heap<Due>((one, other) => one.atMs - other.atMs || one.order - other.order);
  let nowMs = 0;
  let order = 0;
  return {
    now: () => nowMs,
    after(delayMs, happening) {
      due.push({ atMs: nowMs + Math.max(0, delayMs), order: order++, happening });
    },
    async run(untilMs = Number.POSITIVE_INFINITY) {
      for (let next = due.peek(); next !== undefined && next.atMs <= untilMs; next = due.peek()) {
        due.pop();
        nowMs = next.atMs;
        const happens = next.happening();
        if (happens !== undefined) await happens;
      }
    },
  };
}
