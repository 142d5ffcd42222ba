/** A blob's content as one stream, resumed by ranges where the connection to storage breaks. */
import type { Readable } from 'node:stream';

/** In a row, without a byte in between: a request that is read over hours may meet any number of broken connections. */
const MOST_RESUMPTIONS = 5;

/**
 * Yields the bytes from `offset` up to `end` (exclusive), beginning with `first`, which was opened at `offset`.
 * `reopen` answers undefined where the content is no longer what it was; how that shows is its own affair.
 * @throws what broke the connection, once it has broken too often; an Error where the content is gone
 */
export async function* resumedContent(
  first: Readable,
  range: { offset: number; end: number },
  reopen: (range: { offset: number; count: number }) => Promise<Readable | undefined>,
): AsyncGenerator<Uint8Array> {
  let { offset } = range;
  let source = first;
  try {
    for (let resumptions = 0; ; resumptions++) {
      let broken: unknown;
      try {
        for await (const chunk of source) {
          offset += chunk.length;
          resumptions = 0;
          yield chunk;
        }
      } catch (error) {
        broken = error;
      }
      if (offset >= range.end) return;
      if (resumptions === MOST_RESUMPTIONS)
        throw broken ?? new Error(`the content ended after ${offset} bytes`);
      const again = await reopen({ offset, count: range.end - offset });
      if (again === undefined) throw new Error('the content is gone: the job has changed meanwhile');
      source = again;
    }
  } finally {
    source.destroy();
  }
}
