/** How long a queue listener waits before it looks again: short after a message, longer and longer while there is none. */

export const MIN_POLLING_INTERVAL_MS = 100;

/** Gives the wait in milliseconds after a look that found nothing. `hasFound`: the look before it found something. */
export type NextPollDelay = (hasFound: boolean) => number;

/** @param random from 0 to 1, for tests; the waits are randomised so that instances do not look in step. */
export function createPollingBackoff(
  maxIntervalMs: number,
  random: () => number = Math.random,
): NextPollDelay {
  let exponent = 0;
  return (hasFound) => {
    if (hasFound) {
      exponent = 0;
      return MIN_POLLING_INTERVAL_MS;
    }
    const spread = 0.8 + 0.4 * random();
    const delayMs = MIN_POLLING_INTERVAL_MS * (1 + 2 ** exponent * spread);
    if (delayMs >= maxIntervalMs) return maxIntervalMs;
    exponent += 1;
    return delayMs;
  };
}
