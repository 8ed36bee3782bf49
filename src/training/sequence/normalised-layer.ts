import type { Kernel } from '../../inference/index.ts';
import { BATCH_NORM_EPSILON } from './parameters.ts';

/** Rows of one clip in the buffers of a layer: the first, counted from the buffer's, and how many. */
export interface ClipRows {
  readonly first: number;
  readonly rows: number;
}

/** Shares of values that are left out, and what that makes of the others. */
export interface Dropout {
  readonly threshold: number;
  readonly keptScale: number;
}

export function dropout(share: number): Dropout {
  return { threshold: Math.floor(share * 4_294_967_296) | 0, keptScale: share > 0 ? 1 / (1 - share) : 1 };
}

/**
 * max(normalised z · gain + shift, 0) with dropout, forwards and backwards, the normalisation over all frames of the batch (Ioffe and
 * Szegedy 2015).
 */
export class NormalisedLayer {
  readonly #kernel: Kernel;
  readonly channels: number;
  /** Outputs of the product before it, rows × channels; then what came out; then the slope by z. */
  readonly z: number;
  readonly out: number;
  /** sums, squares, scale, shift, inverse, offset, p, q, r: `channels` values each. */
  readonly #columns: number;
  #count = 0;

  constructor(kernel: Kernel, rows: number, channels: number) {
    this.#kernel = kernel;
    this.channels = channels;
    this.z = kernel.allocate(rows * channels);
    this.out = kernel.allocate(rows * channels);
    this.#columns = kernel.allocate(9 * channels);
  }

  #place(index: number): number {
    return this.#columns + index * this.channels * 4;
  }

  #view(index: number): Float32Array {
    const at = this.#place(index) / 4;
    return this.#kernel.floats.subarray(at, at + this.channels);
  }

  /**
   * z → out, and out + `residual` → `sum` if there is one (addresses of buffers of the same rows).
   *
   * @param mean the batch's mean of every channel, written; `variance` likewise
   */
  forward(
    clips: readonly ClipRows[],
    gain: Float32Array,
    shift: Float32Array,
    { threshold, keptScale }: Dropout,
    mean: Float32Array,
    variance: Float32Array,
    residual = 0,
    sum = 0,
  ): void {
    const { run } = this.#kernel;
    const { channels, z, out } = this;
    const [sums, squares, scale, added, inverse, offset] = [0, 1, 2, 3, 4, 5].map((index) => this.#view(index));
    sums!.fill(0);
    squares!.fill(0);
    for (const { first, rows } of clips) {
      run.moments(z + first * channels * 4, rows, channels, this.#place(0), this.#place(1));
    }
    this.#count = clips.reduce((total, { rows }) => total + rows, 0);
    for (let channel = 0; channel < channels; channel++) {
      const m = sums![channel]! / this.#count;
      const v = Math.max(squares![channel]! / this.#count - m * m, 0);
      const k = 1 / Math.sqrt(v + BATCH_NORM_EPSILON);
      mean[channel] = m;
      variance[channel] = v;
      inverse![channel] = k;
      offset![channel] = -m * k;
      scale![channel] = gain[channel]! * k;
      added![channel] = shift[channel]! - m * k * gain[channel]!;
    }
    for (const { first, rows } of clips) {
      const bytes = first * channels * 4;
      const from = residual === 0 ? 0 : residual + bytes;
      run.activate(
        z + bytes,
        this.#place(2),
        this.#place(3),
        out + bytes,
        from,
        sum + bytes,
        rows,
        channels,
        threshold,
        keptScale,
      );
    }
  }

  /**
   * Slope by out → slope by z, into the buffer `g`.
   *
   * @param gainSlope written; `shiftSlope` likewise
   */
  backward(
    clips: readonly ClipRows[],
    slope: number,
    g: number,
    gain: Float32Array,
    { keptScale }: Dropout,
    gainSlope: Float32Array,
    shiftSlope: Float32Array,
  ): void {
    const { run } = this.#kernel;
    const { channels, z, out } = this;
    const [sums, products, p, q, r, inverse, offset] = [0, 1, 6, 7, 8, 4, 5].map((index) => this.#view(index));
    sums!.fill(0);
    products!.fill(0);
    for (const { first, rows } of clips) {
      const bytes = first * channels * 4;
      run.deactivate(
        slope + bytes,
        out + bytes,
        z + bytes,
        this.#place(4),
        this.#place(5),
        g + bytes,
        rows,
        channels,
        keptScale,
        this.#place(0),
        this.#place(1),
      );
    }
    for (let channel = 0; channel < channels; channel++) {
      gainSlope[channel] = products![channel]!;
      shiftSlope[channel] = sums![channel]!;
      // z's own slope, less what it does through the mean and the variance of the batch.
      const k = gain[channel]! * inverse![channel]!;
      const product = products![channel]! / this.#count;
      p![channel] = k;
      q![channel] = -k * inverse![channel]! * product;
      r![channel] = -k * (sums![channel]! / this.#count + offset![channel]! * product);
    }
    for (const { first, rows } of clips) {
      const bytes = first * channels * 4;
      run.denormalise(g + bytes, z + bytes, this.#place(6), this.#place(7), this.#place(8), rows, channels);
    }
  }
}
