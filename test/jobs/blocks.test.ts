/** Any stream in blocks of one size, a few in memory at once, whatever its length. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  BLOCK_BYTES,
  BlockMemory,
  blockId,
  blocksOf,
  firstBlock,
  stageBlocks,
} from '../../src/jobs/blocks.ts';

const TOKEN = crypto.randomUUID();

async function* streamOf(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

/** So many bytes, no two blocks of which are alike. */
function bytesOf(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let offset = 0; offset < length; offset += 4)
    bytes.writeUInt32LE(offset, Math.min(offset, length - 4));
  return bytes;
}

async function all(blocks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const read: Uint8Array[] = [];
  for await (const block of blocks) read.push(block);
  return read;
}

async function blocksIn(...chunks: Uint8Array[]): Promise<Uint8Array[]> {
  return await all(blocksOf(streamOf(...chunks), new BlockMemory()));
}

describe('a stream is cut', () => {
  test('into full blocks and a rest, whatever its chunks', async () => {
    const bytes = bytesOf(2 * BLOCK_BYTES + 1000);
    await fc.assert(
      fc.asyncProperty(
        fc
          .array(fc.nat({ max: bytes.length }), { maxLength: 12 })
          .map((cuts) => cuts.toSorted((a, b) => a - b)),
        async (cuts) => {
          const chunks = [...cuts, bytes.length].map((cut, i) => bytes.subarray(cuts[i - 1] ?? 0, cut));
          const blocks = await blocksIn(...chunks);
          expect(blocks.map(({ length }) => length)).toEqual([BLOCK_BYTES, BLOCK_BYTES, 1000]);
          expect(Buffer.concat(blocks).equals(bytes)).toBe(true);
        },
      ),
      { numRuns: 20 },
    );
  });

  test.each([
    ['nothing', 0, [0]],
    ['one byte', 1, [1]],
    ['exactly a block', BLOCK_BYTES, [BLOCK_BYTES]],
    ['a block and a byte', BLOCK_BYTES + 1, [BLOCK_BYTES, 1]],
  ])('%s: into blocks of the right lengths', async (_, length, lengths) => {
    expect((await blocksIn(Buffer.alloc(length))).map((block) => block.length)).toEqual(lengths);
  });
});

test('what fits one block is known to, and what does not is all there', async () => {
  const small = await firstBlock(blocksOf(streamOf(Buffer.from('ab'), Buffer.from('c')), new BlockMemory()));
  expect(small.rest).toBeUndefined();
  expect(Buffer.from(small.first).toString()).toBe('abc');

  const bytes = bytesOf(BLOCK_BYTES + 8);
  const large = await firstBlock(blocksOf(streamOf(bytes), new BlockMemory()));
  expect(large.rest).toBeDefined();
  expect(Buffer.concat(await all(large.rest ?? streamOf())).equals(bytes)).toBe(true);
});

describe('ids of blocks', () => {
  test('have one length, and are those of their stager alone', () => {
    const ids = [0, 9, 49_999].flatMap((index) => [
      blockId(TOKEN, index),
      blockId(crypto.randomUUID(), index),
    ]);
    expect(new Set(ids).size).toBe(6);
    expect(new Set(ids.map(({ length }) => length)).size).toBe(1);
    expect(Buffer.from(blockId(TOKEN, 1), 'base64').length).toBeLessThanOrEqual(64);
  });
});

describe('staging', () => {
  const bytes = bytesOf(9 * BLOCK_BYTES + 4);

  function blocksFrom(memory: BlockMemory): { blocks: AsyncGenerator<Uint8Array>; isClosed: () => boolean } {
    let isClosed = false;
    async function* source() {
      try {
        yield bytes;
      } finally {
        isClosed = true;
      }
    }
    return { blocks: blocksOf(source(), memory), isClosed: () => isClosed };
  }

  test('goes on a few at once; memory is that of these few, and each block is whole when it is stored', async () => {
    const memory = new BlockMemory();
    const stored = new Map<string, Buffer>();
    const buffers = new Set<ArrayBufferLike>();
    let underWay = 0;
    let most = 0;
    const ids = await stageBlocks(blocksFrom(memory).blocks, memory, TOKEN, async (id, block) => {
      if (block.length === BLOCK_BYTES) buffers.add(block.buffer);
      most = Math.max(most, ++underWay);
      // The first takes longest: its memory must not go to another meanwhile.
      for (let turns = id === blockId(TOKEN, 0) ? 50 : 1; turns > 0; turns--) await new Promise(setImmediate);
      stored.set(id, Buffer.from(block));
      underWay--;
    });
    expect(ids).toEqual(Array.from({ length: 10 }, (_, index) => blockId(TOKEN, index)));
    expect(Buffer.concat(ids.map((id) => stored.get(id) ?? Buffer.alloc(0))).equals(bytes)).toBe(true);
    expect(most).toBe(3);
    expect(buffers.size).toBeLessThanOrEqual(4);
  });

  test('that fails stops reading, waits for what is under way, and throws the first failure', async () => {
    const memory = new BlockMemory();
    const { blocks, isClosed } = blocksFrom(memory);
    let underWay = 0;
    let staged = 0;
    const refused = new Error('refused');
    const staging = stageBlocks(blocks, memory, TOKEN, async () => {
      underWay++;
      const isFirst = staged++ === 0;
      await new Promise(setImmediate);
      if (isFirst) throw refused;
      await new Promise(setImmediate);
      underWay--;
    });
    await expect(staging).rejects.toBe(refused);
    // The one that failed never counted itself out.
    expect(underWay).toBe(1);
    expect(staged).toBeLessThan(5);
    expect(isClosed()).toBe(true);
  });

  test('of a stream that breaks throws what broke it', async () => {
    const broken = new Error('broken');
    async function* source() {
      yield Buffer.alloc(BLOCK_BYTES);
      throw broken;
    }
    const memory = new BlockMemory();
    await expect(stageBlocks(blocksOf(source(), memory), memory, TOKEN, async () => undefined)).rejects.toBe(
      broken,
    );
  });
});
