/** Seconds until the next attempt: exponential back-off with full jitter, so that failures of one cause do not return together. */
const FIRST_SECONDS = 2;
const LONGEST_SECONDS = 300;

/**
 * The delay before `attempt` (2 or more): a random part of 2 s, doubled for each attempt since, at most 5 min.
 * @param random a number in [0, 1)
 */
export function retryDelaySeconds(attempt: number, random: () => number = Math.random): number {
  return random() * Math.min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** (attempt - 2));
}
