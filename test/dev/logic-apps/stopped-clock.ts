/** Time for the interpreter's tests. */
import { type MovableClock, startClock } from '../../../dev/logic-apps/clock.ts';
import type { HttpEnvironment } from '../../../dev/logic-apps/http-action.ts';
import { eventually } from '../../support/eventually.ts';

/** A clock on which only the test moves time, and that tells what is waited for. */
export function stoppedClock() {
  const stopped = startClock(1e-9);
  const waits = new Set<number>();
  const clock: MovableClock = {
    ...stopped,
    hasPassed(seconds, signal) {
      waits.add(seconds);
      return stopped.hasPassed(seconds, signal);
    },
  };
  return {
    environment: { clock, identity: (url: URL) => url } satisfies HttpEnvironment,
    /** Moves time once somebody waits for so many seconds. */
    async pass(seconds: number) {
      await eventually(() => waits.has(seconds));
      waits.delete(seconds);
      stopped.advance(seconds);
    },
  };
}
