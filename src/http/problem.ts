/** Problem details (RFC 9457): the catalogue of every error the app answers with, and how one is written. */
import {
  ConditionLost,
  Refusal,
  type RefusalCode,
  StorageUnavailable,
  type Violation,
} from '../jobs/errors.ts';
import type { JobProblem } from '../jobs/job.ts';
import type { Answer } from './answer.ts';
import type { ProblemDetails } from './documents.ts';

/** The domain's refusals, and what only HTTP knows. */
export type ProblemCode =
  | RefusalCode
  | 'query-invalid'
  | 'idempotency-key-malformed'
  | 'unauthenticated'
  | 'range-not-satisfiable'
  | 'job-pending'
  | 'job-canceled'
  | 'page-unknown'
  | 'internal-error';

/** Exhaustive, so that an error without a status does not compile. docs/problems.md is held to it by a test. */
export const problems: Readonly<Record<ProblemCode, { status: number; title: string }>> = {
  'operation-unknown': { status: 404, title: 'No such operation' },
  'content-type-unsupported': { status: 415, title: 'Content type not taken' },
  'content-encoding-unsupported': { status: 415, title: 'Content encoding not taken' },
  'request-malformed': { status: 400, title: 'Malformed request' },
  'request-invalid': { status: 400, title: 'Request against the schema' },
  'request-incomplete': { status: 400, title: 'Incomplete request' },
  'request-too-large': { status: 413, title: 'Request too large' },
  'parameters-invalid': { status: 400, title: 'Parameters against the schema' },
  'query-invalid': { status: 400, title: 'Invalid query parameter' },
  unauthenticated: { status: 401, title: 'Not signed in' },
  'idempotency-key-malformed': { status: 400, title: 'Malformed Idempotency-Key' },
  'idempotency-key-reused': { status: 422, title: 'Idempotency-Key of another request' },
  'upload-unknown': { status: 404, title: 'No such upload' },
  'upload-changed': { status: 409, title: 'Upload has changed' },
  'backlog-full': { status: 429, title: 'Too much work waits' },
  'job-unknown': { status: 404, title: 'No such job' },
  'job-pending': { status: 404, title: 'No reply yet' },
  'job-canceled': { status: 410, title: 'Job canceled' },
  'job-finished': { status: 409, title: 'Job has ended' },
  'job-not-failed': { status: 409, title: 'Job has not failed' },
  'job-running': { status: 409, title: 'Job is running' },
  'job-newer': { status: 503, title: 'Job of a newer version' },
  'page-unknown': { status: 404, title: 'No such page' },
  'range-not-satisfiable': { status: 416, title: 'Range not satisfiable' },
  'storage-unavailable': { status: 503, title: 'Storage unavailable' },
  'internal-error': { status: 500, title: 'Internal error' },
};

/** Seconds after which storage is worth another try. */
const STORAGE_RETRY_SECONDS = 5;

/** The `type` of a problem: a stable name, not an address. */
export function problemType(code: string): string {
  return `urn:problem-type:request-reply:${code}`;
}

/** A refusal that only HTTP knows. */
export class HttpRefusal extends Error {
  readonly code: ProblemCode;
  readonly violations: readonly Violation[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    detail: string,
    more: { violations?: readonly Violation[]; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail);
    this.name = 'HttpRefusal';
    this.code = code;
    this.violations = more.violations ?? [];
    this.headers = more.headers ?? {};
  }
}

function answerOf(details: ProblemDetails, headers: Readonly<Record<string, string>>): Answer {
  return {
    status: details.status,
    headers: { ...headers, 'content-type': 'application/problem+json' },
    body: JSON.stringify(details),
  };
}

/** @param instance path of the request that met the problem */
export function problemAnswer(
  code: ProblemCode,
  detail: string,
  instance: string,
  more: { violations?: readonly Violation[]; headers?: Readonly<Record<string, string>> } = {},
): Answer {
  const { violations = [], headers = {} } = more;
  return answerOf(
    {
      type: problemType(code),
      ...problems[code],
      detail,
      instance,
      ...(violations.length > 0 && { errors: [...violations] }),
    },
    headers,
  );
}

/** A failed job answers its own problem and status. What operators see beside it stays out. */
export function failedJobAnswer(problem: JobProblem, instance: string): Answer {
  const { code, status, detail } = problem;
  return answerOf({ type: problemType(code), title: 'The job failed', status, detail, instance }, {});
}

/** Undefined for an error that is nobody's refusal: a bug. */
export function refusalAnswer(error: unknown, instance: string): Answer | undefined {
  if (error instanceof HttpRefusal) return problemAnswer(error.code, error.message, instance, error);
  if (error instanceof Refusal) {
    return problemAnswer(error.code, error.message, instance, {
      violations: error.violations,
      headers: {
        ...(error.retryAfterSeconds !== undefined && { 'retry-after': String(error.retryAfterSeconds) }),
        // RFC 9110, section 15.5.16: what would have been taken.
        ...(error.accepts.length > 0 && { accept: error.accepts.join(', ') }),
        ...(error.code === 'content-encoding-unsupported' && { 'accept-encoding': 'identity' }),
      },
    });
  }
  if (error instanceof StorageUnavailable || error instanceof ConditionLost) {
    return problemAnswer('storage-unavailable', 'Storage does not answer; try again.', instance, {
      headers: { 'retry-after': String(STORAGE_RETRY_SECONDS) },
    });
  }
  return undefined;
}
