/** Finds bytes that are not UTF-8 in a file that arrives in pieces, wherever the pieces are cut. */
import { isUtf8 } from 'node:buffer';

export class Utf8Check {
  /** The beginning of a character whose rest is in the next piece; at most 3 bytes. */
  #begun: Buffer = Buffer.alloc(0);
  /** Offset in the file of the first byte not yet found good. */
  #offset = 0;

  /** Checks the next piece. Returns the offset in the file of what is not a character, or undefined. */
  read(piece: Buffer): number | undefined {
    const bytes = this.#begun.length === 0 ? piece : Buffer.concat([this.#begun, piece]);
    const complete = bytes.length - begunLength(bytes);
    if (!isUtf8(bytes.subarray(0, complete))) return this.#offset + faultIn(bytes);
    this.#begun = Buffer.from(bytes.subarray(complete));
    this.#offset += complete;
    return undefined;
  }

  /** The same for the end of the file: the offset of a character that is not complete. */
  end(): number | undefined {
    return this.#begun.length === 0 ? undefined : this.#offset;
  }
}

/** How long the character is that this byte begins; 1 for what begins none. */
function lengthAfter(leadByte: number): number {
  if (leadByte >= 0xf0) return 4;
  if (leadByte >= 0xe0) return 3;
  return leadByte >= 0xc0 ? 2 : 1;
}

/** Bytes at the end that begin a character without completing it. */
function begunLength(bytes: Buffer): number {
  for (let length = 1; length <= 3 && length <= bytes.length; length++) {
    const byte = bytes[bytes.length - length] ?? 0;
    const isContinuation = (byte & 0xc0) === 0x80;
    if (!isContinuation) return lengthAfter(byte) > length ? length : 0;
  }
  return 0;
}

/** Offset of the first byte that belongs to no character. */
function faultIn(bytes: Buffer): number {
  let at = 0;
  while (at < bytes.length) {
    const length = lengthAfter(bytes[at] ?? 0);
    if (!isUtf8(bytes.subarray(at, at + length))) return at;
    at += length;
  }
  return at;
}
