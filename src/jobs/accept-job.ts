/**
 * Accepts a request: the blob first, then its message, then the 202. In this order a status URL never answers 404 for
 * a job that was accepted, and a message never names a job that is not there.
 */
import { randomUUID } from 'node:crypto';
import { type Log, logs } from '../logs.ts';
import type { Operation } from '../operations/operation.ts';
import { type AcceptedContentDependencies, acceptContent, type IncomingContent } from './accepted-content.ts';
import { BlockMemory, blocksOf, firstBlock, stageBlocks } from './blocks.ts';
import { deleteJob } from './delete-job.ts';
import { ConditionLost, Refusal } from './errors.ts';
import { type Job, type JobFields, LAYOUT } from './job.ts';
import type { JobStore, Registry, StorageClock } from './ports.ts';
import { chooseParams } from './request-params.ts';
import type { Sender } from './send-message.ts';

/** A request as it came in, not yet read. */
export interface IncomingRequest extends IncomingContent {
  /** The name in the URL. */
  readonly operation: string;
  /** The ref the job is to have. */
  readonly ref: string;
  readonly query: URLSearchParams;
}

export interface AcceptJobDependencies extends AcceptedContentDependencies {
  readonly store: Pick<
    JobStore,
    'create' | 'createFromBlocks' | 'stageBlock' | 'discardBlocks' | 'look' | 'delete' | 'breakLease'
  >;
  readonly registry: Registry;
  readonly clock: StorageClock;
}

export type AcceptJob = (request: IncomingRequest, send: Sender, log: Log) => Promise<Job>;

/**
 * Throws Refusal (`operation-unknown`, `parameters-invalid`, and what {@link acceptContent} throws) and
 * StorageUnavailable. Either leaves nothing behind.
 */
export function acceptJob(dependencies: AcceptJobDependencies): AcceptJob {
  const { store, registry, clock } = dependencies;
  const remove = deleteJob(store);

  return async function accept(request, send, log) {
    const operation = registry.get(request.operation);
    if (operation === undefined) {
      throw new Refusal('operation-unknown', `There is no operation '${request.operation.slice(0, 60)}'.`);
    }
    const params = await chooseParams(operation, request.query);
    const { contentType, chunks } = await acceptContent(dependencies, operation, request);

    const { ref } = request;
    const fields = firstFields(operation, params, clock.now());
    const headers = { contentType };
    let sizeBytes = 0;
    try {
      sizeBytes = await create();
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
      contentType,
      contentDisposition: undefined,
      sizeBytes,
    };

    async function create(): Promise<number> {
      let bytes = 0;
      const memory = new BlockMemory();
      const { first, rest } = await firstBlock(blocksOf(chunks, memory));
      if (rest === undefined) {
        await unlessMine(() => store.create(ref, fields, headers, first));
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
