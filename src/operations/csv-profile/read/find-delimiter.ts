/**
 * Which delimiter a file uses, from its header line: the candidate that stands there most often outside quotes.
 * csv-parse has a discovery of its own, which weighs every ASCII character over the first rows; column names are
 * the safer witness.
 */

/** By the names that `?delimiter=` takes. Where two stand equally often in a header, the earlier one wins. */
export const delimiters = { comma: ',', semicolon: ';', tab: '\t', pipe: '|' } as const;

const QUOTE = 0x22;
const isLineEnd = (byte: number) => byte === 0x0a || byte === 0x0d;

/** @param bytes the beginning of the file; a header that goes on beyond it is judged by its beginning. */
export function findDelimiter(bytes: Buffer): string {
  const seen = new Map<number, number>(Object.values(delimiters).map((text) => [text.charCodeAt(0), 0]));
  let isQuoted = false;
  let hasText = false;
  for (const byte of bytes) {
    if (isLineEnd(byte) && hasText && !isQuoted) break;
    hasText ||= !isLineEnd(byte);
    if (byte === QUOTE) isQuoted = !isQuoted;
    const count = seen.get(byte);
    if (count !== undefined && !isQuoted) seen.set(byte, count + 1);
  }
  const most = Math.max(...seen.values());
  for (const [byte, count] of seen) if (count === most) return String.fromCharCode(byte);
  return delimiters.comma;
}
