/**
 * The attempts that run in this process, so that a shutdown can hand them back. The host says `appTerminate` about two
 * seconds before it ends the process; what is not handed back by then waits for its lease to run out.
 */

export interface RunningAttempts {
  /** Enters an attempt; `handBack` asks it to end. The returned function leaves. */
  enter(handBack: () => void): () => void;
  /**
   * Asks all of them, and any that is entered from now on, to end.
   * @returns how many were asked, and how many of them had not left after `withinMs`
   */
  handBackAll(withinMs: number): Promise<{ asked: number; left: number }>;
  /** Resolves when all have left that had not yet. */
  allLeft(): Promise<void>;
}

export function runningAttempts(): RunningAttempts {
  const running = new Map<symbol, { handBack: () => void; ended: Promise<void> }>();
  let isClosing = false;

  return {
    enter(handBack) {
      const key = Symbol('attempt');
      const { promise: ended, resolve } = Promise.withResolvers<void>();
      running.set(key, { handBack, ended });
      if (isClosing) handBack();
      return () => {
        running.delete(key);
        resolve();
      };
    },
    async handBackAll(withinMs) {
      isClosing = true;
      const asked = running.size;
      const ends = [...running.values()].map(({ handBack, ended }) => {
        handBack();
        return ended;
      });
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, withinMs);
      await Promise.race([Promise.all(ends), late.promise]);
      clearTimeout(timer);
      return { asked, left: running.size };
    },
    async allLeft() {
      await Promise.all([...running.values()].map(({ ended }) => ended));
    },
  };
}
