/** How long the host waits for what. Not settings: the real host has them fixed, and tests cannot wait that long. */
export interface HostTimings {
  /** An HTTP exchange without a byte in either direction. */
  readonly forwarderTimeoutMs: number;
  /** A queue message that was taken is invisible for so long, unless renewed, which happens at half of it. */
  readonly messageVisibilitySeconds: number;
  /** What is in flight at a stop may take so long. */
  readonly drainMs: number;
  /** The app's terminate hooks may take so long. */
  readonly terminateGraceMs: number;
  /** From `functionTimeout` until the worker is replaced. */
  readonly timeoutGraceMs: number;
  /** From the second crash in a row until the worker is started again. */
  readonly secondRestartDelayMs: number;
  /** Crashes further apart than this are not in a row. */
  readonly crashesInARowMs: number;
  /** Storage that cannot be reached for so long ends the host. */
  readonly storageOutageLimitMs: number;
}

/** As the real host was seen to do, or has it in its source. */
export const hostTimings: HostTimings = {
  forwarderTimeoutMs: 240_000,
  messageVisibilitySeconds: 600,
  drainMs: 40_000,
  terminateGraceMs: 2_000,
  timeoutGraceMs: 2_000,
  secondRestartDelayMs: 10_000,
  crashesInARowMs: 30 * 60_000,
  storageOutageLimitMs: 30_000,
};
