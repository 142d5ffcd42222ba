/**
 * What tells one request under an `Idempotency-Key` from another: an HMAC over operation, parameters, content type and
 * content. The content of a job that is started from an upload is the document that names it with its ETag, so the same
 * upload, written again, is another request. It stands in metadata, where whoever holds a reply's URL can read it: without
 * the secret it says nothing about the request.
 */
import { createHmac } from 'node:crypto';
import type { JobFields } from './job.ts';

export interface Fingerprint {
  /** The same chunks, taken note of as they pass. */
  over(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>;
  /** Base64url; of the whole content once all chunks have passed. */
  digest(): string;
}

export function fingerprintOf(
  secret: Uint8Array,
  { operation, params, contentType }: Pick<JobFields, 'operation' | 'params'> & { contentType: string },
): Fingerprint {
  const hmac = createHmac('sha256', secret);
  // JSON keeps the parts apart, and the label keeps this use of the secret apart from the ids that keys become.
  const named = Object.entries(params).toSorted(([a], [b]) => (a < b ? -1 : 1));
  hmac.update(`fingerprint\0${JSON.stringify([operation, named, contentType])}\0`);
  let digest: string | undefined;
  return {
    async *over(chunks) {
      for await (const chunk of chunks) {
        hmac.update(chunk);
        yield chunk;
      }
    },
    digest() {
      digest ??= hmac.digest('base64url');
      return digest;
    },
  };
}
