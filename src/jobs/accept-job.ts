/**
 * Accepts a request: the blob first, then its message, then the 202. In this order a status URL never answers 404 for
 * a job that was accepted, and a message never names a job that is not there.
 */
import { randomUUID } from 'node:crypto';
import { type Log, logs } from '../logs.ts';
import type { Operation } from '../operations/operation.ts';
import { BlockMemory, blocksOf, firstBlock, stageBlocks } from './blocks.ts';
import { acceptedAs } from './content-type.ts';
import { deleteJob } from './delete-job.ts';
import { ConditionLost, Refusal } from './errors.ts';
import { type Job, type JobFields, LAYOUT } from './job.ts';
import { collect, parseJsonRequest } from './json-request.ts';
import type { JobStore, Registry, StorageClock } from './ports.ts';
import { chooseParams } from './request-params.ts';
import type { Sender } from './send-message.ts';

/** A request as it came in, not yet read. */
export interface IncomingRequest {
  /** The name in the URL. */
  readonly operation: string;
  /** The ref the job is to have. */
  readonly ref: string;
  /** The `Content-Type` header. */
  readonly contentType: string | undefined;
  /** The `Content-Length` header in bytes; undefined where the body is chunked. */
  readonly contentLength: number | undefined;
  readonly query: URLSearchParams;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface AcceptJobDependencies {
  readonly store: Pick<
    JobStore,
    'create' | 'createFromBlocks' | 'stageBlock' | 'discardBlocks' | 'look' | 'delete' | 'breakLease'
  >;
  readonly registry: Registry;
  readonly clock: StorageClock;
  readonly maxRequestBytes: number;
}

export type AcceptJob = (request: IncomingRequest, send: Sender, log: Log) => Promise<Job>;

/**
 * Throws Refusal (`operation-unknown`, `parameters-invalid`, `content-type-unsupported`, `request-too-large`,
 * `request-malformed`, `request-invalid`, `request-incomplete`) and StorageUnavailable. Either leaves nothing behind.
 */
export function acceptJob({ store, registry, clock, maxRequestBytes }: AcceptJobDependencies): AcceptJob {
  const remove = deleteJob(store);

  return async function accept(request, send, log) {
    const operation = registry.get(request.operation);
    if (operation === undefined) {
      throw new Refusal('operation-unknown', `There is no operation '${request.operation.slice(0, 60)}'.`);
    }
    const params = await chooseParams(operation, request.query);
    const { schema } = acceptedAs(operation, request.contentType);
    if ((request.contentLength ?? 0) > maxRequestBytes) throw tooLarge(maxRequestBytes);

    const { ref } = request;
    const fields = firstFields(operation, params, clock.now());
    const headers = { contentType: request.contentType ?? 'application/octet-stream' };
    const body = upTo(maxRequestBytes, complete(request));
    let sizeBytes = 0;
    try {
      if (schema === undefined) {
        sizeBytes = await createStreamed(body);
      } else {
        const bytes = await collect(body);
        await parseJsonRequest(bytes, schema);
        await create(bytes);
        sizeBytes = bytes.length;
      }
      await send({ ref, operation: operation.name }, 1, 0);
    } catch (error) {
      // The client will hear that its request was refused, so the job must not stay and run all the same. A call that
      // storage did not answer may have taken effect.
      if (!(error instanceof Refusal)) await remove(ref).catch(() => undefined);
      throw error;
    }
    logs.jobAccepted(log, { ref, operation: operation.name, attempt: 1 });
    return {
      ...fields,
      ref,
      layout: LAYOUT,
      etag: '',
      lease: 'none',
      updatedAt: fields.createdAt,
      observedAt: fields.createdAt,
      contentType: headers.contentType,
      contentDisposition: undefined,
      sizeBytes,
    };

    async function createStreamed(chunks: AsyncIterable<Uint8Array>): Promise<number> {
      let bytes = 0;
      const memory = new BlockMemory();
      const { first, rest } = await firstBlock(blocksOf(chunks, memory));
      if (rest === undefined) {
        await create(first);
        return first.length;
      }
      try {
        const ids = await stageBlocks(rest, memory, randomUUID(), (id, block) => {
          bytes += block.length;
          return store.stageBlock(ref, id, block);
        });
        await unlessMine(() => store.createFromBlocks(ref, fields, headers, ids));
      } catch (error) {
        // Best effort: storage itself drops blocks that nobody committed within a week.
        await store.discardBlocks(ref).catch(() => undefined);
        throw error;
      }
      return bytes;
    }

    function create(bytes: Uint8Array): Promise<void> {
      return unlessMine(() => store.create(ref, fields, headers, bytes));
    }
  };
}

/** The id is random, so a blob that is there already is this very request's: its first answer was lost and it was sent again. */
async function unlessMine(create: () => Promise<void>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (!(error instanceof ConditionLost)) throw error;
  }
}

function firstFields(operation: Operation, params: JobFields['params'], now: Date): JobFields {
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
  };
}

/** Counts, because a chunked body announces no length. */
async function* upTo(maxBytes: number, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    yield chunk;
  }
}

/** A body that breaks off was never sent whole: the client has gone, or said another length. */
async function* complete({ body, contentLength }: IncomingRequest): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      yield chunk;
    }
  } catch (cause) {
    throw new Refusal('request-incomplete', 'The body broke off before its end.', { cause });
  }
  if (contentLength !== undefined && bytes !== contentLength) {
    throw new Refusal(
      'request-incomplete',
      `The body has ${bytes} bytes where ${contentLength} were announced.`,
    );
  }
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal('request-too-large', `The body exceeds ${maxBytes} bytes (MAX_REQUEST_BYTES).`);
}
