/**
 * What the use cases need from outside. Each use case asks for the few of these that it calls, so a test can pass an
 * object literal; src/storage/ has the adapters. Every method is one storage call, named beside it.
 * Writes throw ConditionLost and StorageUnavailable (src/jobs/errors.ts); reads answer undefined for a blob that is gone.
 */
import type { Readable } from 'node:stream';
import type { Operation } from '../operations/operation.ts';
import type { Job, JobFields, JobStatus } from './job.ts';

/** What a write is guarded by: always the ETag it was decided on, and the lease of an attempt that has claimed. */
export interface Guard {
  readonly etag: string;
  readonly lease?: string | undefined;
}

/** What Put Blob and Put Block List set beside metadata. */
export interface ContentHeaders {
  readonly contentType: string;
  readonly contentDisposition?: string | undefined;
}

/** A job together with its content, as one Get Blob showed them. */
export interface Taken {
  readonly job: Job;
  /** The request while the job is pending. Destroy it where it is not read: it holds a connection. */
  readonly content: Readable;
}

/** The job's blob. */
export interface JobStore {
  /** Put Blob, `If-None-Match: *`. Returns the ETag. */
  create(ref: string, fields: JobFields, headers: ContentHeaders, content: Uint8Array): Promise<string>;
  /** Put Block List, `If-None-Match: *`. */
  createFromBlocks(
    ref: string,
    fields: JobFields,
    headers: ContentHeaders,
    blockIds: readonly string[],
  ): Promise<void>;
  /** Put Block. It takes no `If-Match`, so an attempt claims before it stages. */
  stageBlock(ref: string, blockId: string, content: Uint8Array, lease?: string): Promise<void>;
  /**
   * Removes blocks that were staged for a job that was never created (two calls: there is no single one; between them there is a
   * job whose time is over). With `isMine` it looks first, and leaves all of them where one is not: they can only be removed together.
   */
  discardBlocks(ref: string, isMine?: (blockId: string) => boolean): Promise<void>;
  /** Get Blob: the job and its content in one call. */
  take(ref: string): Promise<Taken | undefined>;
  /** Get Blob Properties. */
  look(ref: string): Promise<Job | undefined>;
  /** Get Blob with a range, unconditional or `If-Match`. `job` is as this answer showed it. */
  takeRange(
    ref: string,
    range: { offset: number; count?: number },
    etag?: string,
  ): Promise<Taken | undefined>;
  /** Acquire Lease of {@link LEASE_SECONDS} under the proposed id, `If-Match`. */
  acquireLease(ref: string, lease: string, etag: string): Promise<void>;
  /** Renew Lease. Revives an expired lease that nobody touched; changes no ETag. */
  renewLease(ref: string, lease: string): Promise<void>;
  /** Release Lease; silent where there is nothing to release. */
  releaseLease(ref: string, lease: string): Promise<void>;
  /** Break Lease at once; silent where there is none. */
  breakLease(ref: string): Promise<void>;
  /** Set Blob Metadata. Returns the new ETag. */
  write(ref: string, fields: JobFields, guard: Guard): Promise<string>;
  /** Put Blob over the request: reply and state in one write. */
  publish(
    ref: string,
    fields: JobFields,
    headers: ContentHeaders,
    content: Uint8Array,
    guard: Guard,
  ): Promise<void>;
  /** Put Block List over the request. */
  publishBlocks(
    ref: string,
    fields: JobFields,
    headers: ContentHeaders,
    blockIds: readonly string[],
    guard: Guard,
  ): Promise<void>;
  /** Delete Blob, `If-Match` where an ETag is given. False where it was gone. ConditionLost where it is leased or has changed. */
  delete(ref: string, etag?: string): Promise<boolean>;
  /** List Blobs, one page, oldest name first. Throws MarkerUnknown. */
  list(page: {
    size: number;
    marker?: string | undefined;
  }): Promise<{ jobs: Job[]; marker?: string | undefined }>;
}

/** An upload as one answer of storage showed it. */
export interface Upload {
  /** Its own id's ref, by its owner: another owner's upload is unknown. */
  readonly ref: string;
  readonly etag: string;
  readonly contentType: string;
  readonly contentEncoding?: string | undefined;
  readonly sizeBytes: number;
  /** `Last-Modified`. */
  readonly updatedAt: Date;
  /** Storage's own time when it answered. */
  readonly observedAt: Date;
}

/** What clients have uploaded. */
export interface UploadStore {
  /** Get Blob Properties. */
  look(ref: string): Promise<Upload | undefined>;
  /** Get Blob with a range, `If-Match`. Undefined where it is gone or another one by now. */
  open(ref: string, etag: string, range: { offset: number; count: number }): Promise<Readable | undefined>;
  /** List Blobs, one page. */
  list(page: {
    size: number;
    marker?: string | undefined;
  }): Promise<{ uploads: Upload[]; marker?: string | undefined }>;
  /** Delete Blob, `If-Match`. ConditionLost where it has been written again. */
  delete(ref: string, etag: string): Promise<void>;
}

/** The trace a job belongs to (W3C Trace Context), as it travels in the message. */
export interface TraceContext {
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
}

/** A `traceparent` of version 00. */
export const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** A queue message: which job to wake, and which attempt the sender saw. Nothing else, so it never gets too large. */
export interface JobMessage extends TraceContext {
  readonly job: string;
  readonly attempt: number;
}

/** What a message that was put can be hidden for longer and deleted by, as long as nobody has taken it. */
export interface MessageReceipt {
  readonly lane: string | undefined;
  readonly messageId: string;
  readonly popReceipt: string;
}

/** The message next in turn, hidden ones left out: whose it is (undefined for one that names no job) and when it was put. */
export interface QueueFront {
  readonly job: string | undefined;
  readonly putAt: Date;
}

/** The queues. */
export interface JobQueue {
  /** Put Message, time-to-live infinite, invisible for `delaySeconds`, rounded up, a week at most. Without a lane: the common queue. */
  put(lane: string | undefined, message: JobMessage, delaySeconds: number): Promise<MessageReceipt>;
  /** Update Message: invisible for so long from now on. Its receipt is another one then. ConditionLost where somebody has taken it. */
  hold(receipt: MessageReceipt, seconds: number): Promise<MessageReceipt>;
  /** Delete Message. ConditionLost where somebody has taken it. */
  remove(receipt: MessageReceipt): Promise<void>;
  /** Peek Messages: takes nothing and hides nothing. */
  peek(lane: string | undefined): Promise<QueueFront | 'empty'>;
  /** Get Queue Metadata: about how many messages there are, those in work and those put off among them. */
  count(lane: string | undefined): Promise<number>;
}

/** Where the sweep has got to: one blob, whose lease lets in one sweeper at a time. */
export interface SweepPlace {
  /** Undefined where another sweeper is at work. `marker` is where to go on; undefined for the beginning. Throws StorageUnavailable. */
  begin(): Promise<SweepBegun | undefined>;
  /** Keeps the place and lets the next sweeper in; silent where this one took too long and another has begun. */
  end(begun: SweepBegun, marker: string | undefined): Promise<void>;
}

export interface SweepBegun {
  readonly lease: string;
  readonly marker: string | undefined;
}

/** The operations this app offers, by name. */
export type Registry = ReadonlyMap<string, Operation>;

/** Time as storage counts it: this instance's clock, set right by the `Date` of storage's answers. */
export interface StorageClock {
  now(): Date;
}

/** Filter of an operator's list. */
export interface JobFilter {
  readonly status?: JobStatus | undefined;
  readonly operation?: string | undefined;
}
