/**
 * Every bound of csv-profile in one place. Together they keep memory flat whatever the file: a column costs at most
 * about 230 KB while its distinct values are counted exactly, and usually less afterwards.
 */

/** A header with more columns is refused. */
export const MAX_COLUMNS = 1_000;

/** A field with more bytes is refused. */
export const MAX_FIELD_BYTES = 1_048_576;

/** A row with more bytes is refused; it bounds what the parser gathers before it hands a row over. */
export const MAX_ROW_BYTES = 4 * 1_048_576;

/** How much is parsed before other work gets the event loop: 2 ms, and 20 ms where every row is a single digit. */
export const SLICE_BYTES = 16_384;

/** Longest stretch of own work between two turns of the event loop, beyond which the next chance to yield is taken. */
export const YIELD_AFTER_MS = 10;

/** Distinct values of a column are counted one by one up to here, and estimated by sketches beyond. */
export const MAX_EXACT_DISTINCT = 10_000;

/**
 * Beyond {@link MAX_EXACT_DISTINCT} distinct values this many stay counted, for `top`. Half of them survive each
 * clearing, so a value in more than 1/1,000 of the rows is found, and its count is short by no more than that.
 */
export const MAX_FREQUENT_VALUES = 2_000;

/** Values in `top`. */
export const MAX_TOP_VALUES = 10;

/** A longer value is cut in `top`, and ends in an ellipsis there. In UTF-16 units. */
export const MAX_TOP_VALUE_LENGTH = 1_000;

/** Bins of a histogram. */
export const MAX_BINS = 20;

/**
 * The error of a quantile beyond {@link MAX_EXACT_DISTINCT} distinct values, as a share of the quantile itself or of
 * its distance from the column's centre (the median of the first {@link MAX_EXACT_DISTINCT} distinct values),
 * whichever is less.
 */
export const QUANTILE_ERROR = 0.005;

/** Bins of a quantile sketch for either sign: values may span 17 orders of magnitude. */
export const QUANTILE_SKETCH_BINS = 4_096;

/** Registers of the HyperLogLog are 2 to this power: a standard error of 0.57 %, so 3 % is five times that. */
export const HYPERLOGLOG_PRECISION_BITS = 15;
