/**
 * Carries one request to the library's own HTTP server in the worker, and its answer back, both as streams: a slow
 * reader on one side slows the writer on the other, and when the client leaves, the request to the worker is
 * destroyed, which is all that the app can notice.
 */
import { type Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { answerEmpty, answerEmptyAndClose, untilRead } from './answer.ts';

const NEWS_LIMIT_MS = 1_000;

export interface ForwardOptions {
  readonly agent: Agent;
  readonly workerPort: number;
  /** Resolves when the worker process has ended. */
  readonly workerEnded: Promise<unknown>;
  readonly invocationId: string;
  /** Most bytes of a request's body. */
  readonly bodyLimitBytes: number;
  /** Without a byte in either direction for so long, the client gets an empty 500, or a cut answer. */
  readonly forwarderTimeoutMs: number;
  readonly onBodyTooLarge: () => void;
}

/** Meant for the next hop alone (RFC 9110, 7.6.1), or set by whoever sends. */
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
];

/** Resolves when the exchange is over, however it ended. */
export async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  options: ForwardOptions,
): Promise<void> {
  const upstream = httpRequest({
    agent: options.agent,
    host: '127.0.0.1',
    port: options.workerPort,
    method: request.method,
    path: request.url,
    headers: requestHeaders(request, options.invocationId),
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    upstream.once('response', resolve).on('error', reject);
  });
  upstream.setTimeout(options.forwarderTimeoutMs, () => upstream.destroy(new Error('forwarder time-out')));
  response.once('close', () => {
    if (!response.writableFinished) upstream.destroy(new Error('the client left'));
  });
  sendBody(request, upstream, options.bodyLimitBytes, () => {
    options.onBodyTooLarge();
    upstream.destroy(new Error('the body is too large'));
  });

  try {
    const answer = await answered;
    response.writeHead(answer.statusCode ?? 500, responseHeaders(answer));
    await pipeline(answer, response, { end: false });
    // Answered before its end: nobody takes the rest of the body.
    if (!request.complete) upstream.destroy();
    // Ending a response while the client still sends would reset the connection under its feet.
    await untilRead(request);
    response.end();
  } catch (error) {
    upstream.destroy();
    if (!response.headersSent) await newsOfWorker(error, options.workerEnded);
    if (response.headersSent) response.destroy();
    else if (request.complete) await answerEmpty(response, 500);
    else await answerEmptyAndClose(response, 500);
  }
}

/**
 * A connection that breaks is most often the worker's end. The host learns of that a moment later, and until then
 * would send the client's next request to the same dead process; so the answer waits for the news.
 */
async function newsOfWorker(error: unknown, workerEnded: Promise<unknown>): Promise<void> {
  // Without a code it was broken on this side.
  if ((error as NodeJS.ErrnoException).code === undefined) return;
  const limit = new AbortController();
  const waited = delay(NEWS_LIMIT_MS, undefined, { signal: limit.signal }).catch(() => {});
  await Promise.race([workerEnded, waited]);
  limit.abort();
}

/** Sends the request's body on. Past the limit it sends nothing more and calls `onTooLarge`, once. */
function sendBody(
  request: IncomingMessage,
  upstream: ReturnType<typeof httpRequest>,
  limitBytes: number,
  onTooLarge: () => void,
): void {
  let sizeBytes = 0;
  const resume = () => request.resume();
  // As YARP does: what reads no body may answer a client that sends it late. Without a body Node is to say so, by a length of 0.
  if (hasBody(request)) upstream.flushHeaders();
  const onData = (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes > limitBytes) {
      request.off('data', onData);
      onTooLarge();
    } else if (!upstream.destroyed && !upstream.write(chunk)) {
      request.pause();
    }
  };
  request.on('data', onData);
  request.once('end', () => upstream.end());
  upstream.on('drain', resume);
  // Once nobody takes it any more, the rest is read and dropped.
  upstream.once('close', resume);
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

function requestHeaders(request: IncomingMessage, invocationId: string): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  const dropped = new Set([...hopByHop, ...connectionOptions(request)]);
  for (const [name, values = []] of Object.entries(request.headersDistinct)) {
    if (!dropped.has(name)) headers[name] = values.length === 1 ? (values[0] ?? '') : values;
  }
  if (request.headers['transfer-encoding'] !== undefined) headers['transfer-encoding'] = 'chunked';
  // The library builds the request's URL from these two, so a client must not choose them.
  headers['x-forwarded-host'] = request.headers.host ?? '';
  headers['x-forwarded-proto'] = 'http';
  headers['x-ms-invocation-id'] = invocationId;
  return headers;
}

function responseHeaders(answer: IncomingMessage): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  const dropped = new Set([...hopByHop, ...connectionOptions(answer), 'date']);
  for (const [name, values = []] of Object.entries(answer.headersDistinct)) {
    if (!dropped.has(name)) headers[name] = values.length === 1 ? (values[0] ?? '') : values;
  }
  return headers;
}

/** The headers that `Connection` declares to be for this hop alone. */
function connectionOptions(message: IncomingMessage): string[] {
  return (message.headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
}
