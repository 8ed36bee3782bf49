/** The layers of the detector: inputs, two hidden layers, one logit. */
export interface SpeechLayers {
  readonly inputs: number;
  readonly hidden: number;
  readonly second: number;
}

/**
 * Where the parameters stand in one flat vector: first layer's weights (hidden × inputs, row by row) and biases, second
 * layer's (second × hidden) and biases, output's (second) and bias.
 */
export function speechLayout({ inputs, hidden, second }: SpeechLayers) {
  const firstBias = hidden * inputs;
  const secondWeight = firstBias + hidden;
  const secondBias = secondWeight + second * hidden;
  const outputWeight = secondBias + second;
  const outputBias = outputWeight + second;
  return { firstBias, secondWeight, secondBias, outputWeight, outputBias, length: outputBias + 1 } as const;
}

/**
 * A perceptron with two hidden layers of rectifiers: `w₃ · relu(W₂ relu(W₁ x + b₁) + b₂) + b₃`, the log odds of speech.
 * Its scratch is its own; it allocates nothing per hop.
 */
export class SpeechNetwork {
  readonly layers: SpeechLayers;
  readonly parameters: Float32Array;
  /** Outputs of the hidden layers for the latest input. */
  readonly first: Float32Array;
  readonly second: Float32Array;

  constructor(layers: SpeechLayers, parameters: Float32Array) {
    this.layers = layers;
    this.parameters = parameters;
    this.first = new Float32Array(layers.hidden);
    this.second = new Float32Array(layers.second);
  }

  /** @param x the inputs */
  logit(x: Float32Array): number {
    const { inputs, hidden, second } = this.layers;
    const p = this.parameters;
    const secondWeight = hidden * inputs + hidden;
    const outputWeight = secondWeight + second * hidden + second;
    rectify(p, 0, x, inputs, this.first, hidden);
    rectify(p, secondWeight, this.first, hidden, this.second, second);
    let logit = p[outputWeight + second]!;
    for (let unit = 0; unit < second; unit++) logit += p[outputWeight + unit]! * this.second[unit]!;
    return logit;
  }
}

/** `out = relu(W x + b)`, W's rows and then b from `at` on; four rows at a time, so that no sum waits for the one before. */
function rectify(p: Float32Array, at: number, x: Float32Array, width: number, out: Float32Array, units: number): void {
  const bias = at + units * width;
  let unit = 0;
  for (; unit + 4 <= units; unit += 4) {
    let a = p[bias + unit]!;
    let b = p[bias + unit + 1]!;
    let c = p[bias + unit + 2]!;
    let d = p[bias + unit + 3]!;
    const row = at + unit * width;
    for (let i = 0; i < width; i++) {
      const value = x[i]!;
      a += p[row + i]! * value;
      b += p[row + width + i]! * value;
      c += p[row + 2 * width + i]! * value;
      d += p[row + 3 * width + i]! * value;
    }
    out[unit] = Math.max(a, 0);
    out[unit + 1] = Math.max(b, 0);
    out[unit + 2] = Math.max(c, 0);
    out[unit + 3] = Math.max(d, 0);
  }
  for (; unit < units; unit++) {
    let a = p[bias + unit]!;
    for (let i = 0; i < width; i++) a += p[at + unit * width + i]! * x[i]!;
    out[unit] = Math.max(a, 0);
  }
}
