import { type SpeechLayers, SpeechNetwork, speechLayout } from '../features/index.ts';
import type { Random } from './random.ts';

/** Hops to learn from: `inputs` values each, in one array; whether it is speech; and how much it counts. */
export interface SpeechExamples {
  readonly inputs: Float32Array;
  readonly targets: Uint8Array;
  readonly weights: Float32Array;
}

export interface DescentOptions {
  readonly epochs: number;
  readonly batch: number;
  readonly rate: number;
  /** Weights shrink by this share of the rate each step (Loshchilov and Hutter 2019, "Decoupled weight decay"). */
  readonly decay: number;
  readonly onEpoch?: (epoch: number, loss: number) => void;
}

/**
 * Fits the detector's network to examples: cross-entropy, Adam (Kingma and Ba 2015), a rate that falls as a half cosine.
 * The inputs' means and deviations are folded into the first layer, so that the network takes inputs as they are.
 */
export function fitSpeechNetwork(
  examples: SpeechExamples,
  layers: SpeechLayers,
  random: Random,
  options: DescentOptions,
): Float32Array {
  const layout = speechLayout(layers);
  const count = examples.targets.length;
  const scale = moments(examples.inputs, layers.inputs);
  const network = new SpeechNetwork(layers, startingParameters(layers, random));
  const descent = new Descent(network);
  const adam = new Adam(layout.length);
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  const x = new Float32Array(layers.inputs);
  const steps = options.epochs * Math.ceil(count / options.batch);
  let step = 0;
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    shuffle(order, random);
    let loss = 0;
    for (let first = 0; first < count; first += options.batch) {
      const end = Math.min(count, first + options.batch);
      descent.gradient.fill(0);
      for (let place = first; place < end; place++) {
        const example = order[place]!;
        const at = example * layers.inputs;
        for (let i = 0; i < layers.inputs; i++) x[i] = (examples.inputs[at + i]! - scale.mean[i]!) * scale.factor[i]!;
        loss += descent.accumulate(x, examples.targets[example]!, examples.weights[example]! / (end - first));
      }
      const rate = options.rate * 0.5 * (1 + Math.cos((Math.PI * step++) / steps));
      adam.update(network.parameters, descent.gradient, rate, options.decay);
    }
    options.onEpoch?.(epoch, loss / Math.ceil(count / options.batch));
  }
  return folded(network.parameters, layers, scale);
}

/** Back-propagation through the network for one example after another. */
export class Descent {
  readonly gradient: Float32Array;
  readonly #network: SpeechNetwork;
  readonly #layout: ReturnType<typeof speechLayout>;
  readonly #upper: Float32Array;
  readonly #lower: Float32Array;

  constructor(network: SpeechNetwork) {
    this.#network = network;
    this.#layout = speechLayout(network.layers);
    this.gradient = new Float32Array(this.#layout.length);
    this.#upper = new Float32Array(network.layers.second);
    this.#lower = new Float32Array(network.layers.hidden);
  }

  /** @returns the example's weighted cross-entropy */
  accumulate(x: Float32Array, target: number, weight: number): number {
    const { parameters: p, first, second } = this.#network;
    const { inputs, hidden, second: upperUnits } = this.#network.layers;
    const { firstBias, secondWeight, secondBias, outputWeight, outputBias } = this.#layout;
    const g = this.gradient;
    const logit = this.#network.logit(x);
    const error = weight * (1 / (1 + Math.exp(-logit)) - target);
    g[outputBias]! += error;
    this.#lower.fill(0);
    for (let unit = 0; unit < upperUnits; unit++) {
      g[outputWeight + unit]! += error * second[unit]!;
      if (second[unit]! <= 0) continue;
      const back = error * p[outputWeight + unit]!;
      this.#upper[unit] = back;
      g[secondBias + unit]! += back;
      const row = secondWeight + unit * hidden;
      for (let i = 0; i < hidden; i++) {
        g[row + i]! += back * first[i]!;
        this.#lower[i]! += back * p[row + i]!;
      }
    }
    for (let unit = 0; unit < hidden; unit++) {
      if (first[unit]! <= 0) continue;
      const back = this.#lower[unit]!;
      g[firstBias + unit]! += back;
      const row = unit * inputs;
      for (let i = 0; i < inputs; i++) g[row + i]! += back * x[i]!;
    }
    return weight * (Math.log1p(Math.exp(-Math.abs(logit))) + Math.max(logit, 0) - target * logit);
  }
}

class Adam {
  readonly #mean: Float64Array;
  readonly #square: Float64Array;
  #steps = 0;

  constructor(length: number) {
    this.#mean = new Float64Array(length);
    this.#square = new Float64Array(length);
  }

  update(parameters: Float32Array, gradient: Float32Array, rate: number, decay: number): void {
    this.#steps++;
    const meanBias = 1 - 0.9 ** this.#steps;
    const squareBias = 1 - 0.999 ** this.#steps;
    for (let i = 0; i < parameters.length; i++) {
      const mean = 0.9 * this.#mean[i]! + 0.1 * gradient[i]!;
      const square = 0.999 * this.#square[i]! + 0.001 * gradient[i]! ** 2;
      this.#mean[i] = mean;
      this.#square[i] = square;
      parameters[i]! -= rate * (mean / meanBias / (Math.sqrt(square / squareBias) + 1e-8) + decay * parameters[i]!);
    }
  }
}

interface Moments {
  readonly mean: Float64Array;
  /** One over the deviation. */
  readonly factor: Float64Array;
}

function moments(values: Float32Array, width: number): Moments {
  const count = values.length / width;
  const mean = new Float64Array(width);
  const squares = new Float64Array(width);
  for (let at = 0; at < values.length; at++) mean[at % width]! += values[at]! / count;
  for (let at = 0; at < values.length; at++) squares[at % width]! += (values[at]! - mean[at % width]!) ** 2 / count;
  return { mean, factor: squares.map((square) => 1 / Math.max(1e-3, Math.sqrt(square))) };
}

/** He et al. 2015, for rectifiers. */
function startingParameters({ inputs, hidden, second }: SpeechLayers, random: Random): Float32Array {
  const layout = speechLayout({ inputs, hidden, second });
  const parameters = new Float32Array(layout.length);
  for (let i = 0; i < layout.firstBias; i++) parameters[i] = random.normal() * Math.sqrt(2 / inputs);
  for (let i = layout.secondWeight; i < layout.secondBias; i++) parameters[i] = random.normal() * Math.sqrt(2 / hidden);
  for (let i = layout.outputWeight; i < layout.outputBias; i++) parameters[i] = random.normal() * Math.sqrt(1 / second);
  return parameters;
}

/** The same function of inputs that are not normalised. */
function folded(parameters: Float32Array, { inputs, hidden, second }: SpeechLayers, scale: Moments): Float32Array {
  const { firstBias } = speechLayout({ inputs, hidden, second });
  const out = parameters.slice();
  for (let unit = 0; unit < hidden; unit++) {
    for (let i = 0; i < inputs; i++) {
      const weight = parameters[unit * inputs + i]! * scale.factor[i]!;
      out[unit * inputs + i] = weight;
      out[firstBias + unit]! -= weight * scale.mean[i]!;
    }
  }
  return out;
}

function shuffle(order: Uint32Array, random: Random): void {
  for (let index = order.length - 1; index > 0; index--) {
    const other = random.index(index + 1);
    const kept = order[index]!;
    order[index] = order[other]!;
    order[other] = kept;
  }
}
