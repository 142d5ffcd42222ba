/**
 * Smallest, largest, mean and standard deviation in one pass over weighted values, by Welford's method (West's form
 * for weights): sums of squares would lose every digit on values that are large beside their spread.
 */
export class Moments {
  weight = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  mean = 0;
  /** What the mean's own digits have no room for: near 10^15, where a step is an eighth, a small spread is lost without it. */
  #rest = 0;
  #squares = 0;

  /** @param weight how many times the value came. */
  add(value: number, weight: number): void {
    this.weight += weight;
    const before = value - this.mean - this.#rest;
    const share = weight / this.weight;
    if (Number.isFinite(before)) {
      const step = before * share + this.#rest;
      const mean = this.mean + step;
      this.#rest = step - (mean - this.mean);
      this.mean = mean;
    } else {
      // From one end of what a double holds to the other the difference is infinite, and the mean is not.
      this.mean = this.mean * (1 - share) + value * share;
      this.#rest = 0;
    }
    this.#squares += weight * before * (value - this.mean - this.#rest);
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
  }

  /** The sample's standard deviation; null for fewer than two values, and where squares outgrow a double (1e154). */
  get stddev(): number | null {
    const variance = this.#squares / (this.weight - 1);
    return Number.isFinite(variance) ? Math.sqrt(variance) : null;
  }
}
