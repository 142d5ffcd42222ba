/**
 * Finds the place of what csv-parse or a limit objected to, by going over the bytes of the unfinished rows once more.
 * Only failures pay for it; csv-parse itself knows the line where it stopped, not the one to mend.
 */
import { MAX_COLUMNS, MAX_FIELD_BYTES } from '../limits.ts';
import type { CsvFault, Place } from './csv-error.ts';

const QUOTE = 0x22;
const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;
/** Bytes of a UTF-8 character behind its first. */
const isContinuation = (byte: number) => (byte & 0xc0) === 0x80;

/** What is wrong, and the offset of the byte to look at. */
export interface Fault {
  readonly code: CsvFault;
  readonly offset: number;
}

/**
 * The first breach of quoting or of a limit. It cuts fields as csv-parse does.
 * @param bytes begin where a record does.
 * @param hasHeader whether that record is the header.
 */
export function findFault(bytes: Buffer, delimiter: number, hasHeader: boolean): Fault | undefined {
  const isFieldEnd = (at: number) =>
    at >= bytes.length || bytes[at] === delimiter || bytes[at] === LINE_FEED || bytes[at] === CARRIAGE_RETURN;
  let isHeader = hasHeader;
  let column = 0;
  for (let at = blankLength(bytes, 0); at < bytes.length; at++) {
    const start = at;
    let fault: Fault | undefined;
    if (bytes[at] === QUOTE) {
      const closing = closingQuote(bytes, at);
      at = closing === -1 ? bytes.length : closing + 1;
      if (closing === -1) fault = { code: 'csv-unclosed-quote', offset: start };
      else if (!isFieldEnd(at)) fault = { code: 'csv-text-after-quote', offset: at };
    } else {
      while (!isFieldEnd(at) && bytes[at] !== QUOTE) at++;
      if (bytes[at] === QUOTE) fault = { code: 'csv-stray-quote', offset: at };
    }
    if (at - start > MAX_FIELD_BYTES) return { code: 'csv-field-too-long', offset: start };
    if (fault !== undefined) return fault;
    if (isHeader && column === MAX_COLUMNS) return { code: 'csv-too-many-columns', offset: start };

    column++;
    if (bytes[at] === delimiter) continue;
    at += blankLength(bytes, at + 1);
    isHeader = false;
    column = 0;
  }
  return undefined;
}

/** The place of an offset. @param startLine the line that the first byte begins. */
export function placeOf(bytes: Buffer, offset: number, startLine: number): Place {
  const before = bytes.subarray(0, offset);
  const lineStart = Math.max(before.lastIndexOf(LINE_FEED), before.lastIndexOf(CARRIAGE_RETURN)) + 1;
  let column = 1;
  for (let at = lineStart; at < offset; at++) if (!isContinuation(before[at] ?? 0)) column++;
  return { line: startLine + countLineEnds(before), column };
}

/** Line ends in the bytes: CR LF, LF or CR. Cut behind a CR only where a record ends. */
export function countLineEnds(bytes: Buffer): number {
  let lineEnds = 0;
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) lineEnds++;
  for (let at = bytes.indexOf(CARRIAGE_RETURN); at !== -1; at = bytes.indexOf(CARRIAGE_RETURN, at + 1)) {
    if (bytes[at + 1] !== LINE_FEED) lineEnds++;
  }
  return lineEnds;
}

/** Bytes of line ends from an offset on: at the start of a record these are blank lines. */
export function blankLength(bytes: Buffer, offset: number): number {
  let end = offset;
  while (bytes[end] === LINE_FEED || bytes[end] === CARRIAGE_RETURN) end++;
  return end - offset;
}

function closingQuote(bytes: Buffer, opening: number): number {
  let at = bytes.indexOf(QUOTE, opening + 1);
  while (at !== -1 && bytes[at + 1] === QUOTE) at = bytes.indexOf(QUOTE, at + 2);
  return at;
}
