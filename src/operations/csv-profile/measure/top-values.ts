/**
 * The most frequent values of a column, kept up to date value by value: only here are the texts themselves held, ten
 * a column, however many distinct values there are. Exact, because a value can only enter the ten at the very moment
 * when it comes once more, and then its text is at hand.
 */
import { MAX_TOP_VALUE_LENGTH, MAX_TOP_VALUES } from '../limits.ts';
import type { ValueTable } from './value-table.ts';

/** A value as the file has it, and the number of rows it is in. */
export interface TopValue {
  readonly value: string;
  readonly count: number;
}

export class TopValues {
  /** The last of the ten as of the last offer: its count has not sunk since, so whoever is behind it stays out. */
  #lastCount = 0;
  #lastEntry = 0;
  readonly #table: ValueTable;
  #entries: number[] = [];
  readonly #texts: string[] = [];

  constructor(table: ValueTable) {
    this.#table = table;
  }

  /** Considers an entry whose count has just grown. Of equal counts, the value that came first goes first. */
  offer(entry: number, count: number, text: string): void {
    if (count < this.#lastCount || (count === this.#lastCount && entry >= this.#lastEntry)) return;
    if (this.#entries.includes(entry)) return;
    if (this.#entries.length < MAX_TOP_VALUES) {
      this.#entries.push(entry);
      this.#texts.push(shortened(text));
      return;
    }
    let last = 0;
    for (let i = 1; i < this.#entries.length; i++) if (this.#isBefore(this.#at(last), this.#at(i))) last = i;
    this.#lastEntry = this.#at(last);
    this.#lastCount = this.#count(this.#lastEntry);
    if (!this.#isBefore(entry, this.#lastEntry)) return;
    this.#entries[last] = entry;
    this.#texts[last] = shortened(text);
  }

  /** Whether the entry is one of them. */
  has(entry: number): boolean {
    return this.#entries.includes(entry);
  }

  /** Follows the table's {@link ValueTable.retain}, which must have kept every entry that is in here. */
  renumber(moved: Int32Array): void {
    this.#entries = this.#entries.map((entry) => moved[entry] ?? -1);
    this.#lastEntry = moved[this.#lastEntry] ?? 0;
  }

  /** The values, most frequent first. */
  list(): TopValue[] {
    return this.#entries
      .map((entry, i) => ({ entry, value: this.#texts[i] ?? '', count: this.#count(entry) }))
      .sort((a, b) => (this.#isBefore(a.entry, b.entry) ? -1 : 1))
      .map(({ value, count }) => ({ value, count }));
  }

  #at(index: number): number {
    return this.#entries[index] ?? -1;
  }

  #count(entry: number): number {
    return this.#table.counts[entry] ?? 0;
  }

  #isBefore(a: number, b: number): boolean {
    const more = this.#count(a) - this.#count(b);
    return more > 0 || (more === 0 && a < b);
  }
}

/** A cut copy, never a slice: V8 would keep the whole long text alive behind it. */
function shortened(text: string): string {
  if (text.length <= MAX_TOP_VALUE_LENGTH) return text;
  const cut = text.slice(0, MAX_TOP_VALUE_LENGTH).replace(/[\ud800-\udbff]$/, '');
  return `${Buffer.from(cut).toString()}\u2026`;
}
