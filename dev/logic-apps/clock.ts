/** Time as a workflow has it. Tests make it pass faster and move it, so that nobody waits for a limit of minutes. */
export interface Clock {
  /** Resolves with true once so many seconds have passed, with false once the signal aborts. */
  hasPassed(seconds: number, signal: AbortSignal): Promise<boolean>;
}

export interface MovableClock extends Clock {
  /** Moves time forward; whoever waits for less is woken. */
  advance(seconds: number): void;
}

/** @param speed how many seconds of a workflow pass in a real one; default: one. */
export function startClock(speed = 1): MovableClock {
  let movedMs = 0;
  const nowMs = () => performance.now() * speed + movedMs;
  const look = new Set<() => void>();

  return {
    hasPassed(seconds, signal) {
      const dueMs = nowMs() + seconds * 1000;
      return new Promise((resolve) => {
        let timer: NodeJS.Timeout | undefined;
        const end = (hasPassed: boolean) => {
          clearTimeout(timer);
          look.delete(wakeOrWait);
          signal.removeEventListener('abort', abort);
          resolve(hasPassed);
        };
        const abort = () => end(false);
        const wakeOrWait = () => {
          clearTimeout(timer);
          const leftMs = dueMs - nowMs();
          if (leftMs <= 0) return end(true);
          // A timer of Node.js lasts 24 days at most; it rounds down.
          timer = setTimeout(wakeOrWait, Math.min(Math.ceil(leftMs / speed), 2 ** 31 - 1));
        };
        if (signal.aborted) return resolve(false);
        signal.addEventListener('abort', abort);
        look.add(wakeOrWait);
        wakeOrWait();
      });
    },
    advance(seconds) {
      movedMs += seconds * 1000;
      for (const wakeOrWait of [...look]) wakeOrWait();
    },
  };
}

/** The seconds of an ISO 8601 duration of days, hours, minutes and seconds; definition-schema.ts lets no other pass. */
export function durationSeconds(duration: string): number {
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] =
    /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(duration) ?? [];
  return ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
}
