/** The content of a Get Blob as a stream. */
import type { Readable } from 'node:stream';

/** Whoever destroys it unread, or reads it later, does not wait for the connection's error, which would end the process unheard. */
export function contentOf({ readableStreamBody }: { readableStreamBody?: NodeJS.ReadableStream }): Readable {
  const content = readableStreamBody as Readable;
  content.on('error', () => undefined);
  return content;
}
