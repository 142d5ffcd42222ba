/** Asks the app and storage, and shows each exchange on the page. */
import type { Problem } from './api.ts';
import type { Answer, Question } from './exchange.ts';
import { exchangeList } from './exchange-list.ts';

/** The app's URLs, relative to the page's own: so it works behind any prefix. */
export const urlOf = (path: string): string => new URL(path, location.href).href;

export type Ask = (question: Question) => Promise<Answer>;

/** An answer that is not what was asked for. */
export class Refused extends Error {
  readonly answer: Answer;
  /** Undefined where the host or storage answered, and not the app. */
  readonly problem: Problem | undefined;

  constructor(answer: Answer) {
    const problem = problemOf(answer);
    super(problem?.detail ?? `The answer was ${answer.status}.`);
    this.name = 'Refused';
    this.answer = answer;
    this.problem = problem;
  }
}

export function problemOf({ headers, text }: Answer): Problem | undefined {
  return headers.get('content-type')?.startsWith('application/problem+json')
    ? (JSON.parse(text) as Problem)
    : undefined;
}

/** The result rejects with what fetch rejects with; every status is an answer. */
export function askingIn(list: HTMLElement): Ask {
  const shown = exchangeList(list);
  return async function ask(question) {
    const exchange = shown.begin(question);
    try {
      const answer = await (question.onSent === undefined ? fetched(question) : sent(question));
      exchange.end(answer);
      return answer;
    } catch (error) {
      exchange.fail(question.signal.aborted ? 'given up' : 'no answer');
      throw error;
    }
  };
}

async function fetched({ method, url, headers = {}, body, signal }: Question): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers,
    signal,
    cache: 'no-store',
    ...(body !== undefined && { body }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** By XMLHttpRequest: fetch does not say how much of a body has gone. */
function sent({ method, url, headers = {}, body, signal, onSent }: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onSent?.(total === 0 ? 1 : loaded / total);
    request.onload = () =>
      resolve({
        status: request.status,
        headers: headersOf(request.getAllResponseHeaders()),
        text: request.responseText,
      });
    request.onerror = () => reject(new TypeError('No answer.'));
    request.onabort = () => reject(signal.reason);
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(body ?? null);
  });
}

function headersOf(lines: string): Headers {
  const pairs = lines.split('\r\n').filter((line) => line !== '');
  return new Headers(pairs.map((line) => line.split(/: ?(.*)/s, 2) as [string, string]));
}
