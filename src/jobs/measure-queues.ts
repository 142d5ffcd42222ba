/** Says of each queue how long it is and how old its front, for whoever watches the app. Costs two calls of storage a queue. */
import { type Log, logs } from '../logs.ts';
import type { JobQueue, StorageClock } from './ports.ts';

/** Never throws: a queue that could not be measured is left out. */
export type MeasureQueues = (log: Log) => Promise<void>;

/** @param laneName how a lane is called, the common one among them */
export function measureQueues(
  queue: Pick<JobQueue, 'count' | 'peek'>,
  lanes: readonly (string | undefined)[],
  clock: StorageClock,
  laneName: (lane: string | undefined) => string,
): MeasureQueues {
  return async function measure(log) {
    for (const lane of lanes) {
      const facts = { lane: laneName(lane) };
      try {
        const messages = await queue.count(lane);
        const front = await queue.peek(lane);
        const frontAgeMs = front === 'empty' ? 0 : Math.max(0, clock.now().getTime() - front.putAt.getTime());
        logs.queueMeasured(log, { ...facts, messages, frontAgeMs });
      } catch (error) {
        logs.queueUnmeasured(log, facts, error);
      }
    }
  };
}
