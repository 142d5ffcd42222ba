/**
 * Timers by whoever set them, so that a killed instance's can be stopped: its heartbeat would beat on after the tests.
 * Covers setTimeout and setInterval of the global scope, which is where the app gets them.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

export interface TimerGroup {
  /** Runs a task whose timers, and those set by anything it starts, belong to the group. */
  run<T>(task: () => T): T;
  /** Stops them. */
  stop(): void;
}

const groups = new AsyncLocalStorage<Set<NodeJS.Timeout>>();
let isTracking = false;

/** From the first call on, every timer set in this test file is noted with the group that is running. */
function track(): void {
  if (isTracking) return;
  isTracking = true;
  const noting =
    <Args extends unknown[]>(set: (...args: Args) => NodeJS.Timeout) =>
    (...args: Args) => {
      const timer = set(...args);
      groups.getStore()?.add(timer);
      return timer;
    };
  globalThis.setTimeout = noting(setTimeout) as typeof setTimeout;
  globalThis.setInterval = noting(setInterval) as typeof setInterval;
}

export function timerGroup(): TimerGroup {
  track();
  const timers = new Set<NodeJS.Timeout>();
  return {
    run: (task) => groups.run(timers, task),
    stop() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
