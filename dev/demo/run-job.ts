/** The client's side of the pattern, a function a step: start a job, poll until it has ended, fetch its reply. */
import { setTimeout as wait } from 'node:timers/promises';
import type { StatusDocument } from '../../src/http/documents.ts';
import { exchange, shownHeader } from './exchange.ts';
import type { Screen } from './screen.ts';

const BAR_EVERY_MS = 100;

/** What every step needs. */
export interface Client {
  readonly screen: Screen;
  /** Ends whatever is under way. */
  readonly signal: AbortSignal;
}

/** Where to ask, and after how long. */
export interface Accepted {
  readonly location: string;
  readonly retryAfterSeconds: number;
}

/** `POST`: the answer comes at once, and says where to ask. */
export async function startJob(
  { screen, signal }: Client,
  url: string,
  contentType: string,
  body: Buffer,
): Promise<Accepted> {
  const startedAt = performance.now();
  const answer = await exchange(screen, signal, {
    method: 'POST',
    url,
    contentType,
    body,
    expects: [202],
    beside: () => [screen.faint(`after ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)],
  });
  const location = shownHeader(screen, answer, 'Location');
  return { location, retryAfterSeconds: secondsOf(shownHeader(screen, answer, 'Retry-After')) };
}

/** `GET Location` until it redirects. Returns the URL of the reply. */
export async function pollJob({ screen, signal }: Client, accepted: Accepted): Promise<string> {
  let { retryAfterSeconds } = accepted;
  let percentComplete = 0;
  while (true) {
    await waitAndShow(retryAfterSeconds, percentComplete);
    const answer = await exchange(screen, signal, {
      method: 'GET',
      url: accepted.location,
      expects: [202, 302],
      beside: ({ status, headers, body }) => {
        if (status === 302) return [];
        const { status: jobStatus, percentComplete: percent } = JSON.parse(body.toString()) as StatusDocument;
        retryAfterSeconds = secondsOf(headers.get('retry-after') ?? '');
        percentComplete = percent ?? percentComplete;
        const shown = [`Retry-After: ${retryAfterSeconds}`, `status: ${jobStatus}`];
        return [...shown, ...(percent === undefined ? [] : [`percentComplete: ${percent}`])];
      },
    });
    if (answer.status === 302) return shownHeader(screen, answer, 'Location');
  }

  async function waitAndShow(seconds: number, percent: number): Promise<void> {
    const untilMs = performance.now() + seconds * 1000;
    for (let leftMs = seconds * 1000; leftMs > 0; leftMs = untilMs - performance.now()) {
      screen.bar(percent, screen.faint(`asks again in ${(leftMs / 1000).toFixed(1)} s`));
      await wait(Math.min(BAR_EVERY_MS, leftMs), undefined, { signal });
    }
  }
}

/** `GET` of the redirect's target. Returns the reply's bytes. */
export async function fetchReply({ screen, signal }: Client, replyUrl: string): Promise<Buffer> {
  const answer = await exchange(screen, signal, { method: 'GET', url: replyUrl, expects: [200] });
  shownHeader(screen, answer, 'Content-Type');
  shownHeader(screen, answer, 'Content-Length');
  return answer.body;
}

function secondsOf(retryAfter: string): number {
  if (!/^[1-9]\d*$/.test(retryAfter)) {
    throw new Error(`Retry-After is '${retryAfter}'; it should be whole seconds, at least 1.`);
  }
  return Number(retryAfter);
}
