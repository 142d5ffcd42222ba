/**
 * An attempt's hold on its job's blob: claim, mark, heartbeat, and every guarded write, with rule 3 of
 * docs/design.md, section 2, deciding when a condition is lost.
 *
 *   unclaimed ──claim──▶ claimed ──┬──▶ over   (finished, lost, or a write of ours ended it)
 *       └──────────────────────────┘
 *
 * Writes never overlap: each starts from the ETag the one before it left.
 */
import { type Log, logs } from '../logs.ts';
import { decideLostCondition, lostConditionTable } from './decisions.ts';
import { ConditionLost } from './errors.ts';
import { fieldsOf, type Job, type JobFields, type JobState } from './job.ts';
import type { Guard, JobStore, StorageClock } from './ports.ts';
import { type Sender, sendSuccessor } from './send-message.ts';
import { writeCanceled } from './write-canceled.ts';

/** Repeats of one write before it counts as failed: each stands for somebody else's write in between. */
const MOST_REPEATS = 8;

/** The attempt may not write any more; whatever had to be done for its job has been done. */
export class AttemptOver extends Error {
  constructor(finds: string) {
    super(`the attempt is over: ${finds}`);
    this.name = 'AttemptOver';
  }
}

/** One for all: a stack trace of each attempt's end would take a while to make, and tell nothing. */
const ENDED = new AttemptOver('ended');

export interface OwnershipDependencies {
  readonly store: Pick<JobStore, 'look' | 'acquireLease' | 'renewLease' | 'releaseLease' | 'write'>;
  readonly send: Sender;
  readonly clock: StorageClock;
  readonly log: Log;
  readonly heartbeatMs: number;
}

/** See the head of this file. */
export interface Ownership {
  /** The job as this attempt last knew it. */
  readonly job: Job;
  readonly token: string;
  /** Aborts with {@link AttemptOver} once the job is no longer this attempt's. */
  readonly signal: AbortSignal;
  readonly isClaimed: boolean;
  /** Acquires the lease, marks the attempt where that changes anything, and starts the heartbeat. Does so once. */
  claim(): Promise<void>;
  /** The one guarded write that makes the job `Succeeded`; may be repeated with a later view. Rejects with {@link AttemptOver}. */
  publish(put: (job: Job, guard: Guard) => Promise<void>): Promise<void>;
  /** Set Blob Metadata, guarded. `change` may be applied again to a later view. */
  write(change: (fields: JobFields) => JobFields): Promise<void>;
  /** Does one Put Block, which takes the lease but no ETag and so need not wait for its turn. */
  stage(write: (lease: string) => Promise<void>): Promise<void>;
  /** Stops the heartbeat and releases the lease, if there is one. */
  release(): Promise<void>;
  /** Ends the heartbeat and waits for writes under way. Nothing is written after it. */
  end(): Promise<void>;
}

