/**
 * The authoring API: everything a file under src/operations/ may import, and nothing of Azure.
 * `operation({ … })` declares a kind of long-running work; docs/design.md, section 4, is its contract.
 */
import type { Readable } from 'node:stream';
import type { z } from 'zod';

/** Marks a content type whose request is handed over as a stream of bytes, of any size, unparsed. */
export const stream: unique symbol = Symbol('stream');

/** What an operation takes: by content type (lower case, no parameters), a zod schema (the request is JSON) or `stream`. */
export type Accepts = Readonly<Record<string, z.ZodType | typeof stream>>;

/** The schema of an operation's query parameters. Values arrive as strings; repeated ones as arrays of strings. */
export type ParamsSchema = z.ZodObject;

/** What the client sent, as `run` sees it: one member of this union for each content type in `accepts`. */
export type RequestOf<A extends Accepts> = {
  [T in keyof A]: {
    /** The matching key of `accepts`. */
    readonly contentType: T;
    /** The `Content-Type` header as it was sent, parameters included. */
    readonly contentTypeHeader: string;
    /** Length of the request's content in bytes. */
    readonly sizeBytes: number;
    /** The validated JSON value, or the bytes. The stream can be read once. */
    readonly body: A[T] extends z.ZodType ? z.output<A[T]> : Readable;
  };
}[keyof A];

/** What an operation produces. `contentType` defaults to JSON for `json` and to plain text for `text`. */
export type Reply = {
  /** Offered to whoever saves the reply; any characters, the app encodes them. */
  readonly fileName?: string;
} & (
  | { readonly json: unknown; readonly contentType?: string }
  | { readonly text: string; readonly contentType?: string }
  | { readonly bytes: Uint8Array; readonly contentType: string }
  | { readonly stream: AsyncIterable<Uint8Array>; readonly contentType: string }
);

/** What `run` gets. */
export interface RunContext<A extends Accepts = Accepts, P = unknown> {
  readonly request: RequestOf<A>;
  /** The query parameters, parsed by the operation's `params`; an empty object without one. */
  readonly params: P;
  /** The job's public name; safe to log. */
  readonly ref: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Aborts on cancel, on `timeout`, on shutdown and when another worker has taken the job over. */
  readonly signal: AbortSignal;
  /** Shows `percentComplete` (0 to 100) and a message in the status document. Call it as often as you like. */
  readonly progress: (percentComplete: number, message?: string) => void;
  /** Writes a line to the app's log, with the job's ref, operation and attempt beside it. Never log content. */
  readonly log: (message: string) => void;
}

/** How long and how often; every field has a default, see {@link operation}. */
export interface OperationLimits {
  /** `maxAttempts`: attempts in all, the first included. Default 5. */
  readonly retry?: { readonly maxAttempts?: number };
  /** Seconds one attempt may take; below the host's `functionTimeout`, checked at start. Default 600. */
  readonly timeout?: number;
  /** Seconds a job is kept after its end. Default 7 days. */
  readonly retention?: number;
  /** Seconds a job usually takes, for an honest `Retry-After`. Default: unknown, guessed from the job's age. */
  readonly usualDuration?: number;
  /** Names a queue of its own (`job-requests-{lane}`), so that long work does not hold up short. */
  readonly lane?: string;
}

/** What an author writes of any operation, whether it runs or is a workflow. */
export interface CommonDefinition<A extends Accepts, P extends ParamsSchema> extends OperationLimits {
  /** As in `POST /api/operations/{name}`: lower-case letters, digits and hyphens. */
  readonly name: string;
  /** One sentence for the catalogue. */
  readonly summary: string;
  readonly accepts: A;
  readonly params?: P;
  /** Content types of the replies, for the catalogue. Default `application/json`. */
  readonly replies?: readonly string[];
}

/** What an author writes. */
export interface OperationDefinition<A extends Accepts, P extends ParamsSchema>
  extends CommonDefinition<A, P> {
  /**
   * Does the work. Throw {@link OperationError} for what no retry can mend; any other error is retried.
   * Execution is at least once: what it does outside must bear being done twice.
   */
  readonly run: (context: RunContext<A, z.output<P>>) => Promise<Reply> | Reply;
}

/** An operation with its defaults filled in, as the rest of the app sees it: a {@link RunOperation} or a workflow. */
export interface Operation {
  readonly name: string;
  readonly summary: string;
  readonly accepts: Accepts;
  readonly params: ParamsSchema | undefined;
  readonly replies: readonly string[];
  readonly maxAttempts: number;
  readonly timeoutSeconds: number;
  readonly retentionSeconds: number;
  readonly usualSeconds: number | undefined;
  readonly lane: string | undefined;
}

/** An operation that runs in the worker. */
export interface RunOperation extends Operation {
  readonly run: (context: RunContext) => Promise<Reply> | Reply;
}

/** Whether an operation runs in the worker. */
export function isRun(operation: Operation): operation is RunOperation {
  return 'run' in operation;
}

