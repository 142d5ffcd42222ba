/** Every way a use case can refuse. src/http/problem.ts gives each code its status and title; docs/design.md lists them. */

/** One thing wrong with a request; `pointer` is a JSON Pointer (RFC 6901) into it. */
export interface Violation {
  readonly pointer: string;
  readonly detail: string;
}

/** The stable names of refusals. */
export type RefusalCode =
  | 'operation-unknown'
  | 'content-type-unsupported'
  | 'content-encoding-unsupported'
  | 'request-malformed'
  | 'request-invalid'
  | 'request-incomplete'
  | 'request-too-large'
  | 'parameters-invalid'
  | 'idempotency-key-reused'
  | 'upload-unknown'
  | 'upload-changed'
  | 'backlog-full'
  | 'job-unknown'
  | 'job-finished'
  | 'job-not-failed'
  | 'job-running'
  | 'job-newer'
  | 'storage-unavailable';

/** A use case says no: nothing was done, nothing is left behind. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly violations: readonly Violation[];
  /** Seconds after which the same call may succeed. */
  readonly retryAfterSeconds: number | undefined;
  /** Content types that would have been taken, with `content-type-unsupported`. */
  readonly accepts: readonly string[];

  constructor(
    code: RefusalCode,
    detail: string,
    more: {
      violations?: readonly Violation[];
      retryAfterSeconds?: number;
      accepts?: readonly string[];
      cause?: unknown;
    } = {},
  ) {
    super(detail, more.cause === undefined ? {} : { cause: more.cause });
    this.name = 'Refusal';
    this.code = code;
    this.violations = more.violations ?? [];
    this.retryAfterSeconds = more.retryAfterSeconds;
    this.accepts = more.accepts ?? [];
  }
}

/** No job of that name for this caller. One answer for unknown, malformed, deleted, expired and another's. */
export function jobUnknown(): Refusal {
  return new Refusal(
    'job-unknown',
    'There is no such job. It may have been deleted, or its time may be over.',
  );
}

/** The job was written by a newer version of the app, during a deployment; that version changes it, this one does not. */
export function writtenByNewer(): Refusal {
  return new Refusal(
    'job-newer',
    'A newer version of the app, being rolled out, has this job; try again shortly.',
    {
      retryAfterSeconds: 10,
    },
  );
}

/**
 * Storage refused a write because the blob is no longer what the writer saw (409, 412, 404, invalid block list).
 * Nobody decides by it: the blob is read again.
 */
export class ConditionLost extends Error {
  constructor(call: string, options?: ErrorOptions) {
    super(`${call}: the blob has changed, is leased or is gone`, options);
    this.name = 'ConditionLost';
  }
}

/** The workflow engine did not answer. Whether the call took effect is unknown. */
export class EngineUnavailable extends Error {
  constructor(call: string, options?: ErrorOptions) {
    super(`${call}: the workflow engine did not answer`, options);
    this.name = 'EngineUnavailable';
  }
}

/** Storage does not know the marker that a page of the list was to begin at: it came from nowhere, or is of another account. */
export class MarkerUnknown extends Error {
  constructor(options?: ErrorOptions) {
    super('List Blobs: storage does not know this marker', options);
    this.name = 'MarkerUnknown';
  }
}

/** Storage did not answer, or answered that it cannot now. Whether the call took effect is unknown. */
export class StorageUnavailable extends Error {
  constructor(call: string, options?: ErrorOptions) {
    super(`${call}: storage did not answer`, options);
    this.name = 'StorageUnavailable';
  }
}
