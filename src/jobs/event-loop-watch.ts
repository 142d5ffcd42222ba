/** Notices an operation that blocks the event loop: heartbeats stop with it, and after 30 s the lease is lost. */
import { type Log, logs } from '../logs.ts';

const TICK_MS = 1000;
/** A third of the heartbeat's slack: early enough to be warned before attempts are lost. */
const WARN_MS = 5000;

/** Counts the operations that run in this process; runs a timer only while there are any. */
export function watchEventLoop(tickMs = TICK_MS, warnMs = WARN_MS) {
  const running = new Map<symbol, { operation: string; log: Log }>();
  let timer: NodeJS.Timeout | undefined;
  let lastTick = 0;

  function tick(): void {
    const now = performance.now();
    const blockedMs = Math.round(now - lastTick - tickMs);
    lastTick = now;
    if (blockedMs < warnMs) return;
    const [first] = running.values();
    const operations = [...new Set([...running.values()].map(({ operation }) => operation))];
    if (first) logs.eventLoopBlocked(first.log, { blockedMs, operations });
  }

  /** Enters an operation; the returned function leaves it. */
  return function enter(operation: string, log: Log): () => void {
    const key = Symbol(operation);
    running.set(key, { operation, log });
    if (timer === undefined) {
      lastTick = performance.now();
      timer = setInterval(tick, tickMs);
    }
    return () => {
      tick();
      running.delete(key);
      if (running.size === 0) {
        clearInterval(timer);
        timer = undefined;
      }
    };
  };
}
