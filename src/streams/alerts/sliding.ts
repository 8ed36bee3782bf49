interface Point {
  readonly atMs: number;
  readonly value: number;
}

/** The mean of the values in (now − span, now]. */
export class SlidingMean {
  readonly #spanMs: number;
  readonly #points: Point[] = [];

  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  push(atMs: number, value: number): void {
    this.#points.push({ atMs, value });
  }

  /** `undefined` where there is no value. */
  mean(nowMs: number): number | undefined {
    while (this.#points.length > 0 && this.#points[0]!.atMs <= nowMs - this.#spanMs) this.#points.shift();
    if (this.#points.length === 0) return undefined;
    // Added up anew, so that nothing drifts.
    return this.#points.reduce((sum, { value }) => sum + value, 0) / this.#points.length;
  }
}

/**
 * The highest of the values in [now − span, now], or with sign −1 the lowest: the queue keeps only those that no later one
 * exceeds.
 */
export class SlidingExtreme {
  readonly #spanMs: number;
  readonly #sign: 1 | -1;
  readonly #points: Point[] = [];

  constructor(spanMs: number, sign: 1 | -1) {
    this.#spanMs = spanMs;
    this.#sign = sign;
  }

  push(atMs: number, value: number): void {
    while (this.#points.length > 0 && this.#sign * (value - this.#points.at(-1)!.value) >= 0) this.#points.pop();
    this.#points.push({ atMs, value });
  }

  extreme(nowMs: number): number | undefined {
    while (this.#points.length > 0 && this.#points[0]!.atMs < nowMs - this.#spanMs) this.#points.shift();
    return this.#points[0]?.value;
  }
}
