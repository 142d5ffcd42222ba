/** Requests as the library hands them to a handler, for tests of what is read from one. */
import { HttpRequest, type HttpRequestInit } from '@azure/functions';

export const ORIGIN = 'http://127.0.0.1:7071';

/** @param path path and query below {@link ORIGIN} */
export function requestOf(path: string, init: Omit<HttpRequestInit, 'url'> = {}): HttpRequest {
  const url = new URL(path, ORIGIN);
  return new HttpRequest({
    method: 'GET',
    query: Object.fromEntries(url.searchParams),
    ...init,
    url: url.href,
  });
}
