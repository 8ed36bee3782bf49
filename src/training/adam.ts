import type { DenseWeights, LayerGradient } from './mlp.ts';

export interface AdamOptions {
  readonly learningRate: number;
  /** Decoupled: each step takes learningRate · weightDecay of each kernel away. */
  readonly weightDecay: number;
  /** The running mean of the weights forgets a step's worth of 1 − this; 0 for no mean. */
  readonly averaging: number;
}

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/**
 * AdamW (Kingma and Ba 2015; Loshchilov and Hutter 2019), which changes the weights in place, and an exponential mean of them
 * (Polyak and Juditsky 1992), which predicts better than the weights of any one step.
 */
export class Adam {
  readonly #options: AdamOptions;
  readonly #arrays: readonly Float32Array[];
  readonly #decayed: readonly boolean[];
  readonly #first: readonly Float64Array[];
  readonly #second: readonly Float64Array[];
  readonly #averages: readonly Float64Array[];
  readonly #weights: readonly DenseWeights[];
  #steps = 0;

  constructor(weights: readonly DenseWeights[], options: AdamOptions) {
    this.#options = options;
    this.#weights = weights;
    this.#arrays = weights.flatMap(({ kernel, bias }) => [kernel, bias]);
    this.#decayed = weights.flatMap(() => [true, false]);
    this.#first = this.#arrays.map((array) => new Float64Array(array.length));
    this.#second = this.#arrays.map((array) => new Float64Array(array.length));
    this.#averages = this.#arrays.map((array) => new Float64Array(array.length));
  }

  step(gradient: readonly LayerGradient[]): void {
    this.#steps += 1;
    const gradients = gradient.flatMap(({ kernel, bias }) => [kernel, bias]);
    const { learningRate, weightDecay, averaging } = this.#options;
    const firstScale = 1 / (1 - BETA1 ** this.#steps);
    const secondScale = 1 / (1 - BETA2 ** this.#steps);
    this.#arrays.forEach((array, index) => {
      const slope = gradients[index]!;
      const first = this.#first[index]!;
      const second = this.#second[index]!;
      const average = this.#averages[index]!;
      const shrink = this.#decayed[index] ? 1 - learningRate * weightDecay : 1;
      for (let at = 0; at < array.length; at++) {
        const g = slope[at]!;
        first[at] = BETA1 * first[at]! + (1 - BETA1) * g;
        second[at] = BETA2 * second[at]! + (1 - BETA2) * g * g;
        const change = (first[at]! * firstScale) / (Math.sqrt(second[at]! * secondScale) + EPSILON);
        array[at] = array[at]! * shrink - learningRate * change;
        average[at] = averaging * average[at]! + (1 - averaging) * array[at]!;
      }
    });
  }

  /** The mean of the weights so far, a copy. */
  averaged(): DenseWeights[] {
    // The mean began at 0; this makes up for it, as Adam does for its own.
    const scale = 1 / (1 - this.#options.averaging ** this.#steps);
    return this.#weights.map((layer, index) => ({
      ...layer,
      kernel: Float32Array.from(this.#averages[2 * index]!, (value) => value * scale),
      bias: Float32Array.from(this.#averages[2 * index + 1]!, (value) => value * scale),
    }));
  }
}
