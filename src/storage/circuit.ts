/**
 * Keeps calls from a service that does not answer: whoever asks meanwhile is told at once instead of after every try's time,
 * and a service that comes back is not met by all of them together.
 *
 * closed --so many failures in a row--> open --after a while--> half open: one call goes through
 *    ^                                   ^                          |
 *    |                                   +---------- fails ---------+
 *    +------------------------ any call that is answered -----------+
 */

/** One failed call is a network's everyday; so many with no answer between them are not. */
const FAILURES_TO_OPEN = 5;
/** Short, since whoever comes next only asks once: it is what a service's return is noticed by. */
const OPEN_MS = 2000;

/** The service was not asked. */
export class CircuitOpen extends Error {
  constructor() {
    super('not asked: it has not answered lately');
    this.name = 'CircuitOpen';
  }
}

/** Runs a call. Throws CircuitOpen, or what the call throws. */
export type Circuit = <T>(call: () => Promise<T>) => Promise<T>;

/**
 * @param isOutage whether an error says that the service does not answer; any other one is an answer
 * @param nowMs of a clock that only goes forward, for tests
 */
export function circuit(
  isOutage: (error: unknown) => boolean,
  nowMs: () => number = () => performance.now(),
): Circuit {
  let failures = 0;
  /** Undefined while closed. */
  let opensAtMs: number | undefined;
  let isProbing = false;

  function fail(isProbe: boolean): void {
    failures += 1;
    // Calls that began before it opened fail one after the other: they keep it open no longer.
    const opens = opensAtMs === undefined ? failures >= FAILURES_TO_OPEN : isProbe;
    if (opens) opensAtMs = nowMs() + OPEN_MS;
  }

  function close(): void {
    failures = 0;
    opensAtMs = undefined;
  }

  return async function run(call) {
    const isProbe = opensAtMs !== undefined;
    if (isProbe) {
      if (isProbing || nowMs() < (opensAtMs ?? 0)) throw new CircuitOpen();
      isProbing = true;
    }
    try {
      const answer = await call();
      close();
      return answer;
    } catch (error) {
      if (isOutage(error)) fail(isProbe);
      else close();
      throw error;
    } finally {
      if (isProbe) isProbing = false;
    }
  };
}
