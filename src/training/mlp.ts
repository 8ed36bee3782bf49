import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../inference/index.ts';
import type { Random } from './random.ts';

/** One dense layer; relu between layers, logits at the end. */
export interface DenseWeights {
  readonly inputs: number;
  readonly units: number;
  /** inputs × units, row by row. */
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

/** Rows to learn from. */
export interface Batch {
  readonly rows: number;
  /** rows × inputs, normalised. */
  readonly input: Float32Array;
  /** rows × classes: the share of each class, summing to 1 per row. */
  readonly targets: Float32Array;
  /** rows × classes, 1 where the class counts; 0 where the row cannot speak against it. */
  readonly counted: Float32Array;
}

export interface LayerGradient {
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

/** Weights of a stack, drawn after He et al. 2015 (normal, variance 2 / inputs); biases 0. */
export function initialWeights(sizes: readonly number[], random: Random): DenseWeights[] {
  return sizes.slice(1).map((units, index) => {
    const inputs = sizes[index]!;
    const deviation = Math.sqrt(2 / inputs);
    const kernel = Float32Array.from({ length: inputs * units }, () => deviation * random.normal());
    return { inputs, units, kernel, bias: new Float32Array(units) };
  });
}

export function copyWeights(weights: readonly DenseWeights[]): DenseWeights[] {
  return weights.map((layer) => ({ ...layer, kernel: layer.kernel.slice(), bias: layer.bias.slice() }));
}

/** Logits of normalised rows. */
export function logitsOf(
  tf: TensorFlow,
  weights: readonly DenseWeights[],
  input: Float32Array,
  rows: number,
): Float32Array {
  return tf.tidy(() => {
    let values: Tensor2D = tf.tensor2d(input, [rows, weights[0]!.inputs]);
    weights.forEach((layer, index) => {
      values = forward(tf, values, layer, index < weights.length - 1);
    });
    return values.dataSync<'float32'>();
  });
}

/**
 * Mean cross-entropy of a batch and its gradient, by hand: TensorFlow.js does the products of matrices only, with explicit
 * transposes (its own gradient of `matMul` asks for transposed operands, which its WebAssembly backend multiplies ten times
 * more slowly).
 *
 * @param dropout the share of each layer's input that is left out, first layer first; the rest is scaled up to make up for it.
 */
export function lossAndGradient(
  tf: TensorFlow,
  weights: readonly DenseWeights[],
  batch: Batch,
  dropout: readonly number[],
  random: Random,
): { readonly loss: number; readonly gradient: readonly LayerGradient[] } {
  const { rows } = batch;
  let loss = 0;
  const gradient: LayerGradient[] = [];
  tf.tidy(() => {
    const inputs: Tensor2D[] = [];
    const kept: (Float32Array | undefined)[] = [];
    let values = batch.input;
    weights.forEach((layer, index) => {
      kept.push(dropped(values, dropout[index] ?? 0, random));
      const input = tf.tensor2d(kept[index] ? masked(values, kept[index]!) : values, [rows, layer.inputs]);
      inputs.push(input);
      values = forward(tf, input, layer, index < weights.length - 1).dataSync<'float32'>();
    });
    const { loss: mean, slope } = crossEntropy(values, batch);
    loss = mean;
    let upstream = slope;
    for (let index = weights.length - 1; index >= 0; index--) {
      const layer = weights[index]!;
      const change = tf.tensor2d(upstream, [rows, layer.units]);
      const kernel = product(tf, tf.transpose(inputs[index]!), change).dataSync<'float32'>();
      gradient.unshift({ kernel, bias: columnSums(upstream, rows, layer.units) });
      if (index === 0) break;
      const back = tf.transpose(tf.tensor2d(layer.kernel, [layer.inputs, layer.units]));
      upstream = product(tf, change, back).dataSync<'float32'>();
      // Relu and dropout pass the slope where they passed the value, scaled alike.
      const passed = inputs[index]!.dataSync<'float32'>();
      const scale = 1 / (1 - (dropout[index] ?? 0));
      for (let at = 0; at < upstream.length; at++) upstream[at] = passed[at]! > 0 ? upstream[at]! * scale : 0;
    }
  });
  return { loss, gradient };
}

/** fused.matMul: the plain one does not take the fast path of the WebAssembly backend. */
const product = (tf: TensorFlow, a: Tensor2D, b: Tensor2D): Tensor2D => tf.fused.matMul({ a, b }) as Tensor2D;

function forward(tf: TensorFlow, input: Tensor2D, layer: DenseWeights, relu: boolean): Tensor2D {
  return tf.fused.matMul({
    a: input,
    b: tf.tensor2d(layer.kernel, [layer.inputs, layer.units]),
    bias: tf.tensor1d(layer.bias),
    activation: relu ? 'relu' : 'linear',
  }) as Tensor2D;
}

/** Mean over the rows of −Σ target · ln softmax, the softmax over the classes that count; and its slope by the logits. */
function crossEntropy(logits: Float32Array, { rows, targets, counted }: Batch): { loss: number; slope: Float32Array } {
  const classes = logits.length / rows;
  const slope = new Float32Array(logits.length);
  let loss = 0;
  for (let row = 0; row < rows; row++) {
    const from = row * classes;
    let highest = -Infinity;
    for (let at = from; at < from + classes; at++) {
      if (counted[at]! > 0) highest = Math.max(highest, logits[at]!);
    }
    let total = 0;
    for (let at = from; at < from + classes; at++) {
      if (counted[at]! > 0) total += Math.exp(logits[at]! - highest);
    }
    const logTotal = highest + Math.log(total);
    for (let at = from; at < from + classes; at++) {
      if (counted[at] === 0) continue;
      loss -= targets[at]! * (logits[at]! - logTotal);
      slope[at] = (Math.exp(logits[at]! - logTotal) - targets[at]!) / rows;
    }
  }
  return { loss: loss / rows, slope };
}

/** 1 / (1 − share) where a value is kept, 0 where it is left out; undefined where none is. */
function dropped(values: Float32Array, share: number, random: Random): Float32Array | undefined {
  if (share === 0) return undefined;
  const scale = 1 / (1 - share);
  return values.map(() => (random.next() < share ? 0 : scale));
}

const masked = (values: Float32Array, mask: Float32Array): Float32Array =>
  values.map((value, index) => value * mask[index]!);

function columnSums(values: Float32Array, rows: number, columns: number): Float32Array {
  const sums = new Float32Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) sums[column]! += values[row * columns + column]!;
  }
  return sums;
}
