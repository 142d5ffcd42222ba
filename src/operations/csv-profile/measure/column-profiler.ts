/**
 * Profiles one column value by value.
 *
 *     exact ──(one distinct value more than MAX_EXACT_DISTINCT)──> sketched
 *
 * Exact: a table holds every distinct value's hash, count and measure; all figures come from it at the end, so a
 * value that came before costs a hash and a look-up. Sketched: the table is cut down to the frequent values, for
 * `top`; a HyperLogLog counts the distinct ones, and ColumnSketches take the measures as they come.
 */
import { MAX_EXACT_DISTINCT, MAX_FREQUENT_VALUES } from '../limits.ts';
import type { ColumnProfile, ColumnSummary } from '../profile.ts';
import { ColumnSketches, figuresOf } from './column-sketches.ts';
import { HyperLogLog } from './hyperloglog.ts';
import type { TextHash } from './text-hash.ts';
import { TopValues } from './top-values.ts';
import { ValueTable } from './value-table.ts';
import * as valueType from './value-type.ts';

export class ColumnProfiler {
  readonly #name: string;
  readonly #nullTexts: readonly string[];
  readonly #hash: TextHash;
  readonly #value = new valueType.ValueReader();
  readonly #table = new ValueTable(MAX_EXACT_DISTINCT);
  readonly #top = new TopValues(this.#table);
  #kinds: valueType.Kinds = 0;
  #count = 0;
  #nulls = 0;
  /** Set once the column is sketched. */
  #distinct: HyperLogLog | undefined;
  /** Set once the column is sketched, for as long as its values lie on one scale. */
  #sketches: ColumnSketches | undefined;
  /** How often at most a value came that the table has lost. */
  #missed = 0;

  /**
   * @param nullTexts texts that count as null, besides the empty one.
   * @param hash may be shared by all columns of a file.
   */
  constructor(name: string, nullTexts: readonly string[], hash: TextHash) {
    this.#name = name;
    this.#nullTexts = nullTexts;
    this.#hash = hash;
  }

  /** @param text the field as the parser has it; undefined where a short row has none. */
  add(text: string | undefined): void {
    if (text === undefined || text === '' || this.#nullTexts.includes(text)) {
      this.#nulls++;
      return;
    }
    this.#count++;
    this.#hash.update(text);
    const { low, high } = this.#hash;
    let entry = this.#table.find(low, high);
    if (entry === -1) entry = this.#admit(low, high, text);

    const { counts, measures } = this.#table;
    const count = (counts[entry] ?? 0) + 1;
    counts[entry] = count;
    this.#top.offer(entry, count, text);
    if (this.#sketches !== undefined) this.#sketches.add(measures[entry] ?? 0);
  }

  finish(): ColumnSummary {
    const type = valueType.typeOf(this.#kinds);
    const column: ColumnProfile = {
      name: this.#name,
      type,
      count: this.#count,
      nulls: this.#nulls,
      // The estimate may fall short of what is certain.
      distinct: Math.max(this.#distinct?.estimate() ?? 0, this.#distinctAtLeast),
      distinctIsExact: this.#distinct === undefined,
      top: this.#top.list(),
    };
    if (!valueType.areMeasurable(this.#kinds)) return { column };

    const isInteger = type === 'integer' || type === 'date';
    const figures = this.#sketches?.figures(isInteger) ?? figuresOf(this.#table, isInteger);
    if (type === 'date') {
      return { column, dates: { earliest: figures.min, latest: figures.max, histogram: figures.histogram } };
    }
    const { top, ...counts } = column;
    const { histogram, ...measured } = figures;
    return { column: { ...counts, ...measured, top, histogram } };
  }

  get #distinctAtLeast(): number {
    return this.#distinct === undefined ? this.#table.size : MAX_EXACT_DISTINCT + 1;
  }

  /** A value that the table does not hold: new, or lost before. */
  #admit(low: number, high: number, text: string): number {
    this.#value.read(text);
    const { kind, measure } = this.#value;
    const kinds = this.#kinds | kind;
    if (kinds !== this.#kinds) {
      this.#kinds = kinds;
      if (!valueType.areMeasurable(kinds)) this.#sketches = undefined;
    }
    if (this.#table.isFull) {
      if (this.#distinct === undefined) this.#changeToSketches();
      this.#keepFrequent();
    }
    this.#distinct?.add(low, high);
    return this.#table.admit(low, high, measure, this.#missed);
  }

  #changeToSketches(): void {
    const distinct = new HyperLogLog();
    this.#table.forEachHash((low, high) => {
      distinct.add(low, high);
    });
    this.#distinct = distinct;
    if (valueType.areMeasurable(this.#kinds)) {
      const isInteger = this.#kinds === valueType.INTEGER || this.#kinds === valueType.DATE;
      this.#sketches = new ColumnSketches(this.#table, isInteger);
    }
  }

  /**
   * Makes room by lossy counting: the values that came most often, counting what may have been missed of them, stay.
   * Those in `top` stay too, so that it never shrinks.
   */
  #keepFrequent(): void {
    const table = this.#table;
    const possible = (entry: number) => (table.counts[entry] ?? 0) + (table.missed[entry] ?? 0);
    const ascending = new Float64Array(table.size);
    for (let entry = 0; entry < table.size; entry++) ascending[entry] = possible(entry);
    ascending.sort();
    const threshold = ascending.at(-MAX_FREQUENT_VALUES / 2) ?? 0;
    const moved = table.retain(
      (entry) => possible(entry) > threshold || this.#top.has(entry),
      MAX_FREQUENT_VALUES,
    );
    this.#top.renumber(moved);
    this.#missed = Math.max(this.#missed, threshold);
  }
}
