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

const newSketch = () =>
  new LogCollapsingLowestDenseDDSketch({ relativeAccuracy: QUANTILE_ERROR, binLimit: QUANTILE_SKETCH_BINS });

/**
 * Estimates quartiles of any number of values. A DDSketch errs by a share of the value, which makes years or
 * temperatures in kelvin useless. So a second one is fed distances from a centre and errs by a share of those. Of
 * both, each quartile takes the one that errs less: by {@link QUANTILE_ERROR} of itself, or of its distance.
 */
export class QuartileSketch {
  readonly #values = newSketch();
  readonly #distances = newSketch();
  readonly #centre: number;

  /** @param centre best near the median of what will come. */
  constructor(centre: number) {
    this.#centre = centre;
  }

  add(value: number, weight: number): void {
    this.#values.accept(value, weight);
    const distance = value - this.#centre;
    // Twice the largest double is infinite, and would ask the sketch for endless bins.
    this.#distances.accept(Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, distance)), weight);
  }

  /** @param isInteger whole numbers stay whole. */
  quartiles(min: number, max: number, isInteger: boolean): Quartiles {
    const quantile = (q: number): number => {
      const byValue = this.#values.getValueAtQuantile(q);
      const byDistance = this.#centre + this.#distances.getValueAtQuantile(q);
      const estimate = Math.abs(byValue) < Math.abs(byValue - this.#centre) ? byValue : byDistance;
      return Math.max(min, Math.min(max, isInteger ? Math.round(estimate) : estimate));
    };
    return { p25: quantile(0.25), p50: quantile(0.5), p75: quantile(0.75) };
  }
}
