/** Cuts a stream of any chunk sizes into blocks, so that memory holds a few blocks whatever the length of the stream. */

/** Size of a block in bytes: 50,000 of them (the limit of a block blob) make 195 GiB. */
export const BLOCK_BYTES = 4 * 1024 * 1024;

/** Blocks under way to storage at once. */
const BLOCKS_AT_ONCE = 3;

/** Memory of blocks that were staged, for the blocks to come: a new one for each is garbage that piles up between collections. */
export class BlockMemory {
  #free: Uint8Array[] = [];

  /** The parts, {@link BLOCK_BYTES} in all, as one block. */
  join(parts: readonly Uint8Array[]): Uint8Array {
    const block = this.#free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
    let offset = 0;
    for (const part of parts) {
      block.set(part, offset);
      offset += part.length;
    }
    return block;
  }

  /** Takes back a block that nobody reads any more. */
  giveBack(block: Uint8Array): void {
    if (block.length === BLOCK_BYTES) this.#free.push(block);
  }
}

/** Yields blocks of exactly {@link BLOCK_BYTES} and a last one that may be shorter; an empty stream gives one empty block. */
export async function* blocksOf(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  memory: BlockMemory,
): AsyncGenerator<Uint8Array> {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  let blocks = 0;
  for await (let chunk of chunks) {
    while (pendingBytes + chunk.length >= BLOCK_BYTES) {
      const head = chunk.subarray(0, BLOCK_BYTES - pendingBytes);
      yield memory.join([...pending, head]);
      blocks++;
      chunk = chunk.subarray(head.length);
      pending = [];
      pendingBytes = 0;
    }
    if (chunk.length > 0) {
      pending.push(chunk);
      pendingBytes += chunk.length;
    }
  }
  if (pendingBytes > 0 || blocks === 0) yield Buffer.concat(pending);
}

/**
 * The id of a block. It carries the stager's token, so no stager ever overwrites another's block; all ids of a blob
 * must have one length, which is why accept and every attempt use this one function.
 */
export function blockId(token: string, index: number): string {
  return Buffer.from(`${token.replaceAll('-', '')}${String(index).padStart(6, '0')}`).toString('base64');
}

/** Whether a block was staged under this token. */
export function isBlockOf(token: string, id: string): boolean {
  return Buffer.from(id, 'base64').toString().startsWith(token.replaceAll('-', ''));
}

/**
 * Stages blocks, a few at once, and gives back the memory of each once it is staged.
 * @returns the ids in order, for the block list
 * @throws what `stage` throws, once no call is under way any more
 */
export async function stageBlocks(
  blocks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  memory: BlockMemory,
  token: string,
  stage: (blockId: string, block: Uint8Array) => Promise<void>,
): Promise<string[]> {
  const ids: string[] = [];
  const underWay = new Set<Promise<void>>();
  let failure: { error: unknown } | undefined;
  try {
    for await (const block of blocks) {
      const id = blockId(token, ids.length);
      ids.push(id);
      const call: Promise<void> = stage(id, block)
        .then(() => memory.giveBack(block))
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => underWay.delete(call));
      underWay.add(call);
      if (underWay.size >= BLOCKS_AT_ONCE) await Promise.race(underWay);
      if (failure) break;
    }
  } finally {
    await Promise.all(underWay);
  }
  if (failure) throw failure.error;
  return ids;
}

/** The first block of a stream, and whether there are more: what fits one block needs no staging. */
export async function firstBlock(
  blocks: AsyncGenerator<Uint8Array>,
): Promise<{ first: Uint8Array; rest: AsyncGenerator<Uint8Array> | undefined }> {
  const { value: first } = await blocks.next();
  if (first === undefined) return { first: new Uint8Array(), rest: undefined };
  const { value: second, done } = await blocks.next();
  if (done || second === undefined) return { first, rest: undefined };
  async function* rest(): AsyncGenerator<Uint8Array> {
    try {
      yield first as Uint8Array;
      yield second as Uint8Array;
      yield* blocks;
    } finally {
      await blocks.return(undefined);
    }
  }
  return { first, rest: rest() };
}
