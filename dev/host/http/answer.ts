/** Answers that the host itself makes: empty ones, and the end of a request whose body nobody wants. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** As Kestrel: for so long an unwanted body is read, so that the client sees the answer and not a reset. */
const UNWANTED_BODY_MS = 5_000;

/** An answer without a body, which is all the real host says on its own. */
export function answerEmpty(
  response: ServerResponse,
  status: number,
  headers: OutgoingHttpHeaders = {},
): void {
  response.writeHead(status, { 'Content-Length': 0, ...headers }).end();
}

/** An empty answer before the request's body has been read: says it at once, then reads on for a moment, then closes. */
export async function answerEmptyAndClose(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
): Promise<void> {
  response.writeHead(status, { 'Content-Length': 0, Connection: 'close' });
  response.flushHeaders();
  request.resume();
  await untilRead(request);
  response.end();
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
