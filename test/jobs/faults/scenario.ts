/** A use case, from the state it begins with to what its caller hears: what every fault is tried on. */
import type { Hiding } from '../../../src/jobs/fast-path.ts';
import type { Job } from '../../../src/jobs/job.ts';
import type { Pace } from '../../../src/jobs/run-attempt.ts';
import type { Reply } from '../../../src/operations/operation.ts';
import type { Instance, Outcome } from '../support/instance.ts';
import type { JobStorage } from '../support/job-storage.ts';
import type { QueueHost } from '../support/queue-host.ts';
import type { Content, WorkContext } from '../support/work.ts';

/** What an attempt does in this scenario; `instance` is the one it runs on. */
export type ScenarioWork = (
  context: WorkContext,
  instance: Instance,
  storage: JobStorage,
) => Promise<Reply> | Reply;

export interface Act {
  readonly storage: JobStorage;
  readonly host: QueueHost;
  readonly ref: string;
  /** The instance that meets the fault. */
  readonly subject: Instance;
  /** Another instance, which meets none. */
  healthy(work?: ScenarioWork, pace?: Partial<Pace>): Instance;
}

export interface Scenario {
  /** Heading of its table. */
  readonly title: string;
  /** What happens without a fault, in one sentence. */
  readonly story: string;
  readonly request?: Content;
  readonly work?: ScenarioWork;
  readonly replyOf?: (attempt: number) => Content;
  readonly pace?: Partial<Pace>;
  /** Of messages on the fast path. */
  readonly hiding?: Partial<Hiding>;
  /** Makes the state it begins with and returns the job's ref. */
  arrange(storage: JobStorage): Promise<string>;
  /** Does what is under test. */
  act(act: Act): Promise<Outcome<unknown>>;
  /** What the caller hears of an outcome; one word or a status. */
  hears(outcome: Outcome<unknown>): string;
  /** Whether what the caller heard and what became of the job in the end agree. */
  agrees(heard: string, end: Job | undefined): boolean;
  /** A failed job is taken back by it. */
  readonly reopens?: boolean;
  /**
   * A death may leave a pending job without a message, which whoever looks at it next recovers. A delivery must never:
   * its own message is there until its successor is.
   */
  readonly strands?: boolean;
}
