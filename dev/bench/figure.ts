/** What a bench measures: one figure, in several rounds, beside its floor. */

export interface Figure {
  /** What was measured, as the table names it. */
  readonly name: string;
  /** `requests/s`, `ms`, `calls`. */
  readonly unit: string;
  /** One value a round. */
  readonly ours: readonly number[];
  /** The same of the floor, measured in turns with ours. Absent where there is nothing to set beside it. */
  readonly floor?: readonly number[];
  /** The same of Durable Functions, as docs/cost.md has it; two values are a range. */
  readonly durable?: readonly number[];
  /** What stands beside the figure. */
  readonly note?: string;
}

/** A value of every round, summed up. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** @throws {RangeError} where nothing was measured */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined) throw new RangeError('a figure wants at least one value');
  return { min, median: quantile(sorted, 0.5), max };
}

/** @param sorted ascending, and not empty; between two values it goes straight from one to the other */
export function quantile(sorted: readonly number[], fraction: number): number {
  const place = (sorted.length - 1) * fraction;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** Ours by the floor's, of the medians; undefined where there is no floor. */
export function ratioOf({ ours, floor }: Figure): number | undefined {
  return floor === undefined ? undefined : spreadOf(ours).median / spreadOf(floor).median;
}
