/** How long a caller wants to be held for the end of its job: `?wait=N`, or `Prefer: wait=N` (RFC 7240, section 4.3). */
import type { HttpRequest } from '@azure/functions';
import type { Config } from '../config.ts';
import { wholeNumber } from './query.ts';

export interface WaitPreference {
  /** Whole seconds, 0 for not at all. */
  readonly seconds: number;
  /** What an answer in time carries: `Preference-Applied`, where `Prefer` was sent. */
  readonly appliedHeaders: Readonly<Record<string, string>>;
}

/**
 * What is asked for beyond the limit is cut to it. The query wins: it was written for this request, while a client library
 * may send `Prefer` with all of them. Throws HttpRefusal (`query-invalid`).
 */
export function waitPreferenceOf(
  { query, headers }: Pick<HttpRequest, 'query' | 'headers'>,
  { maxWaitSeconds }: Pick<Config, 'maxWaitSeconds'>,
): WaitPreference {
  const demanded = wholeNumber(query, 'wait', { fallback: undefined, least: 0, most: 999_999_999 });
  const preferred = preferredWaitSeconds(headers.get('prefer') ?? '');
  const seconds = Math.min(maxWaitSeconds, demanded ?? preferred ?? 0);
  return {
    seconds,
    appliedHeaders: preferred === undefined ? {} : { 'preference-applied': `wait=${seconds}` },
  };
}

/** A member of the list; commas within quoted strings are its own. */
const PREFERENCE = /(?:[^",]|"(?:[^"\\]|\\.)*"?)+/g;

/**
 * The N of the first `wait` in a `Prefer` header; several headers count as one, comma between. Only the first instance of a
 * preference is considered (RFC 7240, section 2), so one that is malformed, and ignored, hides those after it.
 */
export function preferredWaitSeconds(prefer: string): number | undefined {
  for (const [preference] of prefer.matchAll(PREFERENCE)) {
    const [withoutParameters = ''] = preference.split(';');
    const [name = '', ...value] = withoutParameters.split('=');
    if (name.trim().toLowerCase() !== 'wait') continue;
    // A token and a quoted string mean the same.
    const digits = /^(\d+)$|^"(\d+)"$/.exec(value.join('=').trim());
    return digits === null ? undefined : Number(digits[1] ?? digits[2]);
  }
  return undefined;
}
