/** Which way into storage a run tests; `npm run test:identity` asks for the other one. */

/** @throws {Error} where STORAGE_AUTH is neither of the two. */
export function storageAuth(): 'key' | 'identity' {
  const { STORAGE_AUTH = 'key' } = process.env;
  if (STORAGE_AUTH === 'key' || STORAGE_AUTH === 'identity') return STORAGE_AUTH;
  throw new Error(`STORAGE_AUTH wants key or identity, got ${JSON.stringify(STORAGE_AUTH)}`);
}
