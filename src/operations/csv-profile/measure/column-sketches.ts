/** The measurable values of a column that has too many distinct ones to keep: everything here has a fixed size. */
import { MAX_BINS } from '../limits.ts';
import type { NumericFigures } from '../profile.ts';
import { type Bin, Histogram } from './histogram.ts';
import { Moments } from './moments.ts';
import { exactQuartiles, QuartileSketch } from './quantiles.ts';
import type { ValueTable } from './value-table.ts';

/** All figures of the values that a table still holds one by one. At least one value. */
export function figuresOf(table: ValueTable, isInteger: boolean): NumericFigures {
  const { moments, histogram } = momentsAndHistogram(table, isInteger);
  const quantiles = exactQuartiles(
    table.measures.subarray(0, table.size),
    table.counts.subarray(0, table.size),
  );
  return figures(moments, quantiles, histogram);
}

export class ColumnSketches {
  readonly #moments: Moments;
  readonly #histogram: Histogram;
  readonly #quartiles: QuartileSketch;

  /** Starts from the values that came so far. */
  constructor(table: ValueTable, isInteger: boolean) {
    const measures = table.measures.subarray(0, table.size);
    const counts = table.counts.subarray(0, table.size);
    ({ moments: this.#moments, histogram: this.#histogram } = momentsAndHistogram(table, isInteger));
    this.#quartiles = new QuartileSketch(exactQuartiles(measures, counts).p50);
    measures.forEach((value, i) => {
      this.#quartiles.add(value, counts[i] ?? 0);
    });
  }

  add(value: number): void {
    this.#moments.add(value, 1);
    this.#histogram.add(value, 1);
    this.#quartiles.add(value, 1);
  }

  figures(isInteger: boolean): NumericFigures {
    const { min, max } = this.#moments;
    return figures(this.#moments, this.#quartiles.quartiles(min, max, isInteger), this.#histogram);
  }
}

function momentsAndHistogram(table: ValueTable, isInteger: boolean) {
  const moments = new Moments();
  for (let entry = 0; entry < table.size; entry++) {
    moments.add(table.measures[entry] ?? 0, table.counts[entry] ?? 0);
  }
  const histogram = new Histogram(moments.min, moments.max, isInteger);
  for (let entry = 0; entry < table.size; entry++) {
    histogram.add(table.measures[entry] ?? 0, table.counts[entry] ?? 0);
  }
  return { moments, histogram };
}

function figures(
  moments: Moments,
  quantiles: NumericFigures['quantiles'],
  histogram: Histogram,
): NumericFigures {
  const { min, max, mean, stddev, weight } = moments;
  const bins: Bin[] = min === max ? [{ from: min, to: max, count: weight }] : histogram.bins(MAX_BINS);
  return { min, max, mean, stddev, quantiles, histogram: bins };
}
