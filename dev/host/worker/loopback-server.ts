/**
 * Keeps the library's HTTP server on loopback. The library listens on all interfaces, which behind Azure's front end
 * reaches nobody; on a developer's machine it would offer the app, without keys, to the whole network.
 */
import { Server } from 'node:http';
import { Server as NetServer } from 'node:net';

/**
 * Calls `open`, which is expected to make one server listen before it first waits, and returns what it returns.
 * @throws {Error} when it announces a server that was not caught: it may be open to the network.
 */
export async function onLoopback(
  open: () => Promise<Record<string, string>>,
): Promise<Record<string, string>> {
  const listen = NetServer.prototype.listen;
  let caught = false;
  NetServer.prototype.listen = function listenOnLoopback(this: NetServer, onListening: () => void) {
    caught = true;
    // The host decides when a connection has been idle for too long; two sides that decide would lose requests.
    if (this instanceof Server) this.keepAliveTimeout = 0;
    return Reflect.apply(listen, this, [0, '127.0.0.1', onListening]);
  } as NetServer['listen'];
  let opening: Promise<Record<string, string>>;
  try {
    opening = open();
  } finally {
    NetServer.prototype.listen = listen;
  }
  const capabilities = await opening;
  if (capabilities.HttpUri !== undefined && !caught) {
    throw new Error("The library's HTTP server could not be limited to loopback.");
  }
  return capabilities;
}
