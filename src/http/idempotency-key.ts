/** The `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header): a quoted string (RFC 8941), or a bare key. */
import type { HttpRequest } from '@azure/functions';
import { HttpRefusal } from './problem.ts';

const LONGEST = 255;
const PRINTABLE = /^[\x20-\x7e]+$/;
/** RFC 8941, section 3.3.3: printable ASCII, where a quote and a backslash are escaped. */
const QUOTED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;

/**
 * The key itself, so that a client may quote it or not; undefined without the header.
 * Throws HttpRefusal: `idempotency-key-malformed`.
 */
export function idempotencyKeyOf({ headers }: Pick<HttpRequest, 'headers'>): string | undefined {
  const header = headers.get('idempotency-key')?.trim();
  if (header === undefined) return undefined;
  const key = header.startsWith('"') ? QUOTED.exec(header)?.[1]?.replaceAll(/\\(.)/g, '$1') : header;
  if (key === undefined || key.length > LONGEST || !PRINTABLE.test(key)) {
    throw new HttpRefusal(
      'idempotency-key-malformed',
      `The header Idempotency-Key must be a key of 1 to ${LONGEST} printable ASCII characters, best as a string in double quotes.`,
    );
  }
  return key;
}
