/**
 * The HTTP action and trigger (Microsoft Learn: "Call external HTTP or HTTPS endpoints from workflows", "Schema reference for
 * trigger and action types", "Handle errors and exceptions", "Limits and configuration"):
 * - 202 with a Location is asked about there by GET until the answer is another, at the pace of Retry-After, in the HTTP
 *   action's asynchronous pattern, unless it is disabled. The action's own headers, credentials and cookies stay behind
 *   (Azure/logicapps issue 611).
 * - A single request lasts two minutes at most; `limit.timeout` bounds the whole, and then the status is TimedOut.
 * - 408, 429, 5xx and no answer at all are repeated by the retry policy, without one four times.
 * - What is answered to 3xx is not documented, and those who met it disagree (MicrosoftDocs/azure-docs issue 40772): unknown here.
 */

import { type Clock, durationSeconds } from './clock.ts';
import type { HttpAction, RetryPolicy } from './definition.ts';
import type { ActionResult } from './expressions/functions.ts';
import { HeaderValues, type Value } from './expressions/value.ts';
import { contentOfValue, valueOfContent } from './message-content.ts';
import { UnknownBehaviour } from './unknown-behaviour.ts';

/** Puts into a request what stands for the managed identity, by the audience that its token would be for. */
export type Identity = (url: URL, audience: string) => URL | Promise<URL>;

export interface HttpEnvironment {
  readonly clock: Clock;
  readonly identity: Identity;
}

/** The action's inputs with their expressions evaluated. */
export interface HttpCall {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Value;
  readonly audience: string | undefined;
}

/** "Limits and configuration", Timeout duration, Consumption. */
export const REQUEST_SECONDS = 120;
/** Between two polls without a Retry-After: logicappsio/LogicAppsAsyncResponseSample, README. */
const POLL_SECONDS = 20;
/** "Handle errors and exceptions", Default: the longest of its random intervals. */
const DEFAULT_RETRY_SECONDS = [7, 14, 28, 45];

/** Removed without a word: "Call external HTTP or HTTPS endpoints", Known issues. */
const REMOVED_HEADERS =
  /^(accept(-.*)?|allow|content-(?!(disposition|encoding|type)$).*|cookie|expires|host|last-modified|origin|set-cookie|transfer-encoding)$/i;

interface HttpOutputs {
  readonly [key: string]: Value;
  readonly statusCode: number;
  readonly headers: HeaderValues;
  readonly body: Value;
}

/** @throws {UnknownBehaviour} */
export async function runHttpAction(
  action: Pick<HttpAction, 'operationOptions' | 'limit'>,
  retryPolicy: RetryPolicy | undefined,
  call: HttpCall,
  environment: HttpEnvironment,
): Promise<ActionResult> {
  const { clock } = environment;
  const ended = new AbortController();
  const work = exchange(action, retryPolicy, call, environment, ended.signal);
  // What is still under way after the limit ends by the signal; nobody waits for it.
  work.catch(() => {});
  try {
    const limit =
      action.limit &&
      clock.hasPassed(durationSeconds(action.limit.timeout), ended.signal).then(() => undefined);
    const outputs = await Promise.race([work, ...(limit === undefined ? [] : [limit])]);
    if (outputs === undefined) return { status: 'TimedOut', code: 'ActionTimedOut', outputs: null };
    return { status: outputs.statusCode < 400 ? 'Succeeded' : 'Failed', outputs };
  } catch (error) {
    if (error instanceof UnknownBehaviour) throw error;
    return { status: 'Failed', outputs: null };
  } finally {
    ended.abort();
  }
}

async function exchange(
  action: Pick<HttpAction, 'operationOptions'>,
  retryPolicy: RetryPolicy | undefined,
  call: HttpCall,
  environment: HttpEnvironment,
  signal: AbortSignal,
): Promise<HttpOutputs> {
  let { method, url, headers, body, audience } = call;
  for (;;) {
    const outputs = await sendWithRetries(
      { method, url, headers, body, audience },
      retryPolicy,
      environment,
      signal,
    );
    if (outputs.statusCode !== 202 || action.operationOptions === 'DisableAsyncPattern') return outputs;
    const location = outputs.headers.get('Location');
    if (location === null) throw new UnknownBehaviour('how a 202 without Location goes on');
    await sleep(environment, Number(outputs.headers.get('Retry-After') ?? POLL_SECONDS), signal);
    url = new URL(location, url).href;
    [method, headers, body, audience] = ['GET', {}, null, undefined];
  }
}

async function sendWithRetries(
  call: HttpCall,
  retryPolicy: RetryPolicy | undefined,
  environment: HttpEnvironment,
  signal: AbortSignal,
): Promise<HttpOutputs> {
  for (const seconds of retrySeconds(retryPolicy)) {
    const outputs = await send(call, environment, signal).catch((error) => {
      if (error instanceof UnknownBehaviour || signal.aborted) throw error;
      return undefined;
    });
    const status = outputs?.statusCode ?? 0;
    const isIntermittent = status === 0 || status === 408 || status === 429 || status >= 500;
    if (outputs !== undefined && !isIntermittent) return outputs;
    await sleep(environment, seconds, signal);
  }
  return await send(call, environment, signal);
}

async function sleep({ clock }: HttpEnvironment, seconds: number, signal: AbortSignal): Promise<void> {
  if (!(await clock.hasPassed(seconds, signal))) throw new Error('The action has ended.');
}

function retrySeconds(policy: RetryPolicy | undefined): readonly number[] {
  if (policy === undefined) return DEFAULT_RETRY_SECONDS;
  if (policy.type === 'none') return [];
  return Array.from({ length: policy.count }, () => durationSeconds(policy.interval));
}

async function send(
  { method, url, headers, body, audience }: HttpCall,
  { clock, identity }: HttpEnvironment,
  signal: AbortSignal,
): Promise<HttpOutputs> {
  const content = contentOfValue(body);
  const sent = new Headers(Object.entries(headers).filter(([name]) => !REMOVED_HEADERS.test(name)));
  if (content !== undefined && !sent.has('content-type')) sent.set('content-type', content.contentType);
  const answered = new AbortController();
  const tooLong = new AbortController();
  void clock.hasPassed(REQUEST_SECONDS, AbortSignal.any([signal, answered.signal])).then((hasPassed) => {
    if (hasPassed) tooLong.abort(new Error(`No answer within ${REQUEST_SECONDS} s.`));
  });
  try {
    const target = new URL(url);
    const response = await fetch(audience === undefined ? target : await identity(target, audience), {
      method,
      headers: sent,
      redirect: 'manual',
      signal: AbortSignal.any([signal, tooLong.signal]),
      ...(content !== undefined && { body: Buffer.from(content.bytes) }),
    });
    if (response.status >= 300 && response.status < 400) {
      throw new UnknownBehaviour(`what ${response.status} to ${method} does`);
    }
    const bytes = new Uint8Array(await response.arrayBuffer());
    return {
      statusCode: response.status,
      headers: new HeaderValues(response.headers),
      body: valueOfContent(bytes, response.headers.get('content-type')),
    };
  } finally {
    answered.abort();
  }
}
