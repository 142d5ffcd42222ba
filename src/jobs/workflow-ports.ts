/** What workflows need from outside, beside the ports of every job: the engine, and files between activities. */
import type { Readable } from 'node:stream';
import type { NotedProgress } from './progress.ts';

/** Files of an attempt of a workflow, below the job's ref. Throws StorageUnavailable. */
export interface ScratchStore {
  /** Put Blob, or Put Block for each block and Put Block List: over what was there. */
  write(
    ref: string,
    attempt: number,
    name: string,
    content: Uint8Array | AsyncIterable<Uint8Array>,
  ): Promise<void>;
  /** Get Blob. Undefined where it is not there. */
  read(ref: string, attempt: number, name: string): Promise<Readable | undefined>;
  /** List Blobs, and Delete Blob for each: of one attempt, or of all of the job's. */
  remove(ref: string, attempt?: number): Promise<void>;
  /** List Blobs: whose files there are, attempt by attempt. */
  attempts(): AsyncIterable<{ readonly ref: string; readonly attempt: number }>;
}

/** One attempt of a job as the workflow engine was given it. */
export interface RunKey {
  readonly ref: string;
  readonly operation: string;
  readonly attempt: number;
  /** The job's `handedAt`: with the ref it names this hand-over and no other, so that a stale run is known as such. */
  readonly handedAt: string;
  /** The job's trace. */
  readonly traceparent?: string | undefined;
}

/** What an orchestration begins with. Kept in the engine's history: no id, no content. */
export interface WorkflowRun extends RunKey {
  /** The query parameters, parsed, as JSON. */
  readonly params: unknown;
}

/** What the workflow engine says of the instance of a job. */
export interface WorkflowInstance {
  /** Of the run that it was started with. */
  readonly handedAt: string | undefined;
  readonly state: 'alive' | 'completed' | 'failed' | 'terminated';
  /** Why it failed or was terminated, for operators. */
  readonly reason: string | undefined;
}

/** The workflow engine; a job's instance bears its ref. Throws EngineUnavailable where it does not answer. */
export interface WorkflowEngine {
  /** Starts a job's instance, over one that has ended. `occupied` where one is alive, of whatever run. */
  start(run: WorkflowRun): Promise<'started' | 'occupied'>;
  /** Undefined where it knows of none. */
  look(ref: string): Promise<WorkflowInstance | undefined>;
  /** Ends a job's instance as it is, and silently where there is none. Activities under way go on to their end. */
  terminate(ref: string): Promise<void>;
  /** Removes the histories of instances that have ended and were created before that moment. */
  purge(createdBefore: Date): Promise<void>;
}

/** A call of an activity, as it stands in the engine's history. */
export interface ActivityOrder {
  readonly run: RunKey;
  readonly activity: string;
  readonly input: unknown;
  /** What the orchestration last said of its progress. */
  readonly progress: NotedProgress | undefined;
  /** Whether an earlier activity has written files. */
  readonly hasFiles: boolean;
}

/** A failure that no retry mends, as it stands in the engine's history. */
export interface Rejection {
  readonly is: 'rejected';
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

/** What came of an activity. What the engine may retry is thrown instead. */
export type ActivityOutcome =
  | { readonly is: 'done'; readonly output: unknown; readonly hasFiles: boolean }
  | Rejection
  /** The workflow's timeout has passed. */
  | { readonly is: 'timed-out' }
  /** The job has ended, or has been handed over again since: nothing is left to do. */
  | { readonly is: 'over' };

/** Why an orchestration ends without a reply. */
export type WorkflowFailure =
  | Rejection
  | { readonly is: 'timed-out' }
  | { readonly is: 'terminated' }
  | { readonly is: 'failed'; readonly reason: string };
