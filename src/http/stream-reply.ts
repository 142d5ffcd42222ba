/** `?reply=stream`: the reply's bytes through the app, of any size, at the pace of the client, in flat memory. */
import type { HttpRequest } from '@azure/functions';
import { jobUnknown } from '../jobs/errors.ts';
import type { Job } from '../jobs/job.ts';
import type { JobStore } from '../jobs/ports.ts';
import { reopening } from '../jobs/reopen-content.ts';
import { resumedContent } from '../jobs/resumed-content.ts';
import { type Log, logs } from '../logs.ts';
import { type Answer, empty } from './answer.ts';
import { byteRangeOf } from './byte-range.ts';
import type { ClientConnection } from './client-connection.ts';

/** Without sight of the client's connection a longer reply could fill memory: it is then redirected to. */
export const MOST_UNPACED_BYTES = 64 * 1024 * 1024;

/** Neither may a reply run as a page of the app's origin, nor be taken for another type than it says. */
const HARMLESS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
};

/**
 * Answers `200`, or `206` to a single range of a `GET`. A `HEAD` opens no content.
 * Throws HttpRefusal (`range-not-satisfiable`), Refusal (`job-unknown`), StorageUnavailable.
 */
export async function streamReply(
  store: Pick<JobStore, 'takeRange'>,
  job: Job,
  request: Pick<HttpRequest, 'method' | 'headers'>,
  connection: ClientConnection | undefined,
  log: Log,
): Promise<Answer> {
  const { sizeBytes, etag } = job;
  const ifRange = request.headers.get('if-range');
  // A range is of what a GET transfers, and of nothing else (RFC 9110, section 14.2): a HEAD, or a start that waited, is of all of it.
  const isRanged = request.method === 'GET' && (ifRange === null || ifRange === etag);
  const wanted = isRanged ? request.headers.get('range') : null;
  const range = byteRangeOf(wanted, sizeBytes);
  const { offset, end } = range ?? { offset: 0, end: sizeBytes };
  const headers = {
    ...HARMLESS,
    'content-type': job.contentType,
    'content-length': String(end - offset),
    'content-disposition': (job.contentDisposition ?? 'attachment').replace(/^inline/, 'attachment'),
    'accept-ranges': 'bytes',
    etag,
    ...(range && { 'content-range': `bytes ${offset}-${end - 1}/${sizeBytes}` }),
  };
  const status = range === undefined ? 200 : 206;
  if (request.method === 'HEAD' || end === offset) return empty(status, headers);

  const taken = await store.takeRange(
    job.ref,
    range === undefined ? { offset: 0 } : { offset, count: end - offset },
    etag,
  );
  if (taken === undefined) throw jobUnknown();
  const chunks = resumedContent(
    taken.content,
    { offset, end },
    reopening(store, job.ref, (now) => now.etag === etag),
  );
  return { status, headers, body: paced(chunks, () => taken.content.destroy(), connection, job.ref, log) };
}

/**
 * Waits for the client before each chunk, stops when it leaves, and cuts the connection when the reply breaks off: the
 * library would write without waiting, and leave its client hanging after an error.
 */
async function* paced(
  chunks: AsyncGenerator<Uint8Array>,
  abandon: () => void,
  connection: ClientConnection | undefined,
  ref: string,
  log: Log,
): AsyncGenerator<Uint8Array> {
  const stopListening = connection?.onClose(abandon);
  try {
    for await (const chunk of chunks) {
      if (connection?.isClosed) return;
      yield chunk;
      await connection?.drained();
    }
  } catch (error) {
    if (connection?.isClosed) return;
    logs.replyCut(log, { ref }, error);
    if (connection === undefined) throw error;
    connection.cut();
  } finally {
    stopListening?.();
  }
}
