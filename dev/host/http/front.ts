/**
 * The host's HTTP server: what Kestrel, routing and authorization do to a request before the worker sees it.
 * Everything it answers on its own is empty.
 */
import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { HttpFunction } from '../functions.ts';
import type { HostLog } from '../host-log.ts';
import type { StartInvocation } from '../invoker.ts';
import type { TypedData } from '../rpc.ts';
import type { WorkerProcess } from '../worker-process.ts';
import { type AdminOptions, answerAdmin, answerHome } from './admin.ts';
import { answerEmpty, answerEmptyAndClose } from './answer.ts';
import { forward } from './forward.ts';
import { watchIdleConnections } from './idle-connections.ts';
import { refusalOf } from './refusal.ts';
import { type MatchRoute, pathSegments } from './routing.ts';
import type { EnterThrottle } from './throttle.ts';

/** Above the limits of refusal.ts, so that it and not the parser says which one was passed. */
const PARSER_LIMIT_BYTES = 128 * 1024;
const KEEP_ALIVE_MS = 130_000;
const INVOCATION_REASON = 'This function was programmatically called via the host APIs.';

export interface FrontOptions {
  readonly log: HostLog;
  readonly matchRoute: MatchRoute;
  readonly mayCall: (request: IncomingMessage, httpFunction: HttpFunction) => boolean;
  readonly enterThrottle: EnterThrottle;
  readonly admin: AdminOptions;
  readonly currentWorker: () => Promise<WorkerProcess>;
  readonly startInvocation: StartInvocation;
  readonly bodyLimitBytes: number;
  readonly forwarderTimeoutMs: number;
}

export interface HttpFront {
  readonly server: Server;
  /** Takes no new connection or request, and resolves when the last one has been answered. */
  drain(): Promise<void>;
  /** Cuts every connection. */
  destroy(): void;
}

export function createHttpFront(options: FrontOptions): HttpFront {
  const agent = new Agent({ keepAlive: true });
  let isDraining = false;

  const server = createServer({
    maxHeaderSize: PARSER_LIMIT_BYTES,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // A slow upload is cut by nobody in Azure either, as long as it moves.
    requestTimeout: 0,
  });
  const closeIdleConnections = watchIdleConnections(server);
  server.on('request', (request, response) => {
    response.setHeader('Server', 'Kestrel');
    if (isDraining) response.setHeader('Connection', 'close');
    // An answer that began before the drain has promised to keep the connection.
    response.once('close', () => {
      if (isDraining) closeIdleConnections();
    });
    answer(request, response).catch((error) => {
      options.log.write('error', 'Host', `HTTP request failed: ${error.message}`);
      if (response.headersSent) response.destroy();
      else answerEmpty(response, 500);
    });
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return socket.destroy();
    const status =
      error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
    const date = new Date().toUTCString();
    socket.end(
      `HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\nDate: ${date}\r\nServer: Kestrel\r\n\r\n`,
    );
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = refusalOf(request);
    if (refusal !== undefined) return await answerEmptyAndClose(response, refusal);
    const [path = '', query = ''] = splitOnce(request.url ?? '', '?');
    const segments = pathSegments(path);
    if (segments.length === 0) return answerHome(response);
    if (segments[0]?.toLowerCase() === 'admin')
      return await answerAdmin(request, response, segments, options.admin);

    const match = options.matchRoute(request.method ?? '', segments);
    if (match === undefined) return answerEmpty(response, 404);
    if (!options.mayCall(request, match.httpFunction)) return answerEmpty(response, 401);
    const entered = options.enterThrottle();
    if (entered === undefined) return answerEmpty(response, 429, { 'x-function-scaleout': '1' });
    const leave = await entered;
    try {
      await callFunction(
        request,
        response,
        match.httpFunction,
        triggerMetadata(request, query, match.params),
      );
    } finally {
      leave();
    }
  }

  async function callFunction(
    request: IncomingMessage,
    response: ServerResponse,
    { name, triggerName }: HttpFunction,
    metadata: Record<string, TypedData>,
  ): Promise<void> {
    const onBodyTooLarge = () => {
      const limit = options.bodyLimitBytes;
      const text = `Request body too large. The max request body size is ${limit} bytes.`;
      options.log.write('error', 'Host', text);
    };
    if (Number(request.headers['content-length'] ?? 0) > options.bodyLimitBytes) {
      onBodyTooLarge();
      return await answerEmptyAndClose(response, 500);
    }
    const worker = await options.currentWorker();
    if (response.destroyed) return;
    const { invocationId } = options.startInvocation(worker, INVOCATION_REASON, {
      functionName: name,
      // The library takes the request itself from its own server, by the invocation's id.
      inputData: [{ name: triggerName, data: {} }],
      triggerMetadata: metadata,
    });
    await forward(request, response, {
      agent,
      workerPort: worker.httpPort ?? 0,
      workerEnded: worker.ended,
      invocationId,
      bodyLimitBytes: options.bodyLimitBytes,
      forwarderTimeoutMs: options.forwarderTimeoutMs,
      onBodyTooLarge,
    });
  }

  return {
    server,
    drain() {
      isDraining = true;
      return new Promise((resolve) => {
        server.close(() => {
          agent.destroy();
          resolve();
        });
        closeIdleConnections();
      });
    },
    destroy() {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
}

/**
 * What the library makes `request.params` and `request.headers` from. Names are compared without case and keep their
 * first spelling, query before route: so `?ID=x` takes the name, though not the value, of a route's `{id}`.
 */
function triggerMetadata(
  request: IncomingMessage,
  query: string,
  params: Readonly<Record<string, string>>,
): Record<string, TypedData> {
  const values = new Map<string, [name: string, value: string]>();
  const put = (name: string, value: string) => {
    const key = name.toLowerCase();
    values.set(key, [values.get(key)?.[0] ?? name, value]);
  };
  const search = new URLSearchParams(query);
  for (const name of search.keys())
    if (name.toLowerCase() !== 'code') put(name, search.getAll(name).join(','));
  for (const [name, value] of Object.entries(params)) put(name, value);
  const metadata: Record<string, TypedData> = {};
  for (const [name, value] of values.values()) metadata[name] = { string: value };
  metadata.Headers = { json: JSON.stringify(request.headers) };
  return metadata;
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
