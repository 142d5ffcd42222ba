/**
 * How much runs at once in this instance. The host bounds what it delivers from each queue, and knows nothing of what runs on
 * the fast path; together they are held to what the host would run alone. Of the two the queue comes first: the fast path takes only
 * what the host leaves free, and a delivery that finds its place taken waits for the next that is given up.
 */

export interface RoomLimits {
  /** Of one queue at once, by host.json: `batchSize` + `newBatchThreshold`. */
  readonly mostOfLane: number;
  /** While more deliveries of a queue than these run, the host fetches none of it: `newBatchThreshold`. */
  readonly fetchesUpTo: number;
  /** On the fast path, of all lanes together. */
  readonly mostOnFastPath: number;
}

export interface Room {
  /** Runs a delivery of the lane's queue as soon as there is room for it. */
  deliver<T>(lane: string | undefined, run: () => Promise<T>): Promise<T>;
  /** Takes a place on the fast path; the returned function gives it up. Undefined where there is none, or somebody may be waiting in the queue. */
  enterFastPath(lane: string | undefined): (() => void) | undefined;
  /** The instance shuts down: whatever waits goes on, to be handed back. */
  close(): void;
}

interface Lane {
  /** Those that wait for their place included. */
  deliveries: number;
  /** Of the places taken, those on the fast path. */
  fast: number;
  /** Places taken, by either. */
  taken: number;
  readonly waiting: (() => void)[];
}

export function roomOf({ mostOfLane, fetchesUpTo, mostOnFastPath }: RoomLimits): Room {
  const lanes = new Map<string | undefined, Lane>();
  let onFastPath = 0;
  let isClosed = false;

  function laneOf(name: string | undefined): Lane {
    const lane = lanes.get(name) ?? { deliveries: 0, fast: 0, taken: 0, waiting: [] };
    lanes.set(name, lane);
    return lane;
  }

  function leave(lane: Lane): void {
    const next = lane.waiting.shift();
    if (next === undefined) lane.taken -= 1;
    else next();
  }

  return {
    async deliver(name, run) {
      const lane = laneOf(name);
      lane.deliveries += 1;
      // Where nothing is on the fast path the host alone says how much it delivers.
      if (lane.taken < mostOfLane || lane.fast === 0 || isClosed) lane.taken += 1;
      else await new Promise<void>((resolve) => lane.waiting.push(resolve));
      try {
        return await run();
      } finally {
        lane.deliveries -= 1;
        leave(lane);
      }
    },
    enterFastPath(name) {
      const lane = laneOf(name);
      // Beyond `fetchesUpTo` messages may lie in the queue that came before this job.
      if (isClosed || lane.deliveries > fetchesUpTo) return undefined;
      if (lane.taken >= mostOfLane || onFastPath >= mostOnFastPath) return undefined;
      lane.taken += 1;
      lane.fast += 1;
      onFastPath += 1;
      return () => {
        lane.fast -= 1;
        onFastPath -= 1;
        leave(lane);
      };
    },
    close() {
      isClosed = true;
      for (const lane of lanes.values()) {
        for (const goOn of lane.waiting.splice(0)) {
          lane.taken += 1;
          goOn();
        }
      }
    },
  };
}
