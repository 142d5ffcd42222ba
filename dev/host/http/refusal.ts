/** What Kestrel refuses before anybody else sees it, and Node's parser lets pass. */
import type { IncomingMessage } from 'node:http';

const URL_LINE_LIMIT_BYTES = 8 * 1024;
const HEADERS_LIMIT_BYTES = 32 * 1024;

/** The status with which the request is refused; undefined where it is not. */
export function refusalOf(request: IncomingMessage): number | undefined {
  const url = request.url ?? '';
  if (`${request.method} ${url} HTTP/1.1\r\n`.length > URL_LINE_LIMIT_BYTES) return 414;
  const headersBytes = request.rawHeaders.reduce((sum, text) => sum + text.length + 2, 0);
  if (headersBytes > HEADERS_LIMIT_BYTES) return 431;
  const [host, ...others] = request.headersDistinct.host ?? [];
  if (!url.startsWith('/') || host === undefined || others.length > 0 || !isHost(host)) return 400;
  return undefined;
}

/** Kestrel's idea of a host; it may be empty. */
const HOST = /^(?:(?:[\w!$&'()\-.~]+|\[[\da-f:.]{3,}\])(?::\d+)?)?$/i;

/** Beyond Kestrel, a URL can be made of it: the library makes one, and where it cannot the client waits for nothing. */
function isHost(host: string): boolean {
  return HOST.test(host) && (host === '' || URL.canParse(`http://${host}`));
}
