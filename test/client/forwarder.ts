/** Stands before a server and notes what clients send it, by no other way than a client has. Passes everything on as it is. */
import { once } from 'node:events';
import { Agent, createServer, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** What to do with a request: headers to add on the way in or to take off the answer, or an answer in the server's place. */
export interface Handling {
  readonly add?: Readonly<Record<string, string>>;
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
  const agent = new Agent({ keepAlive: true });
  const server = createServer((incoming, outgoing) => {
    const { method = '', url: path = '', headers } = incoming;
    seen.push({ method, path, headers });
    const { add, takeOff = [], answer, losesAnswer } = handle(incoming);
    if (answer !== undefined) {
      outgoing.writeHead(answer.status, answer.headers).end();
      incoming.resume();
      return;
    }
    const passed = request({ port: target(), agent, method, path, headers: { ...headers, ...add } });
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
    pipeline(incoming, passed).catch(() => outgoing.destroy());
    passed.on('error', () => outgoing.destroy());
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
