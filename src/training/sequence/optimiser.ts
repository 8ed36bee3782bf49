export interface OptimiserOptions {
  /** The highest learning rate of the cycle. */
  readonly learningRate: number;
  /** Decoupled: each step takes learning rate · this of each kernel away. */
  readonly weightDecay: number;
  /** A longer gradient is cut to this length. */
  readonly mostSlope: number;
  /** The running mean of the weights forgets a step's worth of 1 − this. */
  readonly averaging: number;
}

/** Share of the steps in which the rate rises. */
const RISE = 0.3;
/** The rate begins at the highest over this, and ends at its beginning over `END`. */
const BEGIN = 25;
const END = 1e4;
const MOMENTUM = [0.95, 0.85] as const;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** What is kept of a training, to go on with it: `Float32Array`s, in the order of `state`. */
export type OptimiserState = readonly Float32Array[];

/**
 * AdamW (Loshchilov and Hutter 2019) in one cycle: the rate rises and falls as a cosine while the momentum falls and rises (Smith
 * 2018); and an exponential mean of the weights and of the normalisations' statistics, which is what is used in the end.
 */
export class Optimiser {
  readonly #options: OptimiserOptions;
  readonly #steps: number;
  readonly #decayed: readonly { readonly at: number; readonly length: number }[];
  readonly parameters: Float32Array;
  readonly #first: Float32Array;
  readonly #second: Float32Array;
  readonly #averages: Float32Array;
  readonly #statistics: Float32Array;
  /** Steps done. */
  #step = 0;
  /** The product of the momenta so far. */
  #forgotten = 1;

  /**
   * @param parameters changed in place @param statistics of one batch: how many values
   * @param decayed the ranges that the weights' decay is for @param steps of the whole training
   */
  constructor(
    parameters: Float32Array,
    statistics: number,
    decayed: readonly { readonly at: number; readonly length: number }[],
    steps: number,
    options: OptimiserOptions,
  ) {
    this.parameters = parameters;
    this.#options = options;
    this.#steps = steps;
    this.#decayed = decayed;
    this.#first = new Float32Array(parameters.length);
    this.#second = new Float32Array(parameters.length);
    this.#averages = new Float32Array(parameters.length);
    this.#statistics = new Float32Array(statistics);
  }

  get done(): number {
    return this.#step;
  }

  get state(): OptimiserState {
    return [this.parameters, this.#first, this.#second, this.#averages, this.#statistics];
  }

  /** Goes on where a training stood after so many steps. */
  resume(step: number, state: OptimiserState): void {
    this.state.forEach((array, index) => {
      array.set(state[index]!);
    });
    this.#step = step;
    this.#forgotten = 1;
    for (let done = 0; done < step; done++) this.#forgotten *= this.#cycle(done).momentum;
  }

  /** @param gradient changed: cut to its greatest length */
  step(gradient: Float32Array, statistics: Float32Array): void {
    const { weightDecay, mostSlope, averaging } = this.#options;
    const { rate, momentum } = this.#cycle(this.#step);
    this.#step += 1;
    this.#forgotten *= momentum;
    let square = 0;
    for (const slope of gradient) square += slope * slope;
    const cut = Math.min(1, mostSlope / (Math.sqrt(square) + 1e-6));
    for (const { at, length } of this.#decayed) {
      for (let index = at; index < at + length; index++) this.parameters[index]! *= 1 - rate * weightDecay;
    }
    const firstScale = rate / (1 - this.#forgotten);
    const secondScale = 1 / (1 - BETA2 ** this.#step);
    const [parameters, first, second, averages] = [this.parameters, this.#first, this.#second, this.#averages];
    for (let at = 0; at < parameters.length; at++) {
      const slope = gradient[at]! * cut;
      const m = momentum * first[at]! + (1 - momentum) * slope;
      const v = BETA2 * second[at]! + (1 - BETA2) * slope * slope;
      first[at] = m;
      second[at] = v;
      const value = parameters[at]! - (firstScale * m) / (Math.sqrt(v * secondScale) + EPSILON);
      parameters[at] = value;
      averages[at] = averaging * averages[at]! + (1 - averaging) * value;
    }
    for (let at = 0; at < statistics.length; at++) {
      this.#statistics[at] = averaging * this.#statistics[at]! + (1 - averaging) * statistics[at]!;
    }
  }

  /** The means so far of the weights and of the statistics; copies. */
  averaged(): { readonly parameters: Float32Array; readonly statistics: Float32Array } {
    // They began at 0; this makes up for it.
    const scale = 1 / (1 - this.#options.averaging ** this.#step);
    const scaled = (values: Float32Array): Float32Array => values.map((value) => value * scale);
    return { parameters: scaled(this.#averages), statistics: scaled(this.#statistics) };
  }

  #cycle(step: number): { readonly rate: number; readonly momentum: number } {
    const { learningRate } = this.#options;
    const peak = Math.max(1, RISE * this.#steps - 1);
    const last = Math.max(peak + 1, this.#steps - 1);
    if (step <= peak) {
      const share = step / peak;
      return {
        rate: cosine(learningRate / BEGIN, learningRate, share),
        momentum: cosine(MOMENTUM[0], MOMENTUM[1], share),
      };
    }
    const share = (step - peak) / (last - peak);
    return {
      rate: cosine(learningRate, learningRate / BEGIN / END, share),
      momentum: cosine(MOMENTUM[1], MOMENTUM[0], share),
    };
  }
}

const cosine = (from: number, to: number, share: number): number =>
  to + ((from - to) / 2) * (1 + Math.cos(Math.PI * Math.min(1, share)));
