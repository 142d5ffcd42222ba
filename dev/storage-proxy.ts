/**
 * Stands between an app and its storage: counts every call, and makes the faults that storage makes seldom. What it lets
 * through it passes on unchanged, streaming both ways, so signatures hold: they cover the path and not the port.
 */
import { once } from 'node:events';
import { Agent, createServer, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { emulatorAccount, emulatorConnectionString, type StorageAccount } from './azurite.ts';
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
 * Starts a proxy on free ports of 127.0.0.1 before storage on the given ones.
 * @param observe told of every answer, in the order of their arrival
 */
export async function startStorageProxy(
  storage: { readonly blobPort: number; readonly queuePort: number },
  observe?: (answer: StorageAnswer) => void,
): Promise<StorageProxy> {
  const calls: StorageCall[] = [];
  const watches = new Set<Watch>();
  const agent = new Agent({ keepAlive: true });

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
      const call = { service, method, operation, path, status: undefined as number | undefined };
      calls.push(call);
      // Either side may leave at any moment; what the other then sees is a cut connection.
      const onAnswer = ({ statusCode = 0, headers: answered }: IncomingMessage) =>
        observe?.({ call, status: statusCode, asked: headers, answered });
      relay(call, take(call) ?? {}, { port, agent, incoming, outgoing, onAnswer }).catch(() =>
        outgoing.destroy(),
      );
    });

  const [blob, queue] = await Promise.all([
    listen(serve('blob', storage.blobPort)),
    listen(serve('queue', storage.queuePort)),
  ]);
  const ports = { blob: portOf(blob), queue: portOf(queue) };

  const intercept = (interception: Interception): Intercepted => {
    const { promise: met, resolve: meet } = Promise.withResolvers<StorageCall>();
    const watch: Watch = { ...interception, left: interception.times ?? 1, meet };
    watches.add(watch);
    return { met, remove: () => watches.delete(watch) };
  };

  return {
    blobPort: ports.blob,
    queuePort: ports.queue,
    connectionString: emulatorConnectionString(emulatorAccount, ports),
    connectionStringOf: (account) => emulatorConnectionString(account, ports),
    calls,
    count: (operation) =>
      calls.filter((call) => operation === undefined || call.operation === operation).length,
    tally() {
      const counts: Record<string, number> = {};
      for (const { operation } of calls) counts[operation] = (counts[operation] ?? 0) + 1;
      return counts;
    },
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
