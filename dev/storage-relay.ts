/** One call on its way through the storage proxy: passed on unchanged, held up, or made to fail. */
import { once } from 'node:events';
import { type Agent, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { StorageService } from './storage-operation.ts';

/** One request that reached the proxy. */
export interface StorageCall {
  readonly service: StorageService;
  readonly method: string;
  /** As in Azure's documentation: 'Put Blob', 'Lease Blob: renew'. */
  readonly operation: string;
  /** As sent, the account first and the query included. */
  readonly path: string;
  /** What storage answered, or the proxy for it; undefined until then, and for good after a reset. */
  readonly status: number | undefined;
}

/**
 * `refuse`: answers 503 without asking storage. `reset`: cuts the connection without asking storage.
 * `lose-answer`: lets storage do it, then cuts the connection.
 */
export type Fault = 'refuse' | 'reset' | 'lose-answer';

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

/** As storage itself says that it is overloaded. */
const SERVER_BUSY =
  '<?xml version="1.0" encoding="utf-8"?>' +
  '<Error><Code>ServerBusy</Code><Message>Refused by the storage proxy.</Message></Error>';

/** The two sides of one call. */
export interface Relay {
  /** Of storage, on 127.0.0.1. */
  readonly port: number;
  readonly agent: Agent;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/**
 * Passes one call on, with what the interception asks for.
 * @throws when either side leaves early; the other side's connection is then to be cut.
 */
export async function relay(
  call: { status: number | undefined } & StorageCall,
  { fault, before, after }: Pick<Interception, 'fault' | 'before' | 'after'>,
  { port, agent, incoming, outgoing }: Relay,
): Promise<void> {
  await before?.(call);
  if (fault === 'reset') return cut(outgoing);
  if (fault === 'refuse') {
    incoming.resume();
    call.status = 503;
    outgoing.writeHead(503, { 'content-type': 'application/xml' }).end(SERVER_BUSY);
    return;
  }

  const forwarded = request({
    host: '127.0.0.1',
    port,
    agent,
    method: call.method,
    path: call.path,
    // As they came: Azurite keeps the case of metadata's names.
    headers: incoming.rawHeaders,
  });
  // Storage may answer and close before it has read all of the body, so the answer decides, not the sending.
  const sent = pipeline(incoming, forwarded).catch((error) => forwarded.destroy(error));
  const [answer] = (await once(forwarded, 'response')) as [IncomingMessage];
  if (fault === 'lose-answer') {
    answer.resume();
    await Promise.all([sent, once(answer, 'end')]);
  }
  call.status = answer.statusCode;
  await after?.(call);
  if (fault === 'lose-answer') return cut(outgoing);

  outgoing.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders);
  await pipeline(answer, outgoing);
}

/** Ends the connection without an answer, and with the reset that a crash would make. */
function cut(outgoing: ServerResponse): void {
  outgoing.socket?.resetAndDestroy();
}
