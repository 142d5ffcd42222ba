/** The request as an operation reads it. */
import { Readable } from 'node:stream';
import type { JobStore, Taken } from './ports.ts';
import { resumedContent } from './resumed-content.ts';

/** The signal destroys the stream. */
export function requestContent(
  store: Pick<JobStore, 'takeRange'>,
  taken: Taken,
  signal: AbortSignal,
): Readable {
  const { sizeBytes } = taken.job;
  const chunks = resumedContent(
    store,
    taken,
    { offset: 0, end: sizeBytes },
    (job) => job.state === 'Pending',
  );
  const content = Readable.from(chunks, { objectMode: false, signal });
  // The end of an attempt destroys what its operation did not read; without a listener that would end the process.
  content.on('error', () => undefined);
  return content;
}
