/** No operation is handed encoded bytes: neither the Functions host nor storage decodes what a client has encoded. */
import { Refusal } from './errors.ts';

/**
 * @param header `Content-Encoding`; `identity` says that there is none
 * @throws Refusal: `content-encoding-unsupported` (RFC 9110, sections 8.4 and 15.5.16)
 */
export function refuseEncoded(header: string | undefined): void {
  const encodings = (header ?? '').split(',').map((encoding) => encoding.trim());
  if (encodings.every((encoding) => encoding === '' || encoding.toLowerCase() === 'identity')) return;
  throw new Refusal('content-encoding-unsupported', `The request is taken as it is, not as ${header}.`);
}
