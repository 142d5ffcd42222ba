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

export type CreateJobStore = Pick<JobStore, 'create' | 'createFromBlocks' | 'stageBlock' | 'discardBlocks'>;

/**
 * @returns the length of its content in bytes
 * @throws what the chunks throw, StorageUnavailable; staged blocks are gone then
 */
export async function createJob(
  store: CreateJobStore,
  { ref, fields, headers, chunks }: JobDraft,
): Promise<number> {
  const memory = new BlockMemory();
  const { first, rest } = await firstBlock(blocksOf(chunks, memory));
  if (rest === undefined) {
    await unlessMine(() => store.create(ref, fields, headers, first));
    return first.length;
  }
  let bytes = 0;
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

/** The id is random, so a blob that is there already is this very request's: its first answer was lost and it was sent again. */
async function unlessMine(create: () => Promise<void>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (!(error instanceof ConditionLost)) throw error;
  }
}
