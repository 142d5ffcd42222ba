/**
 * Runs a job in the instance that accepted it, at once, since its caller waits for it: that saves the time until the host looks into the
 * queue again. Its message is put first all the same, hidden for a while: should the instance die, it appears and another works.
 *
 *   no place ──▶ the queue
 *   a place ──Put Message, hidden──▶ attempt 1 ──over──▶ Delete Message
 *                                     │      └──its outcome could not be written──▶ left to appear
 *                                     └──lasts──▶ Update Message: hidden for longer, as the host hides what it delivers
 */
import { type Log, logs } from '../logs.ts';
import { isWorkflow } from '../operations/workflow.ts';
import type { JobQueue, MessageReceipt, Registry, StorageClock, Taken, TraceContext } from './ports.ts';
import type { FrontOf } from './queue-fronts.ts';
import type { Room } from './room.ts';
import type { RunAttempt } from './run-attempt.ts';
import { type Sender, senderOf } from './send-message.ts';

/** How long a message stays hidden, and when that is seen to. */
export interface Hiding {
  /** As it is put: how soon another instance works where this one dies. */
  readonly firstSeconds: number;
  /** An attempt that lasts so long has its message hidden anew. */
  readonly renewAfterMs: number;
  /** From then on, renewed at half of it: what the host does with the messages that it delivers. */
  readonly heldSeconds: number;
}

/** The host looks into an idle queue every 2 s (`maxPollingInterval` in host.json): a message that lies there longer waits its turn. */
const BEHIND_AFTER_MS = 3000;
/** What was seen of a queue counts for so long. */
const KEEP_MS = 5000;

export const HIDING: Hiding = { firstSeconds: 30, renewAfterMs: 20_000, heldSeconds: 600 };

export interface FastPathDependencies {
  readonly queue: JobQueue;
  readonly registry: Registry;
  readonly runAttempt: RunAttempt;
  readonly room: Pick<Room, 'enterFastPath'>;
  readonly frontOf: FrontOf;
  readonly clock: StorageClock;
  readonly hiding: Hiding;
  /** Runs an attempt as a part of the trace that its job belongs to. */
  readonly traced: (operation: string, trace: TraceContext, work: () => Promise<void>) => Promise<void>;
  /** Not the invocation's: that one ends with its caller's wait. */
  readonly log: Log;
}

/** A job that was begun in this instance. */
export interface BegunHere {
  /** Resolves when the attempt is over, whatever came of it. */
  readonly ended: Promise<void>;
}

/**
 * Puts the message of a job that was just accepted and begins its first attempt; undefined where it does neither. What `send`
 * throws is thrown, and nothing is begun then.
 */
export type FastPath = (
  taken: Taken,
  waitSeconds: number,
  send: Sender,
  trace: TraceContext,
) => Promise<BegunHere | undefined>;

export function fastPathOf(dependencies: FastPathDependencies): FastPath {
  const { queue, registry, runAttempt, room, frontOf, clock, hiding, traced, log } = dependencies;
  /** When an operation's queue was last seen to be behind. */
  const seenBehindMs = new Map<string, number>();

  /**
   * Whether jobs are known to wait, which this one is not to overtake. By what was seen last: nobody waits for a peek, and whoever
   * comes so seldom that nothing is known overtakes few.
   */
  function isQueueBehind(operation: string): boolean {
    frontOf(operation).then(
      (front) => {
        const isBehind = front !== 'empty' && clock.now().getTime() - front.putAt.getTime() > BEHIND_AFTER_MS;
        if (isBehind) seenBehindMs.set(operation, performance.now());
        else seenBehindMs.delete(operation);
      },
      () => undefined,
    );
    const seenMs = seenBehindMs.get(operation);
    return seenMs !== undefined && performance.now() - seenMs < KEEP_MS;
  }

  return async function begin(taken, waitSeconds, send, trace) {
    const { ref, operation: name } = taken.job;
    const operation = registry.get(name);
    // Whoever waits for less than the work takes is not helped; and the host, which does not know of the work, may end the instance.
    if (operation === undefined || isWorkflow(operation) || (operation.usualSeconds ?? 0) > waitSeconds) {
      return undefined;
    }
    if (isQueueBehind(name)) return undefined;
    const leave = room.enterFastPath(operation.lane);
    if (leave === undefined) return undefined;
    let receipt: MessageReceipt;
    try {
      receipt = await send(taken.job, 1, hiding.firstSeconds);
    } catch (error) {
      leave();
      throw error;
    }
    const hidden = keepHidden(queue, receipt, hiding);
    const attempt = traced(name, trace, async () => {
      const waitedMs = clock.now().getTime() - taken.job.createdAt.getTime();
      // No delivery has been counted: it is none.
      logs.attemptStarted(log, {
        ref,
        operation: name,
        attempt: 1,
        dequeueCount: 0,
        waitedMs,
        isAfterLoss: false,
      });
      await runAttempt(taken, { attempt: 1, claims: 'later' }, senderOf(queue, registry, trace), log);
    }).finally(() => {
      hidden.end();
      leave();
    });
    // As of a delivery: the job has ended, or a successor of its message is there (rule 4).
    attempt
      .then(async () => queue.remove(await hidden.receipt))
      .catch((error: unknown) => logs.messageLeft(log, { ref }, error));
    return { ended: attempt.catch(() => undefined) };
  };
}

/** Hides a message for as long as its attempt lasts. Where that fails once it appears, and its delivery finds the job leased. */
function keepHidden(queue: Pick<JobQueue, 'hold'>, first: MessageReceipt, hiding: Hiding) {
  const { renewAfterMs, heldSeconds } = hiding;
  let receipt = Promise.resolve(first);
  let timer = setTimeout(renew, renewAfterMs);

  function renew(): void {
    receipt = receipt.then((last) => queue.hold(last, heldSeconds));
    // Its deletion fails for the same reason, and says so.
    receipt.catch(() => undefined);
    timer = setTimeout(renew, (heldSeconds * 1000) / 2);
  }

  return {
    /** What the message can be deleted by. */
    get receipt() {
      return receipt;
    },
    end: () => clearTimeout(timer),
  };
}
