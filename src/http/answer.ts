/** What a handler answers, before it becomes the library's response; and what it is asked. */
import type { HttpRequest, InvocationContext } from '@azure/functions';

export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer> | AsyncIterable<Uint8Array>;
}

/** A handler of the contract. It may throw; the wrapper in respond.ts turns that into a problem. */
export type Handler = (request: HttpRequest, context: InvocationContext) => Promise<Answer>;

/** A JSON answer. */
export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

/** An answer without a body. */
export function empty(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers };
}