const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const MEDIA_TYPE = /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/;
/** Attempts in all, the first included, of an operation that does not say. */
export const DEFAULT_MAX_ATTEMPTS = 5;
const MOST_ATTEMPTS = 1_000_000;
const DAY_SECONDS = 86_400;
/** Ten digits are what a job's metadata is read back with: three centuries. */
const LONGEST_RETENTION_SECONDS = 9_999_999_999;
/** Timers take no more; a longer one would fire at once. */
const LONGEST_TIMEOUT_SECONDS = Math.floor((2 ** 31 - 1) / 1000);

/**
 * Declares an operation.
 * @throws {TypeError} naming the field, at start, when the definition cannot work.
 */
export function operation<A extends Accepts, P extends ParamsSchema = z.ZodObject<Record<never, never>>>(
  definition: OperationDefinition<A, P>,
): RunOperation {
  return {
    ...declared(definition, { timeoutSeconds: 600 }),
    // The registry holds operations of every type; the pairing of accepts and run is checked here, by the compiler.
    run: definition.run as unknown as RunOperation['run'],
  };
}

/**
 * The common part of an operation, with its defaults.
 * @throws {TypeError} naming the field that cannot work.
 */
export function declared(
  definition: CommonDefinition<Accepts, ParamsSchema>,
  defaults: { readonly timeoutSeconds: number },
): Operation {
  const { name, accepts, lane } = definition;
  const common: Operation = {
    name,
    summary: definition.summary,
    accepts,
    params: definition.params,
    replies: definition.replies ?? ['application/json'],
    maxAttempts: definition.retry?.maxAttempts ?? DEFAULT_MAX_ATTEMPTS,
    timeoutSeconds: definition.timeout ?? defaults.timeoutSeconds,
    retentionSeconds: definition.retention ?? 7 * DAY_SECONDS,
    usualSeconds: definition.usualDuration,
    lane,
  };
  const wrong = (field: string, wants: string, got: unknown) => wrongField(name, field, wants, got);
  const checkWhole = (field: string, got: number, most: number) => {
    if (!Number.isInteger(got) || got < 1 || got > most) {
      throw wrong(field, `a whole number from 1 to ${most}`, got);
    }
  };

  if (!NAME.test(name) || name.length > 50) {
    throw wrong('name', 'lower-case letters, digits and single hyphens, at most 50', name);
  }
  if (lane !== undefined && (!NAME.test(lane) || lane.length > 40)) {
    throw wrong('lane', 'lower-case letters, digits and single hyphens, at most 40', lane);
  }
  if (Object.keys(accepts).length === 0) throw wrong('accepts', 'at least one content type', accepts);
  for (const contentType of Object.keys(accepts)) {
    if (!MEDIA_TYPE.test(contentType)) {
      throw wrong('accepts', 'keyed by content types in lower case without parameters', contentType);
    }
  }
  checkWhole('retry.maxAttempts', common.maxAttempts, MOST_ATTEMPTS);
  checkWhole('retention', common.retentionSeconds, LONGEST_RETENTION_SECONDS);
  checkTimeout(name, 'timeout', common.timeoutSeconds);
  const { usualSeconds = 0 } = common;
  if (!(usualSeconds >= 0)) throw wrong('usualDuration', 'at least 0 seconds', usualSeconds);
  return common;
}

/** Throws TypeError for a time that no timer can count. */
export function checkTimeout(name: string, field: string, seconds: number): void {
  if (seconds > 0 && seconds <= LONGEST_TIMEOUT_SECONDS) return;
  throw wrongField(name, field, `more than 0 and at most ${LONGEST_TIMEOUT_SECONDS} seconds`, seconds);
}

/** Says which field of which operation is wrong, what it wants and what it got. */
export function wrongField(name: string, field: string, wants: string, got: unknown): TypeError {
  // As JSON, but for the numbers that JSON has no words for.
  const text = typeof got === 'number' ? String(got) : JSON.stringify(got);
  return new TypeError(`operation '${name}': ${field} must be ${wants}, got ${text}`);
}

const OPERATION_ERROR_STATUSES = [400, 409, 413, 415, 422] as const;

/** The statuses an {@link OperationError} may carry. */
export type OperationErrorStatus = (typeof OPERATION_ERROR_STATUSES)[number];

/** Throw it for what no retry can mend: the job fails at once, and its client gets this status and text. */
export class OperationError extends Error {
  readonly status: OperationErrorStatus;
  /** A short stable name for programs, `lower-case-with-hyphens`. */
  readonly code: string;

  /**
   * @param detail what is wrong and where, for the client; shown as it is, so never a secret.
   * @throws {TypeError} for a status that is not one of them.
   */
  constructor(
    detail: string,
    options: { status?: OperationErrorStatus; code?: string; cause?: unknown } = {},
  ) {
    super(detail, options.cause === undefined ? {} : { cause: options.cause });
    const { status = 422 } = options;
    // A cast gets by the compiler, and a 404 for good would be taken for a job that nobody knows.
    if (!OPERATION_ERROR_STATUSES.includes(status)) {
      const statuses = OPERATION_ERROR_STATUSES.join(', ');
      throw new TypeError(`OperationError: status must be one of ${statuses}, got ${status}`);
    }
    this.name = 'OperationError';
    this.status = status;
    this.code = options.code ?? 'operation-failed';
  }
}
