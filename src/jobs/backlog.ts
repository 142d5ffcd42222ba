/**
 * How many messages wait in the queues, as lately counted: a start is refused beyond a limit, and told when there will be room.
 * Storage is asked once in a while, by a start, for all the starts of this instance; between, it goes by what it accepted
 * itself and by how fast the queue has drained of late. Other instances do the same, so that the limit is held to about.
 */
import { type Log, logs } from '../logs.ts';
import { Refusal } from './errors.ts';
import type { JobQueue, Registry } from './ports.ts';

/** A count is as good as new for so long. */
const KEEP_MS = 5000;
/** After this nothing is concluded from it any more. */
const STALE_MS = 60_000;
/** Whoever was refused asks again after so long, however slowly the queue drains. */
const LONGEST_SECONDS = 60;
/** A drain measured over a shorter time is chance. */
const SHORTEST_MEASURE_MS = 500;

export interface Backlog {
  /** Whether a job of this operation may be added. Never throws: where storage does not answer, what follows will say so. */
  hasRoom(operation: string, log: Log): Promise<boolean>;
  /** A job of this operation was added. */
  added(operation: string): void;
  /**
   * Seconds until what waits before a job of this operation is done, at the pace measured; undefined where that is not known.
   * Asks storage nothing.
   */
  drainSeconds(operation: string): number | undefined;
  /** The refusal of a start for which there is no room. Each is told of a place of its own, so that a crowd does not come back as one. */
  full(operation: string): Refusal;
}

/** One queue. */
interface Count {
  readonly atMs: number;
  readonly messages: number;
  /** Messages that went a millisecond, net of what other instances put. */
  readonly drainPerMs: number | undefined;
  /** By this instance, since. */
  added: number;
  /** Places that were promised, to those who were refused, ahead of the next: as they were at `promisedAtMs`. */
  promised: number;
  promisedAtMs: number;
}

/**
 * @param maxMessages limit of each queue; 0 for none, and nothing is then counted
 * @param nowMs of a clock that only goes forward, for tests
 */
export function backlogs(
  queue: Pick<JobQueue, 'count'>,
  registry: Registry,
  maxMessages: number,
  nowMs: () => number = () => performance.now(),
): Backlog {
  const counts = new Map<string | undefined, Count>();
  const counting = new Map<string | undefined, Promise<void>>();
  const laneOf = (operation: string) => registry.get(operation)?.lane;

  async function count(lane: string | undefined): Promise<void> {
    const addedBefore = counts.get(lane)?.added ?? 0;
    const messages = await queue.count(lane);
    const atMs = nowMs();
    const last = counts.get(lane);
    const drainPerMs = last && drainBetween(last, addedBefore, messages, atMs);
    const { promised = 0, promisedAtMs = atMs } = last ?? {};
    const added = (last?.added ?? 0) - addedBefore;
    counts.set(lane, { atMs, messages, drainPerMs, added, promised, promisedAtMs });
  }

  function drainBetween(last: Count, added: number, messages: number, atMs: number): number | undefined {
    const passedMs = atMs - last.atMs;
    if (passedMs > STALE_MS) return undefined;
    if (passedMs < SHORTEST_MEASURE_MS) return last.drainPerMs;
    return Math.max(0, last.messages + added - messages) / passedMs;
  }

  /** About how many there are now. */
  function estimate({ atMs, messages, drainPerMs = 0, added }: Count): number {
    return Math.max(0, messages + added - drainPerMs * (nowMs() - atMs));
  }

  /** Until there is room for one more than all who were told to come again, or the longest that anybody is told. */
  function secondsUntilPromised(count: Count, drainPerMs: number): number {
    const promised = count.promised - drainPerMs * (nowMs() - count.promisedAtMs);
    const places = Math.max(estimate(count) - maxMessages, promised) + 1;
    count.promised = Math.min(places, drainPerMs * LONGEST_SECONDS * 1000);
    count.promisedAtMs = nowMs();
    return Math.min(LONGEST_SECONDS, places / drainPerMs / 1000);
  }

  /** One call at a time for each queue, whoever asks. */
  function refresh(lane: string | undefined): Promise<void> {
    const known = counts.get(lane);
    if (known !== undefined && nowMs() - known.atMs < KEEP_MS) return Promise.resolve();
    const under = counting.get(lane) ?? count(lane).finally(() => counting.delete(lane));
    counting.set(lane, under);
    return under;
  }

  return {
    async hasRoom(operation, log) {
      if (maxMessages === 0) return true;
      const lane = laneOf(operation);
      try {
        await refresh(lane);
      } catch (error) {
        logs.backlogUnknown(log, { operation }, error);
        return true;
      }
      const known = counts.get(lane);
      return known === undefined || estimate(known) < maxMessages;
    },
    added(operation) {
      const known = counts.get(laneOf(operation));
      if (known !== undefined) known.added += 1;
    },
    drainSeconds(operation) {
      const known = counts.get(laneOf(operation));
      if (known === undefined || nowMs() - known.atMs > STALE_MS) return undefined;
      const { drainPerMs = 0 } = known;
      const messages = estimate(known);
      if (messages === 0) return 0;
      return drainPerMs === 0 ? undefined : messages / drainPerMs / 1000;
    },
    full(operation) {
      const known = counts.get(laneOf(operation));
      // By the next count the pace is known.
      let seconds = KEEP_MS / 1000;
      if (known?.drainPerMs !== undefined) seconds = secondsUntilPromised(known, known.drainPerMs);
      return new Refusal('backlog-full', 'Too much work waits already; try again later.', {
        retryAfterSeconds: Math.ceil(Math.max(1, seconds)),
      });
    },
  };
}
