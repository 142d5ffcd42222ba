/** Storage's time, learnt from the `Date` of its answers: an instance's own clock may be minutes off. */
import type { StorageClock } from '../jobs/ports.ts';

export interface LearningClock extends StorageClock {
  /** Takes note of an answer's `Date`. */
  learn(date: Date | undefined): void;
}

export function storageClock(): LearningClock {
  let aheadMs = 0;
  return {
    now: () => new Date(Date.now() + aheadMs),
    learn(date) {
      if (date === undefined) return;
      const aheadNowMs = date.getTime() - Date.now();
      // `Date` has whole seconds: less than that is no news.
      if (Math.abs(aheadNowMs - aheadMs) > 1500) aheadMs = aheadNowMs;
    },
  };
}
