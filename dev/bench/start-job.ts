/** The request that starts a job: the same from whichever bench. */
import type { Ask } from './load.ts';

/** Default: a short job of `delay`, accepted. */
export interface StartedJob {
  readonly operation?: string;
  readonly request?: object;
  /** With its question mark. */
  readonly query?: string;
  readonly expects?: number;
}

/** @param url of the host */
export function startJob(
  url: string,
  { operation = 'delay', request = { seconds: 0 }, query = '', expects = 202 }: StartedJob = {},
): Ask {
  return {
    method: 'POST',
    url: `${url}/api/operations/${operation}${query}`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
    expects,
  };
}
