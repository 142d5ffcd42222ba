/** What a call can end with besides its result: an answer that is an error, and a job that ended without a reply. */
import type { StatusDocument } from './status-document.ts';

/** The members of a problem document (RFC 9457) that the app sends. */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

/**
 * The app, or storage, answered with an error. Network errors stay what `fetch` throws, and an abort the signal's reason.
 * No URL is in the message: a job's URL is a secret, and messages get logged.
 */
export class ProblemError extends Error {
  readonly status: number;
  /** The last part of the problem's type, as docs/problems.md lists them. Absent where a host, a proxy or storage answered. */
  readonly code: string | undefined;
  readonly problem: Partial<ProblemDetails>;
  readonly retryAfterSeconds: number | undefined;
  /** Whether the request was sent before: what it asks for may have been done although that answer was lost. */
  readonly isAfterRetry: boolean;

  constructor(
    status: number,
    problem: Partial<ProblemDetails> = {},
    more: { retryAfterSeconds?: number; isAfterRetry?: boolean } = {},
  ) {
    super(problem.detail ?? problem.title ?? `The answer was ${status}.`);
    this.name = 'ProblemError';
    this.status = status;
    this.problem = problem;
    this.code = problem.type?.split(':').pop();
    this.retryAfterSeconds = more.retryAfterSeconds;
    this.isAfterRetry = more.isAfterRetry ?? false;
  }
}

/** The job was waited for and ended `Failed` or `Canceled`: it has no reply. */
export class JobEndedError extends Error {
  readonly job: StatusDocument;
  /** Why it failed, as docs/problems.md lists it or as the operation says; `job-canceled` for one that was canceled. */
  readonly code: string;

  constructor(job: StatusDocument) {
    super(job.error?.message ?? `The job ended ${job.status}.`);
    this.name = 'JobEndedError';
    this.job = job;
    this.code = job.error?.code ?? (job.status === 'Canceled' ? 'job-canceled' : 'unknown');
  }
}
