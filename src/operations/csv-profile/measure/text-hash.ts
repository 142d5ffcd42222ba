/**
 * Distinct values are told apart by 64-bit hashes, so that memory does not depend on how long values are. Two of
 * 10,000 values share one with a probability of 3 in 10^12; "exact" in this folder means that.
 */

const rotate = (word: number, bits: number) => (word << bits) | (word >>> (32 - bits));

/** Spreads every bit of a word over all of it (the finishing steps of MurmurHash3). */
function avalanche(word: number): number {
  let mixed = word;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/**
 * Hashes text into `low` and `high`, 32 bits each, which stay readable until the next call: an object for each of
 * millions of fields would cost more than the hash. The seed keeps a hostile file from aiming at one hash.
 */
export class TextHash {
  low = 0;
  high = 0;
  readonly #seed: number;

  /** @param seed 32 bits; the same for every value that is to be compared. */
  constructor(seed: number) {
    this.#seed = seed | 0;
  }

  /** Replaces `low` and `high` by the hash of `text`. */
  update(text: string): void {
    let low = this.#seed;
    let high = ~this.#seed;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      low = Math.imul(rotate(low ^ unit, 13), 0x9e3779b1);
      high = Math.imul(rotate(high + unit, 15), 0x85ebca77) + low;
    }
    low = avalanche(low ^ text.length ^ Math.imul(high, 0xc2b2ae3d));
    this.low = low | 0;
    this.high = avalanche((high + low) | 0) | 0;
  }
}
