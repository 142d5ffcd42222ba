/** `maxConcurrentRequests` and `maxOutstandingRequests`: how many run, and how many are in the house at all. */

/** Resolves when the request may run; undefined when it is one too many. The result is called when it is done. */
export type EnterThrottle = () => Promise<() => void> | undefined;

/** @param maxOutstanding counts running and waiting requests. Both limits: -1 is none. */
export function createThrottle(maxConcurrent: number, maxOutstanding: number): EnterThrottle {
  const waiting: (() => void)[] = [];
  let running = 0;

  const leave = () => {
    const next = waiting.shift();
    // The place goes straight to the next one, so `running` stays.
    if (next === undefined) running -= 1;
    else next();
  };
  return () => {
    if (maxOutstanding !== -1 && running + waiting.length >= maxOutstanding) return undefined;
    if (maxConcurrent === -1 || running < maxConcurrent) {
      running += 1;
      return Promise.resolve(leave);
    }
    return new Promise((resolve) => waiting.push(() => resolve(leave)));
  };
}
