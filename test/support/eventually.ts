/** Waits for what announces itself by no event: a state in storage, a process that ends. */
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Calls `check` until it neither throws nor returns false or undefined, and resolves with what it returned.
 * @throws what the last call threw, or an Error, when `timeoutMs` (default 10 s) have passed.
 */
export async function eventually<T>(
  check: () => Promise<T> | T,
  { timeoutMs = 10_000, intervalMs = 20 }: { timeoutMs?: number; intervalMs?: number } = {},
): Promise<Exclude<T, false | undefined>> {
  const deadline = performance.now() + timeoutMs;
  while (true) {
    let failure: unknown;
    try {
      const result = await check();
      if (result !== false && result !== undefined) return result as Exclude<T, false | undefined>;
    } catch (error) {
      failure = error;
    }
    if (performance.now() >= deadline) {
      throw failure ?? new Error(`Still not so after ${timeoutMs} ms: ${check}`);
    }
    await delay(intervalMs);
  }
}
