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

  /** @param x holds the inputs from `from` on */
  logit(x: Float32Array, from = 0): number {
    const { inputs, hidden, second } = this.layers;
    const p = this.parameters;
    let at = 0;
    const firstBias = hidden * inputs;
    for (let unit = 0; unit < hidden; unit++) {
      let sum = p[firstBias + unit]!;
      for (let input = 0; input < inputs; input++) sum += p[at++]! * x[from + input]!;
      this.first[unit] = Math.max(sum, 0);
    }
    at = firstBias + hidden;
    const secondBias = at + second * hidden;
    for (let unit = 0; unit < second; unit++) {
      let sum = p[secondBias + unit]!;
      for (let input = 0; input < hidden; input++) sum += p[at++]! * this.first[input]!;
      this.second[unit] = Math.max(sum, 0);
    }
    at = secondBias + second;
    let logit = p[at + second]!;
    for (let input = 0; input < second; input++) logit += p[at + input]! * this.second[input]!;
    return logit;
  }
}
