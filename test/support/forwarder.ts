/**
 * Stands before a server and notes what clients send it, by no other way than a client has. Passes everything on as it is, bodies
 * always, the rest where a test does not want it otherwise.
 */
import { once } from 'node:events';
import { Agent, createServer, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** What to do with a request: headers to set on the way in or to take off the answer, or an answer in the server's place. */
export interface Handling {
  /** One that is undefined does not get to the server. */
  readonly set?: Readonly<Record<string, string | undefined>>;
  /** What the server is asked for, where that is not what the client asked for. */
  readonly path?: string;
  readonly takeOff?: readonly string[];
  readonly answer?: { readonly status: number; readonly headers?: Readonly<Record<string, string>> };
  /** The server gets the request and answers it, and the connection breaks before the client hears of that. */
  readonly losesAnswer?: boolean;
}

export interface Forwarder {
  readonly port: number;
  readonly url: string;
  readonly seen: readonly Seen[];
  stop(): Promise<void>;
}

/** @param target port on 127.0.0.1, asked for with each request, since it may start later */
export async function startForwarder(
  target: () => number,
  handle: (incoming: IncomingMessage) => Handling = () => ({}),
): Promise<Forwarder> {
  const seen: Seen[] = [];
  // A connection for each request: one that is kept may be closed by the server as it is used again.
  const agent = new Agent();
  const server = createServer((incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming;
    seen.push({ method, path: url, headers });
    const { set = {}, path = url, takeOff = [], answer, losesAnswer } = handle(incoming);
    if (answer !== undefined) {
      outgoing.writeHead(answer.status, answer.headers).end();
      incoming.resume();
      return;
    }
    const sent = Object.entries({ ...headers, ...set }).filter(([, value]) => value !== undefined);
    const passed = request({ port: target(), agent, method, path, headers: Object.fromEntries(sent) });
    passed.on('response', (response) => {
      if (losesAnswer) {
        response.resume().on('end', () => outgoing.destroy());
        return;
      }
      const names = Object.entries(response.headers).filter(([name]) => !takeOff.includes(name));
      outgoing.writeHead(response.statusCode ?? 502, Object.fromEntries(names));
      // Whoever leaves, the other side sees a cut connection.
      pipeline(response, outgoing).catch(() => outgoing.destroy());
    });
    incoming.pipe(passed);
    // Answered before its body was read: the rest is dropped, the connection to the client is still good.
    passed.on('close', () => incoming.resume());
    passed.on('error', () => {
      if (!outgoing.headersSent) outgoing.destroy();
    });
    outgoing.on('close', () => {
      if (!outgoing.writableFinished) passed.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    seen,
    async stop() {
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await once(server, 'close');
    },
  };
}
