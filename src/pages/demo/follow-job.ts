/** Polls a job's status endpoint to its end, as often as `Retry-After` says and no more. */
import type { Problem, StatusDocument } from './api.ts';
import { type Ask, problemOf } from './ask.ts';
import type { Answer } from './exchange.ts';

export type JobView =
  | { readonly kind: 'pending'; readonly document: StatusDocument }
  | { readonly kind: 'succeeded'; readonly document: StatusDocument }
  | { readonly kind: 'failed'; readonly document: StatusDocument; readonly problem: Problem | undefined }
  | { readonly kind: 'canceled'; readonly document: StatusDocument }
  /** There is no such job, or it is not this caller's. */
  | { readonly kind: 'unknown'; readonly text: string }
  | { readonly kind: 'silent' };

const RETRY_SECONDS = 3;

/**
 * Yields what each poll shows, and ends with the job.
 * @param url the status endpoint, in a dialect that redirects nowhere
 * @param accepted the `202` of a job just started: it is the first thing to show
 * @param wait resolves after so many seconds, or earlier where there is reason to ask at once
 */
export async function* followJob(
  ask: Ask,
  url: string,
  wait: (seconds: number) => Promise<void>,
  signal: AbortSignal,
  accepted?: Answer,
): AsyncGenerator<JobView> {
  let known = accepted;
  while (!signal.aborted) {
    let seconds = RETRY_SECONDS;
    try {
      const answer = known ?? (await ask({ method: 'GET', url, signal }));
      known = undefined;
      const view = await viewOf(ask, url, answer, signal);
      yield view;
      if (view.kind !== 'pending' && view.kind !== 'silent') return;
      seconds = Number(answer.headers.get('retry-after') ?? RETRY_SECONDS);
    } catch (error) {
      // Nothing but a lost connection is worth another try.
      if (signal.aborted || !(error instanceof TypeError)) throw error;
      yield { kind: 'silent' };
    }
    await wait(seconds);
  }
}

async function viewOf(ask: Ask, url: string, answer: Answer, signal: AbortSignal): Promise<JobView> {
  const { status, text } = answer;
  if (status === 202) return { kind: 'pending', document: JSON.parse(text) };
  if (status === 200) return { kind: 'succeeded', document: JSON.parse(text) };
  const problem = problemOf(answer);
  if (status === 429 || status === 503 || (status >= 500 && problem === undefined)) return { kind: 'silent' };

  // A failed job answers its problem alone; what else there is to say of it, the status monitor says.
  const monitor = await ask({ method: 'GET', url: partOf(url, 'status'), signal });
  if (monitor.status !== 200) {
    return { kind: 'unknown', text: problem?.detail ?? 'There is no such job for this caller.' };
  }
  const document = JSON.parse(monitor.text) as StatusDocument;
  if (document.status === 'Canceled') return { kind: 'canceled', document };
  return { kind: 'failed', document, problem };
}

/** `…/jobs/{id}/cancel` and the like. */
export function partOf(url: string, part: string): string {
  const parsed = new URL(url);
  parsed.pathname += `/${part}`;
  parsed.search = '';
  return parsed.href;
}
