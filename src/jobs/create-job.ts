/** Puts the blob of a job whose id is random, so that nobody else can be at it: one Put Blob, or blocks as they arrive. */
import { randomUUID } from 'node:crypto';
import { BlockMemory, blocksOf, firstBlock, stageBlocks } from './blocks.ts';
import { ConditionLost } from './errors.ts';
import type { JobFields } from './job.ts';
import type { ContentHeaders, JobStore } from './ports.ts';

/** A job that is to be. */
export interface JobDraft {
  readonly ref: string;
  readonly fields: JobFields;
  readonly headers: ContentHeaders;
  readonly chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** What was put. */
export interface CreatedJob {
  /** Length of its content. */
  readonly sizeBytes: number;
  /** Its only block and the ETag it got, where it fit one call that was answered: so it is known without being read. */
  readonly whole?: { readonly etag: string; readonly content: Uint8Array } | undefined;
}

export type CreateJobStore = Pick<JobStore, 'create' | 'createFromBlocks' | 'stageBlock' | 'discardBlocks'>;

/**
 * @throws what the chunks throw, StorageUnavailable; staged blocks are gone then
 */
export async function createJob(
  store: CreateJobStore,
  { ref, fields, headers, chunks }: JobDraft,
): Promise<CreatedJob> {
  const memory = new BlockMemory();
  const { first, rest } = await firstBlock(blocksOf(chunks, memory));
  if (rest === undefined) {
    const etag = await unlessMine(() => store.create(ref, fields, headers, first));
    return { sizeBytes: first.length, whole: etag === undefined ? undefined : { etag, content: first } };
  }
  let sizeBytes = 0;
  try {
    const ids = await stageBlocks(rest, memory, randomUUID(), (id, block) => {
      sizeBytes += block.length;
      return store.stageBlock(ref, id, block);
    });
    await unlessMine(() => store.createFromBlocks(ref, fields, headers, ids));
  } catch (error) {
    // Best effort: storage itself drops blocks that nobody committed within a week.
    await store.discardBlocks(ref).catch(() => undefined);
    throw error;
  }
  return { sizeBytes };
}

/** The id is random, so a blob that is there already is this very request's: its first answer was lost and it was sent again. */
async function unlessMine<T>(create: () => Promise<T>): Promise<T | undefined> {
  try {
    return await create();
  } catch (error) {
    if (!(error instanceof ConditionLost)) throw error;
    return undefined;
  }
}
