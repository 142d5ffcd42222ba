/** The `Range` header (RFC 9110, section 14): one range of bytes; anything else is answered whole. */
import { HttpRefusal } from './problem.ts';

/** `end` is exclusive. */
export interface ByteRange {
  readonly offset: number;
  readonly end: number;
}

/** A unit's case says nothing (section 14.1), nor do empty elements of the list (section 5.6.1.2). */
const SINGLE_RANGE = /^bytes=[ \t,]*(\d*)-(\d*)[ \t,]*$/i;

/**
 * @returns undefined where the whole content is to be sent
 * @throws HttpRefusal `range-not-satisfiable`
 */
export function byteRangeOf(header: string | null, sizeBytes: number): ByteRange | undefined {
  const match = SINGLE_RANGE.exec(header?.trim() ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') {
    // The last N bytes.
    if (Number(last) === 0 || sizeBytes === 0) throw notSatisfiable(sizeBytes);
    return { offset: Math.max(0, sizeBytes - Number(last)), end: sizeBytes };
  }
  const offset = Number(first);
  if (last !== '' && Number(last) < offset) return undefined;
  if (offset >= sizeBytes) throw notSatisfiable(sizeBytes);
  return { offset, end: last === '' ? sizeBytes : Math.min(sizeBytes, Number(last) + 1) };
}

function notSatisfiable(sizeBytes: number): HttpRefusal {
  return new HttpRefusal('range-not-satisfiable', `The reply has ${sizeBytes} bytes.`, {
    headers: { 'content-range': `bytes */${sizeBytes}` },
  });
}
