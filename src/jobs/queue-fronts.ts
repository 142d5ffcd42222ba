/** The fronts of the queues, as lately peeked: many jobs are asked for at once, and one peek answers for all of a queue. */
import type { JobQueue, QueueFront, Registry } from './ports.ts';

/** A front only moves on, and a job is due for 30 s before it is compared with one: so old a front still tells. */
const KEEP_MS = 5000;

/** The front of the queue that an operation's jobs wait in. Throws StorageUnavailable. */
export type FrontOf = (operation: string) => Promise<QueueFront | 'empty'>;

export function queueFronts(
  queue: Pick<JobQueue, 'peek'>,
  registry: Registry,
  keepMs: number = KEEP_MS,
): FrontOf {
  const peeked = new Map<string | undefined, { atMs: number; front: Promise<QueueFront | 'empty'> }>();

  return async function frontOf(operation) {
    const lane = registry.get(operation)?.lane;
    const known = peeked.get(lane);
    if (known !== undefined && performance.now() - known.atMs < keepMs) return await known.front;
    const latest = { atMs: performance.now(), front: queue.peek(lane) };
    peeked.set(lane, latest);
    try {
      return await latest.front;
    } catch (error) {
      if (peeked.get(lane) === latest) peeked.delete(lane);
      throw error;
    }
  };
}
