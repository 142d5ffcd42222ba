/** A `fetch` that answers from a list, so that what the client asks, and when, can be read off it. */

export interface Asked {
  readonly atMs: number;
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: unknown;
  readonly redirect: string | undefined;
  readonly credentials: string | undefined;
}

type Script = Response | Error | ((asked: Asked) => Response | Promise<Response>);

export interface ScriptedFetch {
  readonly fetch: typeof fetch;
  readonly asked: readonly Asked[];
}

/** Answers in this order; the last one again and again. An Error is thrown, as a broken connection is. */
export function scriptedFetch(...script: readonly Script[]): ScriptedFetch {
  const asked: Asked[] = [];
  return {
    asked,
    async fetch(input, init = {}) {
      init.signal?.throwIfAborted();
      const request: Asked = {
        atMs: Date.now(),
        method: init.method ?? 'GET',
        url: String(input),
        headers: new Headers(init.headers),
        body: init.body,
        redirect: init.redirect,
        credentials: init.credentials,
      };
      const next = script[Math.min(asked.push(request), script.length) - 1];
      if (next instanceof Error) throw next;
      if (typeof next === 'function') return next(request);
      if (next === undefined) throw new Error('The script is empty.');
      return next.clone();
    },
  };
}

export const JOB_URL = 'https://app.example/api/jobs/bxJd1SDtZBd8j-rGndMHWA';

/** An answer with a status document. */
export function documentAnswer(status: string, code = 200, headers: Record<string, string> = {}, more = {}) {
  return Response.json(
    { id: 'bxJd1SDtZBd8j-rGndMHWA', operation: 'delay', location: JOB_URL, status, ...more },
    { status: code, headers },
  );
}

export function problemAnswer(status: number, code: string, headers: Record<string, string> = {}): Response {
  return new Response(
    JSON.stringify({ type: `urn:problem-type:request-reply:${code}`, title: 'T', status, detail: 'D' }),
    { status, headers: { 'content-type': 'application/problem+json', ...headers } },
  );
}

/** What `fetch` throws where there is no connection. */
export const connectionRefused = new TypeError('fetch failed');
