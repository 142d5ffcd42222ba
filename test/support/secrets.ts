/**
 * The secrets that a test file has seen, and whether a text holds one of them: what the app writes about a job, in its log or in a
 * trace, names it by its ref alone. Each test file has a list of its own, as jest loads this module anew for each.
 */

/** What is shorter turns up by chance, in a ref or in a word: a secret that is to be looked for is longer. */
export const LEAST_CHARACTERS = 8;
/** As much of a content, at either end, as stands for it: bytes or characters. */
const CONTENT_BYTES = 64;

/** What each is, by how it would be written; those that begin alike together, so that a text is gone through once. */
const known = new Map<string, Map<string, string>>();

/** @param what it is, to whoever reads that it was found */
export function noteSecret(what: string, value: string): void {
  for (const written of [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)]) {
    if (written.length < LEAST_CHARACTERS) continue;
    const start = written.slice(0, LEAST_CHARACTERS);
    const alike = known.get(start) ?? new Map<string, string>();
    known.set(start, alike.set(written, what));
  }
}

/** Notes a request's or a reply's content by its two ends; a short one could be anything. */
export function noteContent(content: string | Uint8Array): void {
  for (const end of [content.slice(0, CONTENT_BYTES), content.slice(-CONTENT_BYTES)])
    if (end.length >= 2 * LEAST_CHARACTERS) noteSecret('content', Buffer.from(end as string).toString());
}

/** What a text holds of all that was noted: `id: 4yyHU…`. */
export function secretsIn(text: string): string[] {
  const found = new Set<string>();
  for (let at = 0; at <= text.length - LEAST_CHARACTERS; at++) {
    for (const [written, what] of known.get(text.slice(at, at + LEAST_CHARACTERS)) ?? [])
      if (text.startsWith(written, at)) found.add(`${what}: ${written}`);
  }
  return [...found];
}

/** @throws {Error} naming every secret, with the first of the texts that holds it */
export function expectNoSecrets(where: string, texts: readonly string[]): void {
  const found = new Map<string, string>();
  for (const text of texts)
    for (const secret of secretsIn(text)) if (!found.has(secret)) found.set(secret, text);
  if (found.size === 0) return;
  const lines = [...found].map(([secret, text]) => `${secret}\n  in ${text}`);
  throw new Error(`${where} holds secrets:\n${lines.join('\n')}`);
}
