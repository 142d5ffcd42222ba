/** One call on its way through the storage proxy: passed on unchanged, held up, or made to fail. */
import { once } from 'node:events';
import type { ClientRequest, IncomingMessage, RequestOptions, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { TLSSocket } from 'node:tls';
import type { SignedBy } from './storage-authorization.ts';
import type { StorageService } from './storage-operation.ts';

/** One request that reached the proxy. */
export interface StorageCall {
  readonly service: StorageService;
  readonly method: string;
  /** As in Azure's documentation: 'Put Blob', 'Lease Blob: renew'. */
  readonly operation: string;
  /** As sent, the account first and the query included. */
  readonly path: string;
  readonly signedBy: SignedBy;
  /** What storage answered, or the proxy for it; undefined until then, and for good after a reset. */
  readonly status: number | undefined;
}

/**
 * `refuse`, `throttle`, `fail`, `forbid-key`: answers 503, 429, 500, 403 without asking storage. `reset`: cuts the connection without asking
 * storage. `lose-answer`: lets storage do it, then cuts the connection. `half-answer`: the same, after half of the answer's body, if it has one.
 */
export type Fault = keyof typeof refusals | 'reset' | 'lose-answer' | 'half-answer';

export interface Interception {
  /** Which calls: an operation's name, or any test of the call. */
  readonly on: string | ((call: StorageCall) => boolean);
  readonly fault?: Fault;
  /** Awaited before storage is asked: holds the call until something else has happened. */
  readonly before?: (call: StorageCall) => unknown;
  /** Awaited once storage has answered, before the answer goes on. */
  readonly after?: (call: StorageCall) => unknown;
  /** How many calls, from now on. Default 1. */
  readonly times?: number;
}

/** As storage itself says that it is overloaded, or broken, or that its account is used by identity alone. */
const refusals = {
  refuse: { status: 503, code: 'ServerBusy' },
  throttle: { status: 429, code: 'TooManyRequests' },
  fail: { status: 500, code: 'InternalError' },
  'forbid-key': { status: 403, code: 'KeyBasedAuthenticationNotPermitted' },
} as const;

const isRefusal = (fault: Fault): fault is keyof typeof refusals => fault in refusals;
const refusalBody = (code: string) =>
  '<?xml version="1.0" encoding="utf-8"?>' +
  `<Error><Code>${code}</Code><Message>Refused by the storage proxy.</Message></Error>`;

/** The two sides of one call. */
export interface Relay {
  /** Begins a request to storage. */
  readonly ask: (options: RequestOptions) => ClientRequest;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** Told what storage itself answered, whatever the caller then hears. */
  readonly onAnswer?: ((answer: IncomingMessage) => void) | undefined;
}

/**
 * Passes one call on, with what the interception asks for.
 * @throws when either side leaves early; the other side's connection is then to be cut.
 */
export async function relay(
  call: { status: number | undefined } & StorageCall,
  { fault, before, after }: Pick<Interception, 'fault' | 'before' | 'after'>,
  { ask, incoming, outgoing, onAnswer }: Relay,
): Promise<void> {
  await before?.(call);
  if (fault === 'reset') return cut(outgoing);
  if (fault !== undefined && isRefusal(fault)) {
    const { status, code } = refusals[fault];
    incoming.resume();
    call.status = status;
    outgoing.writeHead(status, { 'content-type': 'application/xml' }).end(refusalBody(code));
    return;
  }

  const forwarded = ask({
    method: call.method,
    path: call.path,
    // As they came: Azurite keeps the case of metadata's names.
    headers: incoming.rawHeaders,
  });
  // Storage may answer and close before it has read all of the body, so the answer decides, not the sending.
  const sent = pipeline(incoming, forwarded).catch((error) => forwarded.destroy(error));
  const [answer] = (await once(forwarded, 'response')) as [IncomingMessage];
  onAnswer?.(answer);
  if (fault === 'lose-answer') {
    answer.resume();
    await Promise.all([sent, once(answer, 'end')]);
  }
  call.status = answer.statusCode;
  await after?.(call);
  if (fault === 'lose-answer') return cut(outgoing);

  const half = fault === 'half-answer' ? await firstHalf(answer) : undefined;
  if (half?.length === 0) return cut(outgoing);
  outgoing.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders);
  if (half !== undefined) {
    outgoing.write(half, () => cut(outgoing));
    return;
  }
  await pipeline(answer, outgoing);
}

async function firstHalf(answer: IncomingMessage): Promise<Buffer> {
  const body = await buffer(answer);
  return body.subarray(0, body.length / 2);
}

/** Ends the connection without an answer, and with the reset that a crash would make. */
function cut(outgoing: ServerResponse): void {
  const { socket } = outgoing;
  // A reset is TCP's: under TLS there is none to be had.
  if (socket instanceof TLSSocket) socket.destroy();
  else socket?.resetAndDestroy();
}
