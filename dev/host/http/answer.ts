/** Answers that the host itself makes: empty ones, and the end of a request whose body nobody wants. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** As Kestrel: for so long an unwanted body is read, so that the client sees the answer and not a reset. */
const UNWANTED_BODY_MS = 5_000;

/**
 * An answer without a body, which is all the real host says on its own. Says it at once; then reads what still comes of the
 * request's body, since ending before that would reset the connection under the client's feet.
 */
export async function answerEmpty(
  response: ServerResponse,
  status: number,
  headers: OutgoingHttpHeaders = {},
): Promise<void> {
  const { req: request } = response;
  response.writeHead(status, { 'Content-Length': 0, ...headers });
  response.flushHeaders();
  request.resume();
  await untilRead(request);
  response.end();
}

/** The same, and the connection is not used again. */
export function answerEmptyAndClose(response: ServerResponse, status: number): Promise<void> {
  return answerEmpty(response, status, { Connection: 'close' });
}

/** Resolves when the request's body has been read, its client has gone, or the patience has ended. */
export function untilRead(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    if (request.complete || request.destroyed) return resolve();
    const done = () => {
      clearTimeout(timer);
      request.off('end', done).off('close', done);
      resolve();
    };
    const timer = setTimeout(done, UNWANTED_BODY_MS);
    request.on('end', done).on('close', done);
  });
}
