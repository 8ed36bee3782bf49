/** Weighted least-squares line through (t, y) for several y, from running sums; times in minutes keep them small. */
export class Trend {
  readonly #series: number;
  /** Weight, w·t, w·t², then w·y and w·t·y of each series. */
  readonly sums: Float64Array;

  constructor(series: number) {
    this.#series = series;
    this.sums = new Float64Array(3 + 2 * series);
  }

  push(minutes: number, weight: number, values: readonly number[]): void {
    const { sums } = this;
    sums[0]! += weight;
    sums[1]! += weight * minutes;
    sums[2]! += weight * minutes * minutes;
    for (let index = 0; index < this.#series; index += 1) {
      sums[3 + 2 * index]! += weight * values[index]!;
      sums[4 + 2 * index]! += weight * minutes * values[index]!;
    }
  }

  add(other: Trend): void {
    for (let index = 0; index < this.sums.length; index += 1) this.sums[index]! += other.sums[index]!;
  }

  /** Slope of a series per minute; `null` where the times do not differ. */
  slope(series: number): number | null {
    const [weight = 0, t = 0, tt = 0] = this.sums;
    const spread = weight * tt - t * t;
    // Equal times leave rounding errors instead of zero.
    if (spread <= 1e-9 * weight * tt || weight === 0) return null;
    return (weight * this.sums[4 + 2 * series]! - t * this.sums[3 + 2 * series]!) / spread;
  }
}
