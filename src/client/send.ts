/** One request, repeated where the network or a busy server was in the way. */
import { type ProblemDetails, ProblemError } from './errors.ts';

/** Busy, or a gateway that did not get through. A 500 is none: repeating does not mend a bug or a failed job. */
const WORTH_REPEATING = [429, 502, 503, 504];
const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 20_000;

export interface Sender {
  readonly fetch: typeof fetch;
  /** How often a request is repeated at most. */
  readonly maxRetries: number;
}

/** An answer with its body read. */
export interface Answer {
  readonly text: string;
  readonly retryAfterMs: number;
}

export async function whole(response: Response): Promise<Answer> {
  return { text: await response.text(), retryAfterMs: retryAfterMsOf(response) ?? 0 };
}

/**
 * Resolves with what `read` makes of an answer that is none of an error. An answer that breaks off while it is read is a network
 * error like another.
 * @throws {ProblemError} for an answer of 300 or more
 * @throws what `fetch` throws, once there are no retries left; the signal's reason
 */
export async function send<T>(
  sender: Sender,
  url: URL | string,
  init: RequestInit,
  read: (response: Response) => T | Promise<T>,
): Promise<T> {
  const { fetch } = sender;
  // What has been read of a stream cannot be sent again.
  const retries = init.body instanceof ReadableStream ? 0 : sender.maxRetries;
  for (let retry = 0; ; retry++) {
    let retryAfterMs: number | undefined;
    try {
      const response = await fetch(url, init);
      if (response.ok) return await read(response);
      if (retry === retries || !WORTH_REPEATING.includes(response.status))
        throw await problemOf(response, retry > 0);
      retryAfterMs = retryAfterMsOf(response);
      // Nobody reads it; how its leaving ends matters to nobody either.
      response.body?.cancel().catch(() => {});
    } catch (error) {
      init.signal?.throwIfAborted();
      if (retry === retries || error instanceof ProblemError) throw error;
    }
    await sleep(retryAfterMs ?? backoffMs(retry), init.signal);
  }
}

/** Full jitter, so that many clients do not come back at one moment. */
function backoffMs(retry: number): number {
  return Math.random() * Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** retry);
}

/** RFC 9110, section 10.2.3: seconds, or a date. */
function retryAfterMsOf({ headers }: Response): number | undefined {
  const text = headers.get('retry-after');
  if (text === null) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

async function problemOf(response: Response, isAfterRetry: boolean): Promise<ProblemError> {
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json');
  // One that breaks off is an error all the same, with what its head said.
  const document: unknown = isProblem ? await response.json().catch(() => ({})) : {};
  const retryAfterMs = retryAfterMsOf(response);
  return new ProblemError(response.status, document as Partial<ProblemDetails>, {
    isAfterRetry,
    ...(retryAfterMs !== undefined && { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) }),
  });
}

/** Timers take no more; a longer one would fire at once. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1;

/** Throws the signal's reason as soon as it aborts. */
export function sleep(ms: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const wake = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener('abort', wake);
        resolve();
      },
      Math.min(Math.max(ms, 0), LONGEST_SLEEP_MS),
    );
    signal?.addEventListener('abort', wake, { once: true });
  });
}
