/**
 * Quartiles: exact from a table of distinct values with counts, and from a DDSketch where a column has too many of
 * them. Both take the quantile that spreadsheets, NumPy and `statistics.quantiles(…, method='inclusive')` take:
 * position q * (n - 1) of the sorted values, on a straight line between its two neighbours.
 */
import { LogCollapsingLowestDenseDDSketch } from '@datadog/sketches-js';
import { QUANTILE_ERROR, QUANTILE_SKETCH_BINS } from '../limits.ts';

export interface Quartiles {
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
}

/** The quantile at `q` (0 to 1) for every `q`, of at least one value. Counts are those of the values beside them. */
export function exactQuartiles(values: Float64Array, counts: Uint32Array): Quartiles {
  const order = Uint32Array.from(values.keys()).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const total = counts.reduce((sum, count) => sum + count, 0);

  const valueAt = (rank: number): number => {
    let seen = 0;
    for (const index of order) {
      seen += counts[index] ?? 0;
      if (rank < seen) return values[index] ?? Number.NaN;
    }
    return values[order.at(-1) ?? 0] ?? Number.NaN;
  };
  const quantile = (q: number): number => {
    const position = q * (total - 1);
    const below = valueAt(Math.floor(position));
    const share = position - Math.floor(position);
    if (share === 0) return below;
    const above = valueAt(Math.floor(position) + 1);
    // Not below + (above - below) * share, which overflows where the two are far apart.
    return below === above ? below : below * (1 - share) + above * share;
  };
  return { p25: quantile(0.25), p50: quantile(0.5), p75: quantile(0.75) };
}

/**
 * Estimates quartiles of any number of values. A DDSketch errs by a share of the value, which makes years or
 * temperatures in kelvin useless; so it is fed distances from a centre, and errs by a share of those:
 * {@link QUANTILE_ERROR}.
 */
export class QuartileSketch {
  readonly #sketch = new LogCollapsingLowestDenseDDSketch({
    relativeAccuracy: QUANTILE_ERROR,
    binLimit: QUANTILE_SKETCH_BINS,
  });
  readonly #centre: number;

  /** @param centre best near the median of what will come. */
  constructor(centre: number) {
    this.#centre = centre;
  }

  add(value: number, weight: number): void {
    const distance = value - this.#centre;
    // Twice the largest double is infinite, and would ask the sketch for endless bins.
    this.#sketch.accept(Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, distance)), weight);
  }

  /** @param isInteger whole numbers stay whole. */
  quartiles(min: number, max: number, isInteger: boolean): Quartiles {
    const quantile = (q: number): number => {
      const estimate = this.#centre + this.#sketch.getValueAtQuantile(q);
      return Math.max(min, Math.min(max, isInteger ? Math.round(estimate) : estimate));
    };
    return { p25: quantile(0.25), p50: quantile(0.5), p75: quantile(0.75) };
  }
}
