/** Sends requests to the app and holds its answers to the contract: no 5xx, no hang, problems in their form. */
import { once } from 'node:events';
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { HttpInput } from './http-inputs.ts';
import type { Finding } from './run-inputs.ts';

/** Far beyond what a short wait and a busy machine take. */
const HANG_MS = 60_000;

export interface HttpFuzz {
  send(input: HttpInput): Promise<Finding>;
  sendRaw(bytes: Uint8Array): Promise<Finding>;
  stop(): void;
}

export function fuzzHttp(origin: string): HttpFuzz {
  const { hostname, port } = new URL(origin);
  const agent = new Agent({ keepAlive: true });

  async function send(input: HttpInput): Promise<Finding> {
    const { method, target, body } = input;
    const headers: Record<string, string> = { ...input.headers };
    if (body !== undefined) {
      if (input.isChunked) headers['transfer-encoding'] = 'chunked';
      else headers['content-length'] = String(body.length);
    }
    const signal = AbortSignal.timeout(HANG_MS);
    let exchange: ClientRequest;
    try {
      exchange = request({ hostname, port, agent, method, path: target, headers, signal });
    } catch {
      return undefined; // Node's client does not send this; the raw inputs do.
    }
    exchange.on('error', () => undefined);
    if (body !== undefined && input.isCutShort && body.length > 1) {
      exchange.write(body.subarray(0, body.length / 2));
      exchange.flushHeaders();
      setImmediate(() => exchange.destroy());
      await once(exchange, 'close').catch(() => undefined);
      return undefined;
    }
    try {
      exchange.end(body);
      const [answer] = (await once(exchange, 'response')) as [IncomingMessage];
      return judge(answer, await text(answer), input);
    } catch (error) {
      if (signal.aborted) return `no answer in ${HANG_MS / 1000} s`;
      // The host hangs up on what its own parser or limits refuse.
      return isRefusedByParser(error) ? undefined : `no answer: ${error}`;
    }
  }

  function judge(answer: IncomingMessage, body: string, { method }: HttpInput): Finding {
    const { statusCode = 0, headers } = answer;
    if (statusCode >= 500) return `${statusCode} ${body.slice(0, 300)}`;
    const isProblem = headers['content-type'] === 'application/problem+json';
    if (isProblem && method !== 'HEAD') {
      const problem = JSON.parse(body) as { status?: number; type?: string };
      if (problem.status !== statusCode || !problem.type?.startsWith('urn:problem-type:request-reply:'))
        return `a problem of another form: ${body}`;
    }
    const location = headers.location ?? '';
    if (/[?&](code|wait)=/.test(location)) return `Location carries what it must not: ${location}`;
    if (location !== '' && statusCode === 202 && new URL(location).host !== `${hostname}:${port}`)
      return `Location leads elsewhere: ${location}`;
    return undefined;
  }

  async function sendRaw(bytes: Uint8Array): Promise<Finding> {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    socket.write(bytes);
    // Half of them wait for more that never comes: that the server waits too is its right.
    socket.end();
    const closed = once(socket, 'close');
    const hang = setTimeout(() => socket.destroy(new Error('hang')), HANG_MS);
    await closed.catch(() => undefined);
    clearTimeout(hang);
    for (const [, status = ''] of received.matchAll(/^HTTP\/1\.1 (\d{3})/gm)) {
      if (Number(status) >= 500) return `${status} to raw bytes: ${received.slice(0, 300)}`;
    }
    return undefined;
  }

  return { send, sendRaw, stop: () => agent.destroy() };
}

function isRefusedByParser(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return code === 'ECONNRESET' || code === 'EPIPE' || code.startsWith('HPE_');
}
