/**
 * Accepts a request: the blob first, then its message, then the 202. In this order a status URL never answers 404 for
 * a job that was accepted, and a message never names a job that is not there.
 */
import { Readable } from 'node:stream';
import { type Log, logs } from '../logs.ts';
import type { Operation } from '../operations/operation.ts';
import { type AcceptedContentDependencies, acceptContent, type IncomingContent } from './accepted-content.ts';
import type { Backlog } from './backlog.ts';
import { type CreatedJob, createJob } from './create-job.ts';
import { createJobOnce } from './create-job-once.ts';
import { deleteJob } from './delete-job.ts';
import { Refusal } from './errors.ts';
import type { BegunHere } from './fast-path.ts';
import { fingerprintOf } from './fingerprint.ts';
import { type Job, type JobFields, LAYOUT } from './job.ts';
import type { JobStore, Registry, StorageClock, Taken } from './ports.ts';
import { operationNamed } from './registry.ts';
import { chooseParams } from './request-params.ts';
import type { Sender } from './send-message.ts';

/**
 * A repeated start comes most often while the first is still at work, or has just put its message: its own message is
 * delayed until the job is as old as this, so that it finds the job claimed or ended, and does not have it done twice.
 */
const FIRST_MESSAGE_WITHIN_SECONDS = 10;

/** A request as it came in, not yet read. */
export interface IncomingRequest extends IncomingContent {
  /** The name in the URL. */
  readonly operation: string;
  /** The ref the job is to have. */
  readonly ref: string;
  readonly query: URLSearchParams;
  /** The trace the job is to belong to. */
  readonly traceparent?: string | undefined;
  /** Where the ref comes from an `Idempotency-Key`: the secret to take the request's fingerprint by. */
  readonly fingerprintSecret?: Uint8Array | undefined;
  /** Where the caller waits: puts the job's message and runs it here, or does neither. See fast-path.ts. */
  readonly beginHere?: ((taken: Taken) => Promise<BegunHere | undefined>) | undefined;
}

/** The job as it was put or found. */
export interface AcceptedJob extends Job {
  /** Where the job was begun in this instance at once: resolves when its attempt is over. */
  readonly endsHere?: Promise<void> | undefined;
}

export interface AcceptJobDependencies extends AcceptedContentDependencies {
  readonly store: Pick<
    JobStore,
    'create' | 'createFromBlocks' | 'stageBlock' | 'discardBlocks' | 'look' | 'delete' | 'breakLease'
  >;
  readonly registry: Registry;
  readonly clock: StorageClock;
  readonly backlog: Pick<Backlog, 'hasRoom' | 'added' | 'full'>;
}

export type AcceptJob = (request: IncomingRequest, send: Sender, log: Log) => Promise<AcceptedJob>;

/**
 * Resolves with the job as it was put or, under an `Idempotency-Key`, as it was found.
 * Throws Refusal (`operation-unknown`, `parameters-invalid`, `backlog-full`, `idempotency-key-reused`, and what {@link acceptContent}
 * throws) and StorageUnavailable. Either leaves nothing behind, but for StorageUnavailable under a key: the job may be there
 * then, and the next start under the key, or else the sweep, completes it.
 */
export function acceptJob(dependencies: AcceptJobDependencies): AcceptJob {
  const { store, registry, clock, backlog } = dependencies;
  // Should an attempt have been handed to the workflow engine already, it finds at its first activity that the job is gone.
  const remove = deleteJob(store, async () => undefined);

  return async function accept(request, send, log) {
    const operation = operationNamed(registry, request.operation);
    const params = await chooseParams(operation, request.query);
    if (!(await backlog.hasRoom(operation.name, log)) && !(await isRepeat(request))) {
      throw backlog.full(operation.name);
    }
    const { contentType, chunks } = await acceptContent(dependencies, operation, request);

    const { name } = operation;
    const { ref, fingerprintSecret, beginHere } = request;
    const fields = firstFields(operation, params, clock.now(), request.traceparent);
    const headers = { contentType };
    return fingerprintSecret === undefined ? await acceptAnew() : await acceptOnce(fingerprintSecret);

    async function acceptAnew(): Promise<AcceptedJob> {
      try {
        return await enqueue(fields, await createJob(store, { ref, fields, headers, chunks }));
      } catch (error) {
        // The client will hear that its request was refused, so the job must not stay and run all the same. A call that
        // storage did not answer may have taken effect.
        if (!(error instanceof Refusal)) await remove(ref).catch(() => undefined);
        throw error;
      }
    }

    /** Nothing is removed where it fails: another start under the key may have been told of the job. */
    async function acceptOnce(secret: Uint8Array): Promise<AcceptedJob> {
      const fingerprint = fingerprintOf(secret, { operation: name, params, contentType });
      const keyed = () => ({ ...fields, fingerprint: fingerprint.digest() });
      const once = await createJobOnce(store, { ref, headers, chunks: fingerprint.over(chunks) }, keyed);
      if (once.was === 'created') return await enqueue(keyed(), once);
      const { job } = once;
      if (job.fingerprint !== fingerprint.digest()) {
        throw new Refusal('idempotency-key-reused', 'This Idempotency-Key has started another request.');
      }
      const isMessagePut = isUnclaimed(job);
      if (isMessagePut) {
        const ageSeconds = (job.observedAt.getTime() - job.updatedAt.getTime()) / 1000;
        await send(job, job.attempt, Math.max(0, FIRST_MESSAGE_WITHIN_SECONDS - ageSeconds));
      }
      logs.startRepeated(log, { ref, operation: job.operation, attempt: job.attempt, isMessagePut });
      return job;
    }

    async function enqueue(written: JobFields, { sizeBytes, whole }: CreatedJob): Promise<AcceptedJob> {
      const job: Job = {
        ...written,
        ref,
        layout: LAYOUT,
        etag: whole?.etag ?? '',
        lease: 'none',
        updatedAt: written.createdAt,
        observedAt: written.createdAt,
        contentType,
        contentDisposition: undefined,
        sizeBytes,
      };
      // Nobody knows of the job yet who could have changed it; should somebody, its first write is refused and it looks again.
      const begun = whole && (await beginHere?.({ job, content: Readable.from([whole.content]) }));
      if (begun === undefined) await send(job, 1, 0);
      backlog.added(name);
      logs.jobAccepted(log, { ref, operation: name, attempt: 1 });
      return { ...job, endsHere: begun?.ended };
    }
  };

  /** A repeated start adds nothing to the backlog: its caller is to hear of the job that it has. */
  async function isRepeat({ ref, fingerprintSecret }: IncomingRequest): Promise<boolean> {
    return fingerprintSecret !== undefined && (await store.look(ref)) !== undefined;
  }
}

/** No attempt has shown itself, or waits to: whether the job's message was ever put cannot be told. */
function isUnclaimed({ state, attempt, lease }: Job): boolean {
  return state === 'Pending' && attempt === 1 && lease === 'none';
}

function firstFields(
  operation: Operation,
  params: JobFields['params'],
  now: Date,
  traceparent: string | undefined,
): JobFields {
  return {
    operation: operation.name,
    state: 'Pending',
    attempt: 1,
    limit: operation.maxAttempts,
    waiting: false,
    recovered: 0,
    createdAt: now,
    retentionSeconds: operation.retentionSeconds,
    params,
    traceparent,
  };
}
