/** The timer's sweep calls storage on the minute, and would be counted as whatever is measured then. */
import { setTimeout as sleep } from 'node:timers/promises';

const MINUTE_MS = 60_000;
/** More than a sweep takes. */
const SWEEP_MS = 5000;

/** Resolves when something that takes so long can begin after one sweep and end before the next. */
export async function betweenSweeps(takesMs: number): Promise<void> {
  const intoMinuteMs = Date.now() % MINUTE_MS;
  if (intoMinuteMs < SWEEP_MS) await sleep(SWEEP_MS - intoMinuteMs);
  else if (intoMinuteMs > MINUTE_MS - takesMs) await sleep(MINUTE_MS + SWEEP_MS - intoMinuteMs);
}
