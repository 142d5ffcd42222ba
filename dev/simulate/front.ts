/** The instances that answer HTTP: each answers one request after the other, and the next one takes whichever is free first. */
import type { Timeline } from './timeline.ts';

export interface FrontDesk {
  /** Answers a request that occupies an instance for so long; the caller has the answer when this happens. */
  answer(occupiesMs: number, happening: () => void | Promise<void>): void;
}

/** @param awayMs of the request's way there and back, in which it occupies nothing */
export function frontDesk(timeline: Timeline, instances: number, awayMs: number): FrontDesk {
  const freeAtMs = Array.from({ length: instances }, () => 0);
  return {
    answer(occupiesMs, happening) {
      const arrivesMs = timeline.now() + awayMs / 2;
      const first = freeAtMs.indexOf(Math.min(...freeAtMs));
      const beginsMs = Math.max(arrivesMs, freeAtMs[first] ?? 0);
      freeAtMs[first] = beginsMs + occupiesMs;
      timeline.after(beginsMs + occupiesMs + awayMs / 2 - timeline.now(), happening);
    },
  };
}
