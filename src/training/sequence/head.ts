import { LEAST_VARIANCE, type SequenceShape } from '../../inference/index.ts';
import type { Random } from '../random.ts';
import { BATCH_NORM_EPSILON, type Layout } from './parameters.ts';

/** The flat lists that it reads and writes its part of. */
export interface FlatLists {
  readonly parameters: Float32Array;
  readonly gradient: Float32Array;
  readonly statistics: Float32Array;
}

/**
 * What follows the frames: means and deviations from the sums of the pooling, normalised over the batch, dropout, and one layer to the
 * logits; then the loss, and the way back to the sums. Small enough for plain loops.
 */
export class Head {
  readonly #layout: Layout;
  readonly #channels: number;
  readonly #classes: number;
  readonly #pooled: Float64Array;
  readonly #normalised: Float64Array;
  readonly #kept: Float64Array;
  readonly #logits: Float64Array;
  readonly #slope: Float64Array;
  #sums: Float32Array = new Float32Array(0);

  constructor(shape: SequenceShape, layout: Layout, clips: number) {
    this.#layout = layout;
    this.#channels = 2 * shape.width;
    this.#classes = shape.classes;
    const pooled = clips * 2 * this.#channels;
    this.#pooled = new Float64Array(pooled);
    this.#normalised = new Float64Array(pooled);
    this.#kept = new Float64Array(pooled);
    this.#slope = new Float64Array(pooled);
    this.#logits = new Float64Array(clips * this.#classes);
  }

  /**
   * @param sums Σw, Σwh and Σwh² of every channel, clip by clip; not to be changed before `poolingSlopes`
   * @returns the mean of −Σ target · ln softmax over the clips
   */
  run(
    lists: FlatLists,
    sums: Float32Array,
    targets: Float32Array,
    clips: number,
    dropout: number,
    random: Random,
  ): number {
    this.#sums = sums;
    const channels = this.#channels;
    for (let clip = 0; clip < clips; clip++) {
      for (let channel = 0; channel < channels; channel++) {
        const at = clip * 3 * channels + channel;
        const mean = sums[at + channels]! / sums[at]!;
        const variance = sums[at + 2 * channels]! / sums[at]! - mean * mean;
        this.#pooled[clip * 2 * channels + channel] = mean;
        this.#pooled[clip * 2 * channels + channels + channel] = Math.sqrt(Math.max(variance, LEAST_VARIANCE));
      }
    }
    const scale = 1 / (1 - dropout);
    for (let at = 0; at < clips * 2 * channels; at++) this.#kept[at] = random.next() < dropout ? 0 : scale;
    const inverse = this.#normalise(lists, clips);
    const loss = this.#classify(lists, targets, clips);
    this.#back(lists, clips, inverse);
    return loss;
  }

  #at(name: string): number {
    return this.#layout.parameters.get(`head/${name}`)!.at;
  }

  #normalise({ statistics }: FlatLists, clips: number): Float64Array {
    const width = 2 * this.#channels;
    const inverse = new Float64Array(width);
    const place = this.#layout.statistics.get('head')!;
    for (let index = 0; index < width; index++) {
      let mean = 0;
      for (let clip = 0; clip < clips; clip++) mean += this.#pooled[clip * width + index]! / clips;
      let variance = 0;
      for (let clip = 0; clip < clips; clip++) variance += (this.#pooled[clip * width + index]! - mean) ** 2 / clips;
      inverse[index] = 1 / Math.sqrt(variance + BATCH_NORM_EPSILON);
      for (let clip = 0; clip < clips; clip++) {
        const at = clip * width + index;
        this.#normalised[at] = (this.#pooled[at]! - mean) * inverse[index]!;
      }
      statistics[place.mean + index] = mean;
      statistics[place.variance + index] = variance;
    }
    return inverse;
  }

  /** Logits, their loss, and in their place its slope by them. */
  #classify({ parameters, gradient }: FlatLists, targets: Float32Array, clips: number): number {
    const classes = this.#classes;
    const width = 2 * this.#channels;
    const [gain, shift, kernel, bias] = ['gain', 'shift', 'kernel', 'bias'].map((name) => this.#at(name));
    let loss = 0;
    for (let clip = 0; clip < clips; clip++) {
      const logits = this.#logits.subarray(clip * classes, (clip + 1) * classes);
      for (let label = 0; label < classes; label++) logits[label] = parameters[bias! + label]!;
      for (let index = 0; index < width; index++) {
        const at = clip * width + index;
        const value =
          this.#kept[at]! * (this.#normalised[at]! * parameters[gain! + index]! + parameters[shift! + index]!);
        for (let label = 0; label < classes; label++) {
          logits[label]! += value * parameters[kernel! + index * classes + label]!;
        }
      }
      const highest = logits.reduce((most, logit) => Math.max(most, logit), -Infinity);
      const total = highest + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - highest), 0));
      for (let label = 0; label < classes; label++) {
        const target = targets[clip * classes + label]!;
        loss -= (target * (logits[label]! - total)) / clips;
        logits[label] = (Math.exp(logits[label]! - total) - target) / clips;
        gradient[bias! + label]! += logits[label]!;
      }
    }
    return loss;
  }

  #back({ parameters, gradient }: FlatLists, clips: number, inverse: Float64Array): void {
    const classes = this.#classes;
    const width = 2 * this.#channels;
    const [gain, shift, kernel] = ['gain', 'shift', 'kernel'].map((name) => this.#at(name));
    for (let index = 0; index < width; index++) {
      let sum = 0;
      let product = 0;
      for (let clip = 0; clip < clips; clip++) {
        const at = clip * width + index;
        const shown = this.#normalised[at]! * parameters[gain! + index]! + parameters[shift! + index]!;
        let slope = 0;
        for (let label = 0; label < classes; label++) {
          const place = index * classes + label;
          const byLogit = this.#logits[clip * classes + label]!;
          slope += byLogit * parameters[kernel! + place]!;
          gradient[kernel! + place]! += byLogit * shown * this.#kept[at]!;
        }
        slope *= this.#kept[at]!;
        this.#slope[at] = slope;
        sum += slope;
        product += slope * this.#normalised[at]!;
      }
      gradient[gain! + index] = product;
      gradient[shift! + index] = sum;
      const scale = parameters[gain! + index]! * inverse[index]!;
      for (let clip = 0; clip < clips; clip++) {
        const at = clip * width + index;
        this.#slope[at] = scale * (this.#slope[at]! - (sum + this.#normalised[at]! * product) / clips);
      }
    }
  }

  /** What `unweigh` takes, of a clip: slope by the mean, by the variance, and the weights' own part, each over Σw, channel by channel. */
  poolingSlopes(clip: number, out: Float32Array): void {
    const channels = this.#channels;
    for (let channel = 0; channel < channels; channel++) {
      const at = clip * 2 * channels + channel;
      const weight = this.#sums[clip * 3 * channels + channel]!;
      const mean = this.#pooled[at]!;
      const deviation = this.#pooled[at + channels]!;
      const constant = deviation * deviation <= LEAST_VARIANCE;
      const byVariance = constant ? 0 : this.#slope[at + channels]! / (2 * deviation);
      const byMean = this.#slope[at]! - 2 * mean * byVariance;
      const square = this.#sums[clip * 3 * channels + 2 * channels + channel]! / weight;
      out[channel] = byMean / weight;
      out[channels + channel] = byVariance / weight;
      out[2 * channels + channel] = (mean * byMean + square * byVariance) / weight;
    }
  }
}
