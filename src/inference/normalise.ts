/** How features become the network's input; the manifest's `normalisation` in typed arrays. */
export class Normaliser {
  readonly length: number;
  readonly #mean: Float64Array;
  readonly #scale: Float64Array;
  readonly #clip: number;

  constructor(normalisation: {
    readonly mean: ArrayLike<number>;
    readonly deviation: ArrayLike<number>;
    readonly clip: number;
  }) {
    this.length = normalisation.mean.length;
    this.#mean = Float64Array.from(normalisation.mean);
    this.#scale = Float64Array.from(normalisation.deviation, (deviation) => 1 / deviation);
    this.#clip = normalisation.clip;
  }

  /**
   * z = (x − mean) / deviation, clipped to ± clip. A feature that is not defined (NaN: the pitch of a window without
   * voice) becomes 0, the mean, so that it speaks for no class.
   *
   * @param features rows of `length` values; may be `out`.
   */
  apply(features: Float32Array, rows: number, out: Float32Array, firstRow = 0): void {
    const mean = this.#mean;
    const scale = this.#scale;
    const high = this.#clip;
    const low = -this.#clip;
    const count = mean.length;
    for (let row = 0; row < rows; row++) {
      const from = (firstRow + row) * count;
      const to = row * count;
      for (let index = 0; index < count; index++) {
        const z = (features[from + index]! - mean[index]!) * scale[index]!;
        out[to + index] = z > high ? high : z < low ? low : Number.isNaN(z) ? 0 : z;
      }
    }
  }
}
