/**
 * The client's end of an invocation. The library hands a handler neither its response nor any sign of a client that has
 * left or stopped reading; Node's diagnostics channel shows each response of the library's own server as it begins, and the
 * header x-ms-invocation-id, which the host sets, says whose it is.
 */
import diagnosticsChannel from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface ClientConnection {
  /** Resolves once the client has room for more, at once where it has; also when it has left. */
  drained(): Promise<void>;
  readonly isClosed: boolean;
  /** Calls back when the client leaves or the answer is complete; returns a function that stops listening. */
  onClose(listener: () => void): () => void;
  /** Cuts the answer short, so that the client sees that it is not whole. */
  cut(): void;
}

/** The connection of an invocation, undefined where it could not be paired. */
export type ConnectionOf = (invocationId: string) => ClientConnection | undefined;

const INVOCATION_ID = 'x-ms-invocation-id';

/** Begins to listen; called once, before the first request. */
export function pairConnections(): ConnectionOf {
  const responses = new Map<string, ServerResponse>();
  diagnosticsChannel.subscribe('http.server.request.start', (message) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    const invocationId = request.headers[INVOCATION_ID];
    if (typeof invocationId !== 'string') return;
    responses.set(invocationId, response);
    response.once('close', () => responses.delete(invocationId));
  });

  return function connectionOf(invocationId) {
    const response = responses.get(invocationId);
    return response && clientConnection(response);
  };
}

function clientConnection(response: ServerResponse): ClientConnection {
  return {
    async drained() {
      if (!response.writableNeedDrain || response.destroyed) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      response.once('drain', resolve);
      response.once('close', resolve);
      await promise;
      response.off('drain', resolve);
      response.off('close', resolve);
    },
    get isClosed() {
      return response.destroyed || response.closed;
    },
    onClose(listener) {
      response.once('close', listener);
      return () => response.off('close', listener);
    },
    cut() {
      response.destroy();
    },
  };
}
