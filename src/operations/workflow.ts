/**
 * The authoring API for work of several steps: `workflow({ … })`. Activities do the work, each run at least once on some
 * worker; `orchestrate` says in which order, and is run again from its start after every step, its answers taken from
 * the engine's history. So it may depend on nothing but its context: no clock, no random number, no input or output of
 * its own. What is large travels between activities by scratch files and never through the history.
 */
import type { Readable } from 'node:stream';
import type { z } from 'zod';
import {
  type Accepts,
  type CommonDefinition,
  checkTimeout,
  declared,
  type Operation,
  type ParamsSchema,
  type Reply,
  type RequestOf,
  wrongField,
} from './operation.ts';

/** Files of one attempt of a job, gone with it: for what is too large for the engine's history (some 10 KB). */
export interface ScratchFiles {
  /** Writes a file whole, over one of that name. Letters, digits, `.`, `_` and `-`. */
  write(name: string, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<void>;
  /** Throws where an earlier activity did not write it. */
  read(name: string): Promise<Readable>;
}

/** What an activity gets beside its input. */
export interface ActivityContext<A extends Accepts = Accepts, P = unknown> {
  /** Opens the job's request, from its beginning; one storage transaction a call. */
  readonly request: () => Promise<RequestOf<A>>;
  /** The query parameters, parsed by the workflow's `params`. */
  readonly params: P;
  /** The job's public name; safe to log. */
  readonly ref: string;
  /** The job's attempt, 1 for the first: each is a new run of the whole workflow. */
  readonly attempt: number;
  /** Aborts within seconds of a cancel, on the activity's and the workflow's `timeout`, and when the attempt is over. */
  readonly signal: AbortSignal;
  readonly files: ScratchFiles;
  /** Writes a line to the app's log, with the job's ref, operation and attempt beside it. Never log content. */
  readonly log: (message: string) => void;
}

/** One step's work. Input and output travel through the engine's history as JSON: small, and nothing secret. */
export type ActivityRun<A extends Accepts = Accepts, P = unknown, I = never, O = unknown> = (
  input: I,
  context: ActivityContext<A, P>,
) => O;

/** An activity with options of its own. */
export interface ActivityOptions<R> {
  readonly run: R;
  /** How the engine repeats it. Default: 3 attempts, the first delay 2 s, doubled each time. */
  readonly retry?: { readonly maxAttempts?: number; readonly firstDelaySeconds?: number };
  /** Seconds one execution may take; below the host's `functionTimeout`, checked at start. Default 600. */
  readonly timeout?: number;
}

type ActivityDefinition<A extends Accepts, P> = ActivityRun<A, P> | ActivityOptions<ActivityRun<A, P>>;
type RunOf<T> = T extends ActivityOptions<infer R> ? R : T;

/** One activity to be called, or several at once. `yield*` it to have its answer. */
export interface Step<O = unknown> {
  readonly does: StepDoes;
  [Symbol.iterator](): Generator<Step, O, unknown>;
}

export interface ActivityCall {
  readonly activity: string;
  readonly input: unknown;
}

/** What the engine is to do for a step. */
export type StepDoes =
  | ({ readonly kind: 'call' } & ActivityCall)
  | { readonly kind: 'all'; readonly calls: readonly ActivityCall[] };

/** A call of one activity. */
export type CallStep<O = unknown> = Step<O> & { readonly does: StepDoes & { readonly kind: 'call' } };

/** What `orchestrate` gets, and all that it may depend on. */
export interface OrchestrateContext<T = Record<string, ActivityRun>, P = unknown> {
  /** `yield* call.name(input)` runs an activity and gives its output. It throws what the activity threw at last. */
  readonly call: {
    readonly [K in keyof T]: RunOf<T[K]> extends (...all: infer All) => infer O
      ? (...input: All extends [infer I, ...unknown[]] ? [input: I] : []) => CallStep<Awaited<O>>
      : never;
  };
  /**
   * `yield* all([…])` runs several and gives their outputs in that order, once every one has ended. The first to have
   * failed is thrown. `atOnce` bounds how many of this job run at a time: the next ones begin when those are done.
   */
  readonly all: <O>(
    calls: readonly CallStep<O>[],
    bounds?: { readonly atOnce?: number },
  ) => Generator<Step, O[], unknown>;
  /** Shows `percentComplete` (0 to 100) and a message in the status document, with the next activity that begins. */
  readonly progress: (percentComplete: number, message?: string) => void;
  readonly params: P;
  readonly ref: string;
  readonly attempt: number;
}

/** What an author writes. */
export interface WorkflowDefinition<A extends Accepts, P extends ParamsSchema, T, I>
  extends CommonDefinition<A, P> {
  readonly activities: T & Readonly<Record<string, ActivityDefinition<A, z.output<P>>>>;
  /** Calls the activities; what it returns is the input of `reply`. Replayed: see the head of this file. */
  readonly orchestrate: (context: OrchestrateContext<T, z.output<P>>) => Generator<Step, I, unknown>;
  /** The last activity: makes the reply, which the app publishes. */
  readonly reply:
    | ActivityRun<A, z.output<P>, NoInfer<I>, Reply | Promise<Reply>>
    | ActivityOptions<ActivityRun<A, z.output<P>, NoInfer<I>, Reply | Promise<Reply>>>;
}

/** An activity with its defaults filled in. */
export interface Activity {
  readonly run: (input: unknown, context: ActivityContext) => unknown;
  readonly maxAttempts: number;
  readonly firstDelaySeconds: number;
  readonly timeoutSeconds: number;
}

/** A workflow with its defaults filled in, as the rest of the app sees it. */
export interface WorkflowOperation extends Operation {
  /** By name; `reply` is among them. */
  readonly activities: ReadonlyMap<string, Activity>;
  readonly orchestrate: (context: OrchestrateContext) => Generator<Step, unknown, unknown>;
}

/** The activity that makes the reply. */
export const REPLY = 'reply';

const ACTIVITY_NAME = /^[a-z][A-Za-z0-9]{0,39}$/;

/** Whether an operation is a workflow. */
export function isWorkflow(operation: Operation): operation is WorkflowOperation {
  return 'orchestrate' in operation;
}

/**
 * Declares a workflow. Its `timeout` is that of one attempt of all its steps, default 1 h.
 * @throws {TypeError} naming the field, at start, when the definition cannot work.
 */
export function workflow<
  A extends Accepts,
  T extends Record<string, unknown>,
  I,
  P extends ParamsSchema = z.ZodObject<Record<never, never>>,
>(definition: WorkflowDefinition<A, P, T, I>): WorkflowOperation {
  const { name, activities } = definition;
  const common = declared(definition, { timeoutSeconds: 3600 });
  if (REPLY in activities) throw wrongField(name, 'activities', `none named '${REPLY}'`, REPLY);
  const all = Object.entries<unknown>({ ...activities, [REPLY]: definition.reply });
  return {
    ...common,
    activities: new Map(all.map(([activity, given]) => [activity, activityOf(name, activity, given)])),
    // The pairing of activities, orchestrate and reply is checked here, by the compiler.
    orchestrate: definition.orchestrate as unknown as WorkflowOperation['orchestrate'],
  };
}

function activityOf(workflowName: string, activity: string, given: unknown): Activity {
  const options = (typeof given === 'function' ? { run: given } : given) as ActivityOptions<Activity['run']>;
  const filled: Activity = {
    run: options.run,
    maxAttempts: options.retry?.maxAttempts ?? 3,
    firstDelaySeconds: options.retry?.firstDelaySeconds ?? 2,
    timeoutSeconds: options.timeout ?? 600,
  };
  const wrong = (field: string, wants: string, got: unknown) =>
    wrongField(workflowName, `activities.${activity}${field}`, wants, got);
  if (!ACTIVITY_NAME.test(activity)) {
    throw wrong('', 'named by letters and digits, the first in lower case, at most 40', activity);
  }
  if (!Number.isSafeInteger(filled.maxAttempts) || filled.maxAttempts < 1) {
    throw wrong('.retry.maxAttempts', 'a whole number of at least 1', filled.maxAttempts);
  }
  if (!(filled.firstDelaySeconds > 0)) {
    throw wrong('.retry.firstDelaySeconds', 'more than 0 seconds', filled.firstDelaySeconds);
  }
  checkTimeout(workflowName, `activities.${activity}.timeout`, filled.timeoutSeconds);
  return filled;
}
