/**
 * A job is one block blob: its content is the request while it is pending and the reply once it has succeeded,
 * its metadata is everything in JobFields. docs/design.md, section 2, is the whole protocol.
 *
 *              publish            ┌───────────┐
 *          ┌─────────────────────▶│ Succeeded │
 *          │                      └───────────┘
 *     ┌─────────┐     fail        ┌───────────┐
 * ───▶│ Pending │────────────────▶│  Failed   │
 *     └─────────┘◀────────────────└───────────┘
 *       │     ▲    operator's retry
 *       │     └─ try again, mark, progress: attempt, waiting, token change; the state does not
 *       │  cancel                 ┌───────────┐
 *       └────────────────────────▶│ Canceled  │
 *                                 └───────────┘
 */

/** The states a blob's metadata stores. */
export type JobState = 'Pending' | 'Succeeded' | 'Failed' | 'Canceled';

/** What may follow what, and by which step. Everything that is not here is refused. */
export const transitions = {
  Pending: { publish: 'Succeeded', fail: 'Failed', cancel: 'Canceled' },
  Succeeded: {},
  Failed: { retry: 'Pending' },
  Canceled: {},
} as const satisfies Record<JobState, Partial<Record<string, JobState>>>;

/** The metadata layout this version writes. Older ones are read; newer ones are left for the version that wrote them. */
export const LAYOUT = 1;

/** Length of an attempt's lease. Storage takes 15 to 60 s; a dead worker is noticed after this long. */
export const LEASE_SECONDS = 30;

/** Query parameters of a job, as they were sent. */
export type Params = Readonly<Record<string, string | readonly string[]>>;

/** Why a job failed or an attempt is to be repeated. `reason` is for operators only: it may quote an internal error. */
export interface JobProblem {
  /** Stable name for programs. */
  readonly code: string;
  /** The HTTP status the job answers with once it has failed. */
  readonly status: number;
  readonly detail: string;
  readonly reason?: string;
}

/** Everything that the blob's metadata says. */
export interface JobFields {
  readonly operation: string;
  readonly state: JobState;
  /** The attempt that runs or is to run next; 1 on acceptance. The blob alone says it. */
  readonly attempt: number;
  /** The last attempt allowed. */
  readonly limit: number;
  /** Who wrote last: an attempt's lease id, or a random one. */
  readonly token?: string | undefined;
  /** The attempt has been decided on but has not been claimed yet. */
  readonly waiting: boolean;
  /** The attempt is not to run before this moment. */
  readonly notBefore?: Date | undefined;
  /** When the workflow engine was given the attempt, which runs there under no lease. */
  readonly handedAt?: Date | undefined;
  /** How often the job's message was put again by whoever missed it. */
  readonly recovered: number;
  /** How many attempts in a row, up to now, ended without a word: lost-attempt.ts. None where it is not there. */
  readonly lost?: number | undefined;
  readonly createdAt: Date;
  readonly startedAt?: Date | undefined;
  /** Seconds the job is kept after its end. */
  readonly retentionSeconds: number;
  readonly params: Params;
  /** Of the request, where it was started under an `Idempotency-Key`: see fingerprint.ts. */
  readonly fingerprint?: string | undefined;
  /** The trace it belongs to (W3C Trace Context), and in it the request that started it. */
  readonly traceparent?: string | undefined;
  readonly percentComplete?: number | undefined;
  readonly message?: string | undefined;
  readonly problem?: JobProblem | undefined;
}

/**
 * What storage says of a blob's lease. `broken` is more than `none`: on a pending job it is a cancel requested.
 * `none` stands for `available`.
 */
export type LeaseState = 'none' | 'live' | 'expired' | 'broken';

/** A job as one answer of storage showed it. */
export interface Job extends JobFields {
  readonly ref: string;
  /** The layout of the metadata it was read from. */
  readonly layout: number;
  readonly etag: string;
  readonly lease: LeaseState;
  /** `Last-Modified`: of a finished job, the moment of its end. */
  readonly updatedAt: Date;
  /** Storage's own time when it answered (`Date`); ages are counted from it, never from an instance's clock. */
  readonly observedAt: Date;
  readonly contentType: string;
  readonly contentDisposition: string | undefined;
  readonly sizeBytes: number;
}

/** What clients see. */
export const JOB_STATUSES = ['NotStarted', 'Running', 'Succeeded', 'Failed', 'Canceled'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** A pending job is running while an attempt holds its lease, or the workflow engine has it. */
export function statusOf(job: Job): JobStatus {
  if (job.state !== 'Pending') return job.state;
  return job.lease === 'live' || job.handedAt !== undefined ? 'Running' : 'NotStarted';
}

/** Whether a job has ended; only an operator's retry of a failed one changes it again. */
export function isFinished(job: Pick<JobFields, 'state'>): boolean {
  return job.state !== 'Pending';
}

/**
 * When a finished job is removed. Undefined while it is pending: a pending job does not expire. Undefined for one of a newer
 * version too: that one says how long its jobs are kept.
 */
export function expiresAt(job: Job): Date | undefined {
  if (!isFinished(job) || job.layout > LAYOUT) return undefined;
  return new Date(job.updatedAt.getTime() + job.retentionSeconds * 1000);
}

/** What the log says of a job that ends at that moment, by storage's time. */
export function endFactsOf({ ref, operation, attempt, createdAt }: Job, endedAt: Date) {
  return { ref, operation, attempt, ageMs: endedAt.getTime() - createdAt.getTime() };
}

/** Whether a job's time is over; it is then answered as unknown, removed or not. */
export function isExpired(job: Job): boolean {
  const end = expiresAt(job);
  return end !== undefined && end <= job.observedAt;
}

/** Whether the next attempt is put off to a moment that has not come yet, by storage's time. */
export function isPutOff(job: Job): boolean {
  return job.notBefore !== undefined && job.notBefore > job.observedAt;
}

/** The fields of a job, without what only storage sets. Every write replaces all metadata, so it starts from these. */
export function fieldsOf(job: Job): JobFields {
  const {
    ref,
    layout,
    etag,
    lease,
    updatedAt,
    observedAt,
    contentType,
    contentDisposition,
    sizeBytes,
    ...fields
  } = job;
  return fields;
}

/** The fields of a job that ends here, or whose attempt begins anew: what belonged to the last attempt is dropped. */
export function withoutProgress(fields: JobFields): JobFields {
  return {
    ...fields,
    waiting: false,
    notBefore: undefined,
    handedAt: undefined,
    percentComplete: undefined,
    message: undefined,
  };
}
