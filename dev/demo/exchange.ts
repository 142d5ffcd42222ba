/** One HTTP request and its answer, shown as they happen. */
import { STATUS_CODES } from 'node:http';
import type { Screen } from './screen.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

export interface Exchange {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly contentType?: string;
  readonly body?: Buffer;
  /** The statuses that the pattern has here. */
  readonly expects: readonly number[];
  /** What of the answer stands beside its status. */
  readonly beside?: (answer: Answer) => readonly string[];
}

/**
 * Does not follow redirects: the demo shows each step by itself.
 * @throws {Error} saying what was answered where it is not one of `expects`, or why nothing was.
 */
export async function exchange(screen: Screen, signal: AbortSignal, asked: Exchange): Promise<Answer> {
  const { method, url, contentType, body, expects, beside } = asked;
  const shown = isReplyUrl(url) ? shownUrl(url) : pathOf(url);
  screen.line(`   > ${method} ${screen.strong(shown)}`);
  if (contentType !== undefined) screen.line(`   > Content-Type: ${contentType}`);
  if (body !== undefined) screen.line(`   > Content-Length: ${body.length}`);

  const answer = await send(asked, signal);
  const status = `${answer.status} ${STATUS_CODES[answer.status] ?? ''}`;
  if (!expects.includes(answer.status)) {
    throw new Error(`${method} ${shown} answered ${status}, not ${expects.join(' or ')}.${reasonOf(answer)}`);
  }
  screen.line([`   < ${screen.strong(status)}`, ...(beside?.(answer) ?? [])].join('   '));
  return answer;
}

/**
 * A header of an answer, which is shown.
 * @throws {Error} when it is not there.
 */
export function shownHeader(screen: Screen, { headers }: Answer, name: string): string {
  const value = headers.get(name);
  if (value === null) throw new Error(`The answer has no ${name} header.`);
  screen.line(`   < ${name}: ${screen.strong(isReplyUrl(value) ? shownUrl(value) : value)}`);
  return value;
}

async function send({ method, url, contentType, body }: Exchange, signal: AbortSignal): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      signal,
      ...(contentType !== undefined && { headers: { 'content-type': contentType } }),
      ...(body !== undefined && { body: new Uint8Array(body) }),
    });
    return {
      status: response.status,
      headers: response.headers,
      body: Buffer.from(await response.arrayBuffer()),
    };
  } catch (error) {
    signal.throwIfAborted();
    // What fetch throws says only that it failed; its cause says why.
    const { message, cause } = error as Error & { cause?: Error };
    throw new Error(`${method} ${pathOf(url)}: ${cause?.message ?? message}`);
  }
}

/** What a problem document says, as a sentence of its own. */
function reasonOf({ headers, body }: Answer): string {
  if (headers.get('content-type') !== 'application/problem+json') return '';
  const { title, detail } = JSON.parse(body.toString());
  return ` ${title}: ${detail}`;
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return `${pathname}${search}`;
}

function isReplyUrl(text: string): boolean {
  return URL.parse(text)?.searchParams.has('sig') ?? false;
}

/** A reply's URL is some 300 characters long, and whoever has it has the reply: only its parts are shown. */
function shownUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  const ref = pathname.lastIndexOf('/') + 1;
  return `${origin}${pathname.slice(0, ref + 4)}…?sp=r&sig=…`;
}
