/** A server on loopback that answers as it is told, one request after another; it ends with the test. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach } from '@jest/globals';

export interface Seen {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
export type Turn = (response: ServerResponse, origin: string) => void;

let server: Server | undefined;
afterEach(() => {
  server?.close();
  hangUp();
});

/** Ends what is under way without an answer. */
export function hangUp(): void {
  server?.closeAllConnections();
}

/** A server that answers its requests in turn. */
export async function serve(...turns: readonly Turn[]): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const left = [...turns];
  server = createServer(async (request, response) => {
    const { method, url: path, headers } = request;
    seen.push({ method, path, headers, body: await text(request) });
    left.shift()?.(response, url);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, seen };
}

export const answer =
  (status: number, headers: Readonly<Record<string, string>> = {}, body = ''): Turn =>
  (response) =>
    response.writeHead(status, headers).end(body);
