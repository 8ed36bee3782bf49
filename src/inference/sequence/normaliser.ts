import { descriptorIndex, MEL_BANDS } from '../../features/index.ts';
import type { SequenceInput } from './shape.ts';

/** Numbers of the causal normalisation, one per input; from the training's hops with speech. */
export interface SequenceNormalisation {
  readonly mean: ArrayLike<number>;
  readonly deviation: ArrayLike<number>;
  /** What is further from the mean counts as so many deviations. */
  readonly clip: number;
}

/** The training's mean weighs as much in a stream's own as a second of speech. */
const PRIOR_HOPS = 100;
/** A stream's mean is over its last minute of speech or so. */
const MEMORY_HOPS = 6000;

const SPEECH = descriptorIndex('speech');
const FIRST_BAND = descriptorIndex('logMel0');

/** What of the inputs is the same for all streams. */
export class InputNormalisation {
  readonly inputs: number;
  readonly column: Int32Array;
  readonly adapt: Float64Array;
  readonly mean: Float64Array;
  readonly scale: Float64Array;
  readonly clip: number;
  /** Whether an input is a band of the log-mel spectrum; those come first. */
  readonly bands: number;

  constructor(inputs: readonly SequenceInput[], { mean, deviation, clip }: SequenceNormalisation) {
    this.inputs = inputs.length;
    this.column = Int32Array.from(inputs, ({ descriptor }) => descriptorIndex(descriptor));
    this.adapt = Float64Array.from(inputs, ({ adapt }) => adapt);
    this.mean = Float64Array.from(mean);
    this.scale = Float64Array.from(deviation, (value) => 1 / value);
    this.clip = clip;
    const bands = this.column.filter((column) => column >= FIRST_BAND && column < FIRST_BAND + MEL_BANDS).length;
    if (this.column.subarray(0, bands).some((column) => column < FIRST_BAND || column >= FIRST_BAND + MEL_BANDS)) {
      throw new RangeError('the log-mel bands must be the first inputs');
    }
    this.bands = bands;
  }
}

/**
 * Makes a stream's hops the network's inputs, with nothing but what has been heard: the mean of every input over the hops so far,
 * each counted by its probability of speech, and the training's mean as if it had been heard for a second before. A value that is not
 * defined (the pitch of a hop without voice) becomes 0, the mean.
 */
export class CausalNormaliser {
  readonly #of: InputNormalisation;
  /** Of the differences from the training's mean, weighted. */
  readonly #sums: Float64Array;
  readonly #weights: Float64Array;

  constructor(of: InputNormalisation) {
    this.#of = of;
    this.#sums = new Float64Array(of.inputs);
    this.#weights = new Float64Array(of.inputs);
  }

  reset(): void {
    this.#sums.fill(0);
    this.#weights.fill(0);
  }

  /** As if hops with these mean differences from the training's had been heard, so many of them. */
  warm(differences: Float64Array, hops: number): void {
    for (let input = 0; input < this.#of.inputs; input++) {
      this.#sums[input] = differences[input]! * hops;
      this.#weights[input] = hops;
    }
  }

  /** @param rows descriptors, the hop's from `from` on @param out `inputs` values, written from `at` on */
  push(rows: Float32Array, from: number, out: Float32Array, at: number): void {
    const { inputs, column, adapt, mean, scale, clip, bands } = this.#of;
    const sums = this.#sums;
    const weights = this.#weights;
    const speech = rows[from + SPEECH]!;
    const kept = 1 - speech / MEMORY_HOPS;
    let level = 0;
    for (let input = 0; input < inputs; input++) {
      const difference = rows[from + column[input]!]! - mean[input]!;
      // value − value is 0 for finite values only
      if (difference - difference === 0) {
        sums[input] = sums[input]! * kept + speech * difference;
        weights[input] = weights[input]! * kept + speech;
      }
      if (input < bands) level += sums[input]! / (weights[input]! + PRIOR_HOPS);
    }
    if (bands > 0) level /= bands;
    for (let input = 0; input < inputs; input++) {
      const own = sums[input]! / (weights[input]! + PRIOR_HOPS);
      const shift = input < bands ? level + adapt[input]! * (own - level) : adapt[input]! * own;
      const z = (rows[from + column[input]!]! - mean[input]! - shift) * scale[input]!;
      out[at + input] = z > clip ? clip : z < -clip ? -clip : Number.isNaN(z) ? 0 : z;
    }
  }
}
