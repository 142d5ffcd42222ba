/** The reply, as docs/design.md, section 4, has it: the figures of every column of one CSV. */
import type { Bin } from './measure/histogram.ts';
import type { Quartiles } from './measure/quantiles.ts';
import type { TopValue } from './measure/top-values.ts';
import type { ColumnType } from './measure/value-type.ts';

export interface Profile {
  /** Records after the header. Blank lines are none. */
  readonly rows: number;
  /** Length of the file. */
  readonly bytes: number;
  /** Rows with fewer or more fields than the header. What is missing is null, what is too much counts nowhere. */
  readonly ragged: number;
  readonly columns: readonly ColumnProfile[];
}

/** One column. The keys of {@link NumericFigures} are there only where `type` is `integer` or `number`. */
export interface ColumnProfile extends Partial<NumericFigures> {
  readonly name: string;
  readonly type: ColumnType;
  /** Rows with a value. */
  readonly count: number;
  /** Rows without one: an empty or missing field, or a text that `?nulls=` names. */
  readonly nulls: number;
  /** Different texts; `1` and `1.0` are two. */
  readonly distinct: number;
  /** False: `distinct` is estimated, with a standard error of 0.57 %. */
  readonly distinctIsExact: boolean;
  /** Most frequent first; of equal counts, what came first. Where `distinctIsExact` is false a count is a minimum. */
  readonly top: readonly TopValue[];
}

/** Figures of a numeric column, in double precision. */
export interface NumericFigures {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** The sample's; null for a single value, and for values beyond 1e154. */
  readonly stddev: number | null;
  /** Exact where `distinctIsExact`; otherwise within 0.5 % of themselves, or better: see QUANTILE_ERROR. */
  readonly quantiles: Quartiles;
  /** At most 20 bins; their counts are exact. */
  readonly histogram: readonly Bin[];
}

/** A column as the HTML report draws it: dates have a range and a histogram too, in milliseconds since 1970. */
export interface ColumnSummary {
  readonly column: ColumnProfile;
  readonly dates?: DateSummary;
}

export interface DateSummary {
  readonly earliest: number;
  readonly latest: number;
  readonly histogram: readonly Bin[];
}
