/** The HTTP exchange as the page shows it: what was asked, what came back, the headers that make the pattern. */

import { definitions, element } from './dom.ts';
import type { Answer, Question } from './exchange.ts';

/** Of an answer; the others say nothing about the pattern. */
const SHOWN_HEADERS = ['Location', 'Operation-Location', 'Retry-After', 'Preference-Applied'];
const LONGEST_BODY = 4000;
const STATUS_TEXTS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  409: 'Conflict',
  410: 'Gone',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

export interface Exchange {
  end(answer: Answer): void;
  fail(why: string): void;
}

export function exchangeList(list: HTMLElement): { begin(question: Question): Exchange } {
  let last: { key: string; item: HTMLElement; count: number } | undefined;

  return {
    begin(question) {
      const item = element('li', {}, requestOf(question, 'waiting', '…'));
      list.append(item);
      return {
        end(answer) {
          const key = `${question.method} ${question.url} ${answer.status}`;
          // One poll like the one before it says nothing new but that it was one more.
          const isRepeated = last?.key === key && last.item.nextElementSibling === item;
          if (isRepeated) last?.item.remove();
          const count = isRepeated && last !== undefined ? last.count + 1 : 1;
          last = { key, item, count };
          const kind = answer.status < 300 ? 'good' : 'bad';
          const status = `${answer.status} ${STATUS_TEXTS[answer.status] ?? ''}`.trim();
          item.replaceChildren(
            requestOf(question, kind, status, count),
            element('dl', {}, ...definitions(headersOf(question, answer))),
            ...bodyOf(answer),
          );
        },
        fail(why) {
          item.replaceChildren(requestOf(question, 'bad', why));
        },
      };
    },
  };
}

function requestOf(
  { method, url }: Question,
  kind: 'waiting' | 'good' | 'bad',
  status: string,
  count = 1,
): HTMLElement {
  return element(
    'p',
    { class: 'line' },
    element('span', { class: 'asked' }, element('b', {}, method), ` ${readable(url)}`),
    ...(count > 1 ? [element('span', { class: 'count' }, `${count} times`)] : []),
    element('span', { class: `answered ${kind}` }, status),
  );
}

function* headersOf({ headers = {}, body }: Question, answer: Answer): Generator<[string, string]> {
  for (const [name, value] of Object.entries(headers)) {
    yield [`→ ${name}`, name === 'x-functions-key' ? '(not shown)' : value];
  }
  if (body instanceof Blob) yield ['→ Content-Length', String(body.size)];
  for (const name of SHOWN_HEADERS) {
    const value = answer.headers.get(name);
    if (value !== null) yield [`← ${name}`, readable(value)];
  }
  if (answer.status >= 400) yield ['← Content-Type', answer.headers.get('content-type') ?? '(none)'];
}

function bodyOf({ text, headers }: Answer): HTMLElement[] {
  if (text === '' || !headers.get('content-type')?.includes('json')) return [];
  const shown = JSON.stringify(
    JSON.parse(text),
    (_, value) => (isSigned(value) ? readable(value) : value),
    2,
  );
  const cut = shown.length > LONGEST_BODY ? `${shown.slice(0, LONGEST_BODY)}\n…` : shown;
  return [element('details', {}, element('summary', {}, 'Body'), element('pre', { tabindex: '0' }, cut))];
}

const isSigned = (value: unknown): value is string => typeof value === 'string' && /[?&]sig=/.test(value);

/** A URL as people read it: the page's own origin goes without saying, and a signature is for nobody's eyes. */
function readable(url: string): string {
  const short = url.startsWith(`${location.origin}/`) ? url.slice(location.origin.length) : url;
  return isSigned(short) ? `${short.split('?')[0]}?(signed)` : short;
}
