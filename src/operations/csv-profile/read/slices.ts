/** Cuts a stream into slices of one size, whatever the chunks it arrives in: each is parsed in one go. */
import { addAbortSignal, type Readable } from 'node:stream';
import { SLICE_BYTES } from '../limits.ts';

/**
 * Slices of {@link SLICE_BYTES}, the last one shorter; none of an empty stream. The stream is destroyed at the end.
 * @throws what the signal was aborted with, at once, even while the stream stands still.
 */
export async function* slicesOf(body: Readable, signal: AbortSignal): AsyncGenerator<Buffer> {
  addAbortSignal(signal, body);
  try {
    let kept: Buffer[] = [];
    let keptBytes = 0;
    for await (const chunk of body) {
      kept.push(asBuffer(chunk));
      keptBytes += chunk.length;
      if (keptBytes < SLICE_BYTES) continue;

      const bytes = kept.length === 1 && kept[0] ? kept[0] : Buffer.concat(kept);
      let at = 0;
      for (; bytes.length - at >= SLICE_BYTES; at += SLICE_BYTES) yield bytes.subarray(at, at + SLICE_BYTES);
      kept = [bytes.subarray(at)];
      keptBytes = bytes.length - at;
    }
    if (keptBytes > 0) yield Buffer.concat(kept);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

function asBuffer(chunk: Uint8Array | string): Buffer {
  if (typeof chunk === 'string') return Buffer.from(chunk);
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
}
