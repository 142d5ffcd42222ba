/**
 * Puts the blob of a job whose id comes from an `Idempotency-Key`, so that others may be at the same blob: the retry of a
 * client that heard nothing, or a dozen of its requests at once. `If-None-Match: *` decides who was first; whoever was not
 * reads its own content to the end, storing nothing more, and gets the job that is there. Blocks that it had staged by then stay
 * beside the job, in nobody's way: the job's next block list drops them, or storage itself within a week.
 */
import { randomUUID } from 'node:crypto';
import { BlockMemory, blocksOf, firstBlock, isBlockOf, stageBlocks } from './blocks.ts';
import type { CreatedJob, CreateJobStore, JobDraft } from './create-job.ts';
import { ConditionLost, Refusal } from './errors.ts';
import { isExpired, type Job } from './job.ts';
import type { JobStore } from './ports.ts';

/** What was put, or was there before. */
export type CreatedOnce =
  | ({ readonly was: 'created' } & CreatedJob)
  | { readonly was: 'there'; readonly job: Job };

/**
 * Reads all of the draft's chunks before it calls `fields`, which may depend on them.
 * @throws what the chunks throw, StorageUnavailable, Refusal (`storage-unavailable`). A job that is there stays, whoever put
 * it: somebody may have been told of it.
 */
export async function createJobOnce(
  store: CreateJobStore & Pick<JobStore, 'look' | 'delete'>,
  { ref, headers, chunks }: Omit<JobDraft, 'fields'>,
  fields: () => JobDraft['fields'],
): Promise<CreatedOnce> {
  const memory = new BlockMemory();
  const { first, rest } = await firstBlock(blocksOf(chunks, memory));
  if (rest !== undefined) return await createFromBlocks(rest, await find());
  const put = await won(() => store.create(ref, fields(), headers, first));
  if (put !== undefined) {
    return { was: 'created', sizeBytes: first.length, whole: { etag: put.answer, content: first } };
  }
  const there = await find();
  if (there !== undefined) return { was: 'there', job: there };
  // No job, and yet no room for one: it has just been removed; or there are blocks of a request that died, which Azurite takes
  // for a blob. Blocks can be committed beside those.
  return await createFromBlocks(first.length === 0 ? [] : [first], undefined);

  async function createFromBlocks(
    blocks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    there: Job | undefined,
  ): Promise<CreatedOnce> {
    const token = randomUUID();
    let sizeBytes = 0;
    let isTaken = there !== undefined;
    try {
      const ids = await stageBlocks(blocks, memory, token, async (id, block) => {
        sizeBytes += block.length;
        // Refused once an attempt has the lease. The rest is read all the same, for its fingerprint.
        if (!isTaken) isTaken = !(await won(() => store.stageBlock(ref, id, block)));
      });
      if (!isTaken && (await won(() => store.createFromBlocks(ref, fields(), headers, ids)))) {
        return { was: 'created', sizeBytes };
      }
      const job = await find();
      if (job !== undefined) return { was: 'there', job };
      throw new Refusal('storage-unavailable', 'Another request with this key got in the way; try again.', {
        retryAfterSeconds: 1,
      });
    } catch (error) {
      // Best effort, and only where no other request is staging: that one would lose its blocks.
      await store.discardBlocks(ref, (id) => isBlockOf(token, id)).catch(() => undefined);
      throw error;
    }
  }

  /** The job that is there. One whose time is over is unknown to everybody, so its key is free again. */
  async function find(): Promise<Job | undefined> {
    const job = await store.look(ref);
    if (job === undefined || !isExpired(job)) return job;
    // By its ETag: another request may have put a new job there meanwhile.
    await won(() => store.delete(ref, job.etag));
    return undefined;
  }
}

/** Undefined where a condition was lost. */
async function won<T>(call: () => Promise<T>): Promise<{ readonly answer: T } | undefined> {
  try {
    return { answer: await call() };
  } catch (error) {
    if (error instanceof ConditionLost) return undefined;
    throw error;
  }
}
