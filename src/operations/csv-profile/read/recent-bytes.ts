/** The bytes of a file from the first row that is not done with, so that a fault in them can be given its place. */
import type { Place } from './csv-error.ts';
import { blankLength, countLineEnds, placeOf } from './find-fault.ts';

export class RecentBytes {
  /** How many there are. */
  length = 0;
  readonly #pieces: Buffer[] = [];
  /** Offset in the file of the first of them, and its line. */
  #offset = 0;
  #line = 1;

  push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.length += piece.length;
  }

  /** Those before an offset in the file; all of them without one. */
  upTo(fileOffset?: number): Buffer {
    const bytes = Buffer.concat(this.#pieces);
    return fileOffset === undefined ? bytes : bytes.subarray(0, fileOffset - this.#offset);
  }

  /** @param offset among these bytes. */
  placeAt(offset: number): Place {
    return placeOf(this.upTo(), offset, this.#line);
  }

  /** @param fileOffset not before these bytes. */
  placeInFile(fileOffset: number): Place {
    return this.placeAt(fileOffset - this.#offset);
  }

  /** Lets go of everything before the end of a record, and of blank lines behind it. */
  forgetUpTo(fileOffset: number): void {
    while (this.#offset < fileOffset) this.#dropFrom(fileOffset - this.#offset);
    for (let blank = this.#blank(); blank > 0; blank = this.#blank()) this.#dropFrom(blank);
  }

  #blank(): number {
    const [first] = this.#pieces;
    return first === undefined ? 0 : blankLength(first, 0);
  }

  /** Drops at most this many bytes of the first piece. */
  #dropFrom(bytes: number): void {
    const piece = this.#pieces[0] ?? Buffer.alloc(0);
    const dropped = piece.subarray(0, bytes);
    this.#line += countLineEnds(dropped);
    this.#offset += dropped.length;
    this.length -= dropped.length;
    if (dropped.length === piece.length) this.#pieces.shift();
    else this.#pieces[0] = piece.subarray(dropped.length);
  }
}
