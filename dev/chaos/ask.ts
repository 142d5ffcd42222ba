/** One request to whichever host is up, as through a load balancer that does not know better. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from './hosts.ts';
import type { Random } from './random.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

export interface Question {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal;
}

/** Beyond what any answer takes on a busy machine; a paused host takes longer. */
const PATIENCE_MS = 10_000;
const ALL_DOWN_MS = 100;

/** `path` with its slash at the front. Undefined: nothing was heard, or only half of an answer. */
export type Ask = (path: string, question?: Question) => Promise<Answer | undefined>;

export function askAnyOf(hosts: readonly Host[], random: Random): Ask {
  return async (path, question) => {
    for (;;) {
      const up = hosts.flatMap(({ url }) => url ?? []);
      const origin = up[random.whole(0, up.length - 1)];
      if (origin !== undefined) return await askUrl(`${origin}${path}`, question);
      await sleep(ALL_DOWN_MS);
    }
  };
}

/** The same, of one URL. Redirects are not followed. */
export async function askUrl(url: string, question: Question = {}): Promise<Answer | undefined> {
  const limit = AbortSignal.timeout(PATIENCE_MS);
  const { method = 'GET', headers = {}, body, signal } = question;
  try {
    const response = await fetch(url, {
      method,
      headers,
      redirect: 'manual',
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
      ...(body !== undefined && { body: body as NonNullable<RequestInit['body']>, duplex: 'half' }),
    });
    const { status } = response;
    return { status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
  } catch {
    return undefined;
  }
}
