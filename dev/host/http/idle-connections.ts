/**
 * Which connections answer no request. Node's `closeIdleConnections` knows those alone that have had one: what a browser
 * opens ahead, and whoever stops in the middle of a request's head, would hold up a stop until its time is over.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Begins to watch the server; the result closes the connections that are idle now. */
export function watchIdleConnections(server: Server): () => void {
  const requests = new Map<Socket, number>();
  const count = (socket: Socket, more: number) => {
    const known = requests.get(socket);
    if (known !== undefined) requests.set(socket, known + more);
  };
  server.on('connection', (socket: Socket) => {
    requests.set(socket, 0);
    socket.once('close', () => requests.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    count(socket, 1);
    response.once('close', () => count(socket, -1));
  });
  return () => {
    for (const [socket, inFlight] of requests) if (inFlight === 0) socket.destroy();
  };
}
