/**
 * Holds back the looks of hosts into the queues of jobs: a backlog is put while nothing is taken, and a host works off exactly as many
 * jobs as its looks bring, however many wait.
 */
import type { StorageProxy } from '../storage-proxy.ts';

export interface HeldLooks {
  /** How many are held. A listener has one look at a time: once each has one, nothing is taken any more. */
  readonly count: number;
  /** Lets so many pass, those that are held and those that come. */
  letPass(looks: number): void;
  /** Holds those that come from now on, whatever was let pass. */
  hold(): void;
  /** The proxy's `reset`, which forgets what holds looks, too; this goes on. */
  reset(): void;
}

/** From now on. */
export function holdLooks(proxy: StorageProxy): HeldLooks {
  const held: (() => void)[] = [];
  let free = 0;
  const intercept = () =>
    proxy.intercept({
      on: ({ operation, path }) => operation === 'Get Messages' && !path.includes('-poison/'),
      times: Number.POSITIVE_INFINITY,
      before() {
        if (free === 0) return new Promise<void>((resolve) => held.push(resolve));
        free -= 1;
        return undefined;
      },
    });
  intercept();
  return {
    get count() {
      return held.length;
    },
    letPass(looks) {
      const passing = held.splice(0, looks);
      free += looks - passing.length;
      for (const pass of passing) pass();
    },
    hold() {
      free = 0;
    },
    reset() {
      proxy.reset();
      intercept();
    },
  };
}
