/** By what a request to storage says that it may: for an account that is used by identity alone, a key must never be it. */
import type { IncomingHttpHeaders } from 'node:http';

/**
 * `token`: an identity's. `key`: the account's, by SharedKey or by a SAS that it signed. `delegation`: a SAS signed by a user
 * delegation key, and so in the end by an identity. `nobody`: neither, as of a public blob or a browser's preflight.
 */
export type SignedBy = 'token' | 'key' | 'delegation' | 'nobody';

/** @param path as sent, query included */
export function signedBy(path: string, { authorization }: IncomingHttpHeaders): SignedBy {
  // SharedKey, SharedKeyLite: whatever is no token is made with the key.
  if (authorization !== undefined) return authorization.startsWith('Bearer ') ? 'token' : 'key';
  const { searchParams } = new URL(path, 'http://storage');
  if (!searchParams.has('sig')) return 'nobody';
  // Only a user delegation SAS says whose key it is (`skoid`).
  return searchParams.has('skoid') ? 'delegation' : 'key';
}
