/**
 * Stands between an app and its storage: counts every call, and makes the faults that storage makes seldom. What it lets
 * through it passes on unchanged, streaming both ways, so signatures hold: they cover the path and not the port.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http, {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { emulatorAccount, emulatorConnectionString, type StorageAccount, type TlsFiles } from './azurite.ts';
import { signedBy } from './storage-authorization.ts';
import { operationName, type StorageService } from './storage-operation.ts';
import { type Fault, type Interception, relay, type StorageCall } from './storage-relay.ts';

export interface Intercepted {
  /** Resolves with the first call that matched, when it matched. */
  readonly met: Promise<StorageCall>;
  /** Lets further calls pass. */
  remove(): void;
}

export interface StorageProxy {
  readonly blobPort: number;
  readonly queuePort: number;
  /** For the emulator's own account. */
  readonly connectionString: string;
  connectionStringOf(account: StorageAccount): string;
  /** In the order of their arrival, since the start or the last `reset`. */
  readonly calls: readonly StorageCall[];
  /** How many calls, of one operation or of all. */
  count(operation?: string): number;
  /** How many calls by operation. */
  tally(): Record<string, number>;
  /** Forgets the calls counted and the interceptions. */
  reset(): void;
  intercept(interception: Interception): Intercepted;
  /** Short for `intercept({ on, fault })`. */
  failNext(on: Interception['on'], fault: Fault): Intercepted;
  /** Cuts what is open and frees the ports. */
  stop(): Promise<void>;
}

interface Watch extends Interception {
  left: number;
  readonly meet: (call: StorageCall) => void;
}

/** What storage itself answered to a call, even where the caller never hears it. */
export interface StorageAnswer {
  readonly call: StorageCall;
  readonly status: number;
  readonly asked: IncomingHttpHeaders;
  readonly answered: IncomingHttpHeaders;
}

/**
 * Starts a proxy on free ports of 127.0.0.1 before storage on the given ones. Before storage that serves https it serves https too,
 * by the same certificate, and takes no key, as an account with `allowSharedKeyAccess: false`.
 * @param observe told of every answer, in the order of their arrival
 */
export async function startStorageProxy(
  storage: { readonly blobPort: number; readonly queuePort: number; readonly tls?: TlsFiles },
  observe?: (answer: StorageAnswer) => void,
): Promise<StorageProxy> {
  const calls: StorageCall[] = [];
  const watches = new Set<Watch>();
  const { createServer, request, agent } = transport(storage.tls);

  const take = (call: StorageCall): Watch | undefined => {
    for (const watch of watches) {
      const matches = typeof watch.on === 'string' ? watch.on === call.operation : watch.on(call);
      if (!matches) continue;
      watch.left -= 1;
      if (watch.left <= 0) watches.delete(watch);
      watch.meet(call);
      return watch;
    }
    return undefined;
  };

  const serve = (service: StorageService, port: number) =>
    createServer((incoming, outgoing) => {
      const { method = '', url: path = '', headers } = incoming;
      const operation = operationName(service, method, path, headers);
      const call: { status: number | undefined } & StorageCall = {
        service,
        method,
        operation,
        path,
        signedBy: signedBy(path, headers),
        status: undefined,
      };
      calls.push(call);
      const isForbidden = storage.tls !== undefined && call.signedBy === 'key';
      // Either side may leave at any moment; what the other then sees is a cut connection.
      const onAnswer = ({ statusCode = 0, headers: answered }: IncomingMessage) =>
        observe?.({ call, status: statusCode, asked: headers, answered });
      relay(call, isForbidden ? { fault: 'forbid-key' } : (take(call) ?? {}), {
        ask: (options) => request({ host: '127.0.0.1', port, agent, ...options }),
        incoming,
        outgoing,
        onAnswer,
      }).catch(() => outgoing.destroy());
    });

  const [blob, queue] = await Promise.all([
    listen(serve('blob', storage.blobPort)),
    listen(serve('queue', storage.queuePort)),
  ]);
  const ports = { blob: portOf(blob), queue: portOf(queue) };
  const connectionStringOf = (account: StorageAccount) =>
    emulatorConnectionString(account, ports, storage.tls && 'https');

  const intercept = (interception: Interception): Intercepted => {
    const { promise: met, resolve: meet } = Promise.withResolvers<StorageCall>();
    const watch: Watch = { ...interception, left: interception.times ?? 1, meet };
    watches.add(watch);
    return { met, remove: () => watches.delete(watch) };
  };

  return {
    blobPort: ports.blob,
    queuePort: ports.queue,
    connectionString: connectionStringOf(emulatorAccount),
    connectionStringOf,
    calls,
    count: (operation) =>
      calls.filter((call) => operation === undefined || call.operation === operation).length,
    tally: () => tallyOf(calls),
    reset() {
      calls.length = 0;
      watches.clear();
    },
    intercept,
    failNext: (on, fault) => intercept({ on, fault }),
    async stop() {
      await Promise.all([blob, queue].map(close));
      agent.destroy();
    },
  };
}

/** How many calls by operation. */
export function tallyOf(calls: readonly StorageCall[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { operation } of calls) counts[operation] = (counts[operation] ?? 0) + 1;
  return counts;
}

function transport(tls: TlsFiles | undefined) {
  if (tls === undefined) {
    const agent = new http.Agent({ keepAlive: true });
    return {
      createServer: (serve: RequestListener) => http.createServer(serve),
      request: http.request,
      agent,
    };
  }
  const [cert, key] = [readFileSync(tls.certFile), readFileSync(tls.keyFile)];
  return {
    createServer: (serve: RequestListener) => https.createServer({ cert, key }, serve),
    request: https.request,
    agent: new https.Agent({ keepAlive: true, ca: cert }),
  };
}

async function listen(server: Server): Promise<Server> {
  // An upload of an hour is not the proxy's to end.
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
