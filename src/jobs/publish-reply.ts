/** Writes an attempt's reply over the request: one Put Blob, or staged blocks and one Put Block List. */
import { Readable } from 'node:stream';
import type { Reply } from '../operations/operation.ts';
import { BlockMemory, blocksOf, firstBlock, stageBlocks } from './blocks.ts';
import { contentDisposition } from './content-disposition.ts';
import type { JobFields } from './job.ts';
import type { Ownership } from './ownership.ts';
import type { ContentHeaders, JobStore } from './ports.ts';
import { unlessAborted } from './unless-aborted.ts';

/** Bytes in memory up to this length go in one call, which costs least. */
const SINGLE_PUT_BYTES = 32 * 1024 * 1024;

/**
 * Publishes under the attempt's guard. An attempt that stages claims first, since staged blocks take no `If-Match`.
 * @returns the reply's length in bytes
 * @throws AttemptOver, StorageUnavailable, and what the reply's stream throws
 */
export async function publishReply(
  store: Pick<JobStore, 'publish' | 'publishBlocks' | 'stageBlock'>,
  owner: Ownership,
  reply: Reply,
  succeeded: (fields: JobFields) => JobFields,
  { signal, beforeFinalWrite }: { signal: AbortSignal; beforeFinalWrite: () => void },
): Promise<number> {
  const { ref } = owner.job;
  const { headers, content } = encode(reply);

  if (content instanceof Uint8Array && content.length <= SINGLE_PUT_BYTES) {
    await putWhole(content);
    return content.length;
  }
  const memory = new BlockMemory();
  const chunks = untilAborted(content instanceof Uint8Array ? [content] : content, signal);
  const blocks = blocksOf(chunks, memory);
  const { first, rest } = await firstBlock(blocks);
  if (rest === undefined) {
    await putWhole(first);
    return first.length;
  }
  let bytes = 0;
  try {
    await owner.claim();
  } catch (error) {
    await blocks.return(undefined);
    throw error;
  }
  const ids = await stageBlocks(rest, memory, owner.token, (id, block) => {
    bytes += block.length;
    return owner.stage((lease) => store.stageBlock(ref, id, block, lease));
  });
  beforeFinalWrite();
  await owner.publish((job, guard) => store.publishBlocks(ref, succeeded(job), headers, ids, guard));
  return bytes;

  function putWhole(whole: Uint8Array): Promise<void> {
    beforeFinalWrite();
    return owner.publish((job, guard) => store.publish(ref, succeeded(job), headers, whole, guard));
  }
}

/**
 * What the operation makes, unless the signal aborts first. A stream that comes after that is closed: nobody is left to read it, and
 * its error would end the process unheard.
 */
export function replyInTime(making: Promise<Reply>, signal: AbortSignal): Promise<Reply> {
  making.then(
    (reply) => {
      const stream = reply && 'stream' in reply ? reply.stream : undefined;
      if (signal.aborted && stream instanceof Readable) stream.on('error', () => undefined).destroy();
    },
    () => undefined,
  );
  return unlessAborted(making, signal);
}

function encode(reply: Reply): { headers: ContentHeaders; content: Uint8Array | AsyncIterable<Uint8Array> } {
  const headersOf = (contentType: string) => ({
    contentType,
    contentDisposition:
      reply.fileName === undefined ? undefined : contentDisposition('inline', reply.fileName),
  });
  if ('json' in reply) {
    const text = JSON.stringify(reply.json);
    if (text === undefined) throw new TypeError('the operation returned a reply that JSON cannot express');
    return { headers: headersOf(reply.contentType ?? 'application/json'), content: Buffer.from(text) };
  }
  if ('text' in reply) {
    return {
      headers: headersOf(reply.contentType ?? 'text/plain; charset=utf-8'),
      content: Buffer.from(reply.text),
    };
  }
  if ('bytes' in reply) return { headers: headersOf(reply.contentType), content: reply.bytes };
  return { headers: headersOf(reply.contentType), content: reply.stream };
}

/** Ends the stream's producer as soon as the attempt is aborted, even while it is waiting for its next chunk. */
async function* untilAborted(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const iterator =
    Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
  try {
    for (;;) {
      signal.throwIfAborted();
      // Not one promise that all chunks race with: it would hold each of them until the attempt ends.
      const next = await unlessAborted(Promise.resolve(iterator.next()), signal);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // Not awaited: a generator stuck in its own await would hold the attempt back for ever.
    void Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}
