/**
 * A histogram of values whose range is not known beforehand, with exact counts. Values are counted in fine bins of
 * width 10^k, aligned at its multiples. When the range outgrows them, ten bins become one: edges of the wider bins
 * are edges of the finer ones, so no count is ever split.
 */

/** One bin: `from` <= value < `to`. A column with a single value has one bin with both ends there. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

const FINE_BINS = 512;
/** A new range fills at most half of the fine bins, so that it can grow either way. */
const FINE_BINS_AT_FIRST = FINE_BINS / 2;
/** Narrower bins, beside the largest value, would have edges that a double cannot tell apart. */
const SIGNIFICANT_DIGITS = 14;
const STEPS = [1, 2, 5];

/** The double nearest to multiple * 10^exponent, by way of text: products and quotients would be off by a bit. */
const edge = (multiple: number, exponent: number) => Number(`${multiple}e${exponent}`);
const finite = (value: number) => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));

export class Histogram {
  #exponent = 0;
  /** 10^#exponent. */
  #width = 1;
  /** The first fine bin begins at #first * 10^#exponent. */
  #first = 0;
  #counts = new Float64Array(FINE_BINS);
  /** Lower edges of the fine bins, and the upper edge of the last. */
  #edges = new Float64Array(FINE_BINS + 1);
  readonly #leastExponent: number;

  /** @param isInteger bins of whole numbers are never narrower than 1. */
  constructor(min: number, max: number, isInteger: boolean) {
    this.#leastExponent = isInteger ? 0 : -320;
    this.#cover(min, max, this.#leastExponent);
  }

  /** @param weight how many times the value came. */
  add(value: number, weight: number): void {
    if (!(value >= (this.#edges[0] ?? 0) && value < (this.#edges[FINE_BINS] ?? 0))) this.#grow(value);
    const bin = this.#binOf(value);
    this.#counts[bin] = (this.#counts[bin] ?? 0) + weight;
  }

  /** At most `maxBins` bins of equal, round width (1, 2 or 5 times a power of ten) that hold every value. */
  bins(maxBins: number): Bin[] {
    const [lowest, highest] = this.#filled();
    let exponent = this.#exponent;
    let step = 1;
    const bin = (fine: number) =>
      Math.floor((this.#first + fine) / (step * 10 ** (exponent - this.#exponent)));
    for (let i = 0; bin(highest) - bin(lowest) >= maxBins; i++) {
      step = STEPS[i % STEPS.length] ?? 1;
      exponent = this.#exponent + Math.floor(i / STEPS.length);
    }
    const first = bin(lowest);
    const counts = new Array<number>(bin(highest) - first + 1).fill(0);
    for (let fine = lowest; fine <= highest; fine++) {
      const index = bin(fine) - first;
      counts[index] = (counts[index] ?? 0) + (this.#counts[fine] ?? 0);
    }
    return counts.map((count, i) => ({
      from: finite(edge((first + i) * step, exponent)),
      to: finite(edge((first + i + 1) * step, exponent)),
      count,
    }));
  }

  /** The first and the last fine bin that are not empty. */
  #filled(): [number, number] {
    let lowest = 0;
    let highest = FINE_BINS - 1;
    while (lowest < highest && this.#counts[lowest] === 0) lowest++;
    while (highest > lowest && this.#counts[highest] === 0) highest--;
    return [lowest, highest];
  }

  #binOf(value: number): number {
    const guess = Math.floor(value / this.#width) - this.#first;
    let bin = Math.max(0, Math.min(FINE_BINS - 1, guess));
    // The division rounds; the edges, which the reply shows, decide.
    while (bin > 0 && value < (this.#edges[bin] ?? 0)) bin--;
    while (bin < FINE_BINS - 1 && value >= (this.#edges[bin + 1] ?? 0)) bin++;
    return bin;
  }

  #grow(value: number): void {
    const [lowest, highest] = this.#filled();
    const [oldEdges, oldCounts] = [this.#edges, this.#counts];
    const from = Math.min(value, oldEdges[lowest] ?? value);
    // The last bin's lower edge stands for it: its upper edge belongs to the next bin already.
    const to = Math.max(value, oldEdges[highest] ?? value);
    this.#counts = new Float64Array(FINE_BINS);
    this.#edges = new Float64Array(FINE_BINS + 1);
    this.#cover(from, to, this.#exponent);
    for (let old = lowest; old <= highest; old++) {
      const bin = this.#binOf(oldEdges[old] ?? 0);
      this.#counts[bin] = (this.#counts[bin] ?? 0) + (oldCounts[old] ?? 0);
    }
  }

  #cover(min: number, max: number, atLeastExponent: number): void {
    const largest = Math.max(Math.abs(min), Math.abs(max));
    let exponent = atLeastExponent;
    if (largest > 0) {
      exponent = Math.max(exponent, Math.floor(Math.log10(largest)) - SIGNIFICANT_DIGITS);
    }
    const span = () => Math.floor(max / edge(1, exponent)) - Math.floor(min / edge(1, exponent)) + 1;
    while (span() > FINE_BINS_AT_FIRST) exponent++;
    this.#exponent = exponent;
    this.#width = edge(1, exponent);
    this.#first = Math.floor(min / edge(1, exponent)) - Math.floor((FINE_BINS - span()) / 2);
    for (let i = 0; i <= FINE_BINS; i++) this.#edges[i] = edge(this.#first + i, exponent);
  }
}
