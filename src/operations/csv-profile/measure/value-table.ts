/**
 * The values of one column with how often each came, known by hash: distinct count, `top`, exact quantiles and the
 * histogram all come from here. Entries are numbered in the order in which their values first came.
 */

const FIRST_CAPACITY = 16;

export class ValueTable {
  /** Entries in use. */
  size = 0;
  /** How often each entry's value came since it was admitted. It takes an hour to count beyond 32 bits. */
  counts = new Uint32Array(FIRST_CAPACITY);
  /** Each entry's place on the column's scale; NaN where it has none. */
  measures = new Float64Array(FIRST_CAPACITY);
  /** How often each entry's value may have come before it was admitted; empty, so 0, while nothing was removed. */
  missed = new Float64Array(0);
  #lows = new Int32Array(FIRST_CAPACITY);
  #highs = new Int32Array(FIRST_CAPACITY);
  /** Open addressing: 1 + entry, or 0. At least a third stays free. */
  #slots = new Uint16Array(FIRST_CAPACITY * 2);
  #capacity = FIRST_CAPACITY;
  #maxEntries: number;

  /** @param maxEntries at most 40,000: slots are 16 bits wide. */
  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  get isFull(): boolean {
    return this.size >= this.#maxEntries;
  }

  /** The entry with this hash, or -1. */
  find(low: number, high: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const entry = (this.#slots[slot] ?? 0) - 1;
      if (entry === -1 || (this.#lows[entry] === low && this.#highs[entry] === high)) return entry;
    }
  }

  /** Adds a hash that is not there yet, with a count of 0, to a table that is not full. Returns its entry. */
  admit(low: number, high: number, measure: number, missed: number): number {
    if (this.size === this.#capacity) this.#resize(Math.min(this.size * 2, this.#maxEntries));
    if (missed > 0 && this.missed.length === 0) this.missed = new Float64Array(this.#capacity);
    const entry = this.size++;
    this.#lows[entry] = low;
    this.#highs[entry] = high;
    this.counts[entry] = 0;
    this.measures[entry] = measure;
    this.missed[entry] = missed;
    this.#place(entry);
    return entry;
  }

  /** Calls `visit` with the hash of every entry. */
  forEachHash(visit: (low: number, high: number) => void): void {
    for (let entry = 0; entry < this.size; entry++) visit(this.#lows[entry] ?? 0, this.#highs[entry] ?? 0);
  }

  /**
   * Removes every entry that `keep` refuses and sets a new bound; those that stay keep their order.
   * @returns the new number of every old entry, -1 where it is gone.
   */
  retain(keep: (entry: number) => boolean, maxEntries: number): Int32Array {
    const moved = new Int32Array(this.size).fill(-1);
    let kept = 0;
    for (let entry = 0; entry < this.size; entry++) if (keep(entry)) moved[entry] = kept++;
    for (const array of [this.#lows, this.#highs, this.counts, this.measures, this.missed]) {
      for (let entry = 0; entry < this.size; entry++) {
        const to = moved[entry] ?? -1;
        if (to !== -1) array[to] = array[entry] ?? 0;
      }
    }
    this.size = kept;
    this.#maxEntries = maxEntries;
    this.#resize(maxEntries);
    return moved;
  }

  #place(entry: number): void {
    const mask = this.#slots.length - 1;
    let slot = (this.#lows[entry] ?? 0) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry + 1;
  }

  #resize(capacity: number): void {
    if (capacity !== this.#capacity) {
      const resized = <T extends Float64Array | Int32Array | Uint32Array>(from: T, to: T): T => {
        to.set(from.subarray(0, this.size));
        return to;
      };
      this.counts = resized(this.counts, new Uint32Array(capacity));
      this.measures = resized(this.measures, new Float64Array(capacity));
      if (this.missed.length > 0) this.missed = resized(this.missed, new Float64Array(capacity));
      this.#lows = resized(this.#lows, new Int32Array(capacity));
      this.#highs = resized(this.#highs, new Int32Array(capacity));
      this.#slots = new Uint16Array(2 ** Math.ceil(Math.log2(capacity * 1.5)));
      this.#capacity = capacity;
    }
    this.#slots.fill(0);
    for (let entry = 0; entry < this.size; entry++) this.#place(entry);
  }
}