/** Starts as unclaimed; `attempt` is the one that runs, which the blob may not say yet. */
export function own(
  dependencies: OwnershipDependencies,
  taken: Job,
  attempt: number,
  token: string,
): Ownership {
  const { store, send, clock, log } = dependencies;
  const { ref } = taken;
  const over = new AbortController();
  let job = taken;
  let claimed = false;
  let claiming: Promise<void> | undefined;
  let heartbeat: NodeJS.Timeout | undefined;
  let tail: Promise<unknown> = Promise.resolve();

  function inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = tail.then(() => {
      over.signal.throwIfAborted();
      return task();
    });
    tail = turn.catch(() => undefined);
    return turn;
  }

  function stopHeartbeat(): void {
    clearInterval(heartbeat);
    heartbeat = undefined;
  }

  function finish(finds: string): never {
    stopHeartbeat();
    const reason = new AttemptOver(finds);
    over.abort(reason);
    throw reason;
  }

  /**
   * Rule 3. Throws AttemptOver where the write is not to be repeated.
   * @param writes the state that the write would leave behind, where it is one that writes all fields
   */
  async function reconsider(writes?: JobState): Promise<'repeat' | 'done'> {
    const seen = await store.look(ref);
    const view = { job: seen, attempt, token, claimed };
    const action = decideLostCondition(view);
    const finds = lostConditionTable.find((row) => row.does === action && row.fits(view))?.finds ?? action;
    const giveUp = (): never => {
      logs.attemptLost(log, { ref, operation: taken.operation, attempt, finds });
      return finish(finds);
    };
    switch (action) {
      case 'return':
        return giveUp();
      case 'done':
        if (seen && seen.state === writes) {
          job = seen;
          return 'done';
        }
        // Another write of its own, which failed as far as it knew, has taken effect after all.
        if (claimed) await store.releaseLease(ref, token);
        return giveUp();
      case 'renew':
        try {
          await store.renewLease(ref, token);
        } catch (error) {
          if (!(error instanceof ConditionLost)) throw error;
          await leaveTo(seen);
          return giveUp();
        }
        if (seen) job = seen;
        return 'repeat';
      case 'adopt':
        if (seen) job = seen;
        return 'repeat';
      case 'cancel':
      case 'put-successor':
        await leaveTo(seen);
        return giveUp();
      default:
        return action satisfies never;
    }
  }

  /** Lost: a broken lease is a cancel to be written, anything else needs a successor message. */
  async function leaveTo(seen: Job | undefined): Promise<void> {
    let now = seen;
    if (now?.lease === 'broken') now = await writeCanceled(store, now, log);
    if (now?.state === 'Pending') await sendSuccessor(send, now);
  }

  async function repeatedly(task: () => Promise<void>, writes?: JobState): Promise<void> {
    for (let repeat = 0; ; repeat++) {
      try {
        return await task();
      } catch (error) {
        if (!(error instanceof ConditionLost) || repeat === MOST_REPEATS) throw error;
        if ((await reconsider(writes)) === 'done') return;
      }
    }
  }

  const guard = (): Guard => ({ etag: job.etag, lease: claimed ? token : undefined });

  async function write(change: (fields: JobFields) => JobFields): Promise<void> {
    await repeatedly(
      async () => {
        const fields = change(fieldsOf(job));
        const etag = await store.write(ref, fields, guard());
        job = { ...job, ...fields, etag };
      },
      change(fieldsOf(job)).state,
    );
  }

  async function beat(): Promise<void> {
    try {
      await store.renewLease(ref, token);
    } catch (error) {
      if (heartbeat === undefined) return;
      if (error instanceof ConditionLost) {
        // The answer is AttemptOver, which reaches the operation by its signal; nobody waits for this promise.
        await inTurn(() => reconsider()).catch(() => undefined);
      } else {
        logs.heartbeatFailed(log, { ref, operation: taken.operation, attempt }, error);
      }
    }
  }

  async function acquireAndMark(): Promise<void> {
    await repeatedly(() => store.acquireLease(ref, token, job.etag));
    claimed = true;
    heartbeat = setInterval(() => void beat(), dependencies.heartbeatMs);
    if (job.attempt !== attempt || job.waiting) {
      await write((fields) => ({
        ...fields,
        attempt,
        token,
        // One more than the blob says only where the attempt before this one was lost.
        lost: (fields.lost ?? 0) + attempt - fields.attempt,
        waiting: false,
        notBefore: undefined,
        startedAt: fields.startedAt ?? clock.now(),
        percentComplete: undefined,
        message: undefined,
      }));
    }
  }

  return {
    get job() {
      return job;
    },
    get isClaimed() {
      return claimed;
    },
    token,
    signal: over.signal,
    claim() {
      claiming ??= inTurn(acquireAndMark);
      return claiming;
    },
    publish: (put) => inTurn(() => repeatedly(() => put(job, guard()), 'Succeeded')),
    write: (change) => inTurn(() => write(change)),
    async stage(task) {
      for (let repeat = 0; ; repeat++) {
        over.signal.throwIfAborted();
        try {
          await task(token);
          return;
        } catch (error) {
          if (!(error instanceof ConditionLost) || repeat === MOST_REPEATS) throw error;
          await inTurn(() => reconsider());
        }
      }
    },
    async release() {
      stopHeartbeat();
      if (claimed) await store.releaseLease(ref, token);
    },
    async end() {
      await tail;
      stopHeartbeat();
      if (!over.signal.aborted) over.abort(ENDED);
    },
  };
}
