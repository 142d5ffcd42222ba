/** A blob's content as one stream, resumed by ranges where the connection to storage breaks. */
import type { Job } from './job.ts';
import type { JobStore, Taken } from './ports.ts';

const MOST_RESUMPTIONS = 5;

/**
 * Yields the bytes from `offset` up to `end` (exclusive), beginning with `taken`, which was opened at `offset`.
 * `stillThere` judges the job that a resumption finds: an ETag would not do, since progress changes it.
 * @throws what broke the connection, once it has broken too often; an Error where the content is gone
 */
export async function* resumedContent(
  store: Pick<JobStore, 'takeRange'>,
  taken: Taken,
  range: { offset: number; end: number },
  stillThere: (job: Job) => boolean,
): AsyncGenerator<Uint8Array> {
  let { offset } = range;
  let source = taken.content;
  try {
    for (let resumptions = 0; ; resumptions++) {
      let broken: unknown;
      try {
        for await (const chunk of source) {
          offset += chunk.length;
          yield chunk;
        }
      } catch (error) {
        broken = error;
      }
      if (offset >= range.end) return;
      if (resumptions === MOST_RESUMPTIONS)
        throw broken ?? new Error(`the content ended after ${offset} bytes`);
      const again = await store.takeRange(taken.job.ref, { offset, count: range.end - offset });
      if (again === undefined || !stillThere(again.job)) {
        again?.content.destroy();
        throw new Error('the content is gone: the job has changed meanwhile');
      }
      source = again.content;
    }
  } finally {
    source.destroy();
  }
}
