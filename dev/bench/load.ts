/**
 * Clients that ask one after the other, each as soon as it has its answer, on connections that are kept. Node's plain client:
 * what it takes of the machine it takes from both sides alike, and fetch takes several times as much.
 */
import { Agent, request as httpRequest } from 'node:http';
import { quantile } from './figure.ts';

export interface Ask {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The status that the answer has to have, or one of them: another one ends the bench. */
  readonly expects: number | readonly number[];
}

export interface LoadResult {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface LoadOptions {
  readonly clients: number;
  /** How long clients begin requests. Default: until all `requests` are done. */
  readonly seconds?: number;
  /** How many they make at most. Default: as many as there is time for. */
  readonly requests?: number;
  /** What a client asks next. */
  readonly next: (client: number) => Ask;
}

/** @throws {Error} naming the answer that was not expected */
export async function load({
  clients,
  seconds = Number.POSITIVE_INFINITY,
  requests = Number.POSITIVE_INFINITY,
  next,
}: LoadOptions): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true });
  const beganMs = performance.now();
  const untilMs = beganMs + seconds * 1000;
  const latenciesMs: number[] = [];
  let left = requests;

  async function client(index: number): Promise<void> {
    for (let nowMs = performance.now(); nowMs < untilMs && left > 0; ) {
      left -= 1;
      await exchange(next(index), agent);
      const thenMs = performance.now();
      latenciesMs.push(thenMs - nowMs);
      nowMs = thenMs;
    }
  }
  try {
    await Promise.all(Array.from({ length: clients }, (_, index) => client(index)));
  } finally {
    agent.destroy();
  }
  const tookSeconds = (performance.now() - beganMs) / 1000;
  latenciesMs.sort((one, other) => one - other);
  return {
    requests: latenciesMs.length,
    requestsPerSecond: latenciesMs.length / tookSeconds,
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
  };
}

/** One request on a connection of its own. @throws {Error} naming the answer that was not expected */
export async function askOnce(ask: Ask): Promise<Exchanged> {
  const agent = new Agent();
  try {
    return await exchange(ask, agent);
  } finally {
    agent.destroy();
  }
}

/** The answer's head, once its body has been read. */
export interface Exchanged {
  readonly status: number;
  readonly location: string | undefined;
}

/** @throws {Error} naming the answer that was not expected */
export function exchange({ method, url, headers, body, expects }: Ask, agent: Agent): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    httpRequest(url, { method, agent, headers: { ...headers, ...length } }, (answer) => {
      answer.resume();
      answer.once('error', reject);
      answer.once('end', () => {
        const {
          statusCode: status = 0,
          headers: { location },
        } = answer;
        if ([expects].flat().includes(status)) resolve({ status, location });
        else
          reject(
            new Error(`${method} ${new URL(url).pathname} answered ${status} where ${expects} was expected.`),
          );
      });
    })
      .once('error', reject)
      .end(body);
  });
}
