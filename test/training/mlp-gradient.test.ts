import { beforeAll, describe, expect, it } from 'vitest';
import { startRuntime, type TensorFlow } from '../../src/inference/index.ts';
import { Adam } from '../../src/training/adam.ts';
import { type Batch, type DenseWeights, initialWeights, logitsOf, lossAndGradient } from '../../src/training/mlp.ts';
import { Random } from '../../src/training/random.ts';

let tf: TensorFlow;
beforeAll(async () => {
  ({ tf } = await startRuntime('tfjs-wasm'));
});

const CLASSES = 4;
const ROWS = 6;

function batchOf(random: Random): Batch {
  const targets = new Float32Array(ROWS * CLASSES);
  const counted = new Float32Array(ROWS * CLASSES).fill(1);
  for (let row = 0; row < ROWS; row++) {
    const share = random.next();
    targets[row * CLASSES + (row % 2)] = share;
    targets[row * CLASSES + 2 + (row % 2)] = 1 - share;
  }
  // The first row knows nothing of class 1.
  counted[1] = 0;
  return {
    rows: ROWS,
    input: Float32Array.from({ length: ROWS * 5 }, () => random.normal()),
    targets,
    counted,
  };
}

/** The same loss by the book, in float64. */
function lossOf(weights: readonly DenseWeights[], batch: Batch): number {
  let loss = 0;
  for (let row = 0; row < ROWS; row++) {
    let values = Array.from(batch.input.subarray(row * 5, row * 5 + 5));
    weights.forEach(({ inputs, units, kernel, bias }, layer) => {
      values = Array.from({ length: units }, (_, unit) => {
        let sum = bias[unit]!;
        for (let index = 0; index < inputs; index++) sum += values[index]! * kernel[index * units + unit]!;
        return layer < weights.length - 1 ? Math.max(0, sum) : sum;
      });
    });
    const total = values.reduce((sum, v, c) => sum + (batch.counted[row * CLASSES + c]! ? Math.exp(v) : 0), 0);
    values.forEach((value, c) => {
      if (batch.counted[row * CLASSES + c]) loss -= batch.targets[row * CLASSES + c]! * (value - Math.log(total));
    });
  }
  return loss / ROWS;
}

describe('the gradient of the classifier', () => {
  it('is that of finite differences of the loss by the book, in every weight', () => {
    const random = new Random(3);
    const weights = initialWeights([5, 7, 6, CLASSES], random);
    for (const { bias } of weights) bias.set(bias.map(() => random.normal() / 4));
    const batch = batchOf(random);
    const { loss, gradient } = lossAndGradient(tf, weights, batch, [0, 0, 0], random);
    expect(loss).toBeCloseTo(lossOf(weights, batch), 5);
    const step = 1 / 1024;
    let checked = 0;
    for (const [layer, { kernel, bias }] of weights.entries()) {
      for (const [values, slopes] of [
        [kernel, gradient[layer]!.kernel],
        [bias, gradient[layer]!.bias],
      ] as const) {
        for (let index = 0; index < values.length; index++) {
          const before = values[index]!;
          values[index] = before + step;
          const above = lossOf(weights, batch);
          const exactAbove = values[index]!;
          values[index] = before - step;
          const below = lossOf(weights, batch);
          const slope = (above - below) / (exactAbove - values[index]!);
          values[index] = before;
          expect(Math.abs(slope - slopes[index]!)).toBeLessThan(2e-4);
          checked += 1;
        }
      }
    }
    expect(checked).toBe(5 * 7 + 7 + 7 * 6 + 6 + 6 * CLASSES + CLASSES);
  });

  it('with dropout has the mean of many draws near the gradient without, for a linear network', () => {
    const random = new Random(4);
    const weights = initialWeights([5, CLASSES], random);
    const batch = batchOf(random);
    const exact = lossAndGradient(tf, weights, batch, [0], random).gradient[0]!.bias;
    const mean = new Float64Array(CLASSES);
    for (let draw = 0; draw < 4000; draw++) {
      const { bias } = lossAndGradient(tf, weights, batch, [0.05], random).gradient[0]!;
      for (const [index, value] of bias.entries()) mean[index]! += value / 4000;
    }
    for (const [index, value] of mean.entries()) expect(Math.abs(value - exact[index]!)).toBeLessThan(0.02);
  });

  it('leaves no tensor behind', () => {
    const random = new Random(5);
    const weights = initialWeights([5, 7, CLASSES], random);
    const before = tf.memory().numTensors;
    lossAndGradient(tf, weights, batchOf(random), [0.2, 0.5], random);
    logitsOf(tf, weights, batchOf(random).input, ROWS);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('the optimiser', () => {
  it('takes the first step of AdamW: the learning rate against the sign of the slope, and the decay of kernels only', () => {
    const weights: DenseWeights[] = [
      { inputs: 1, units: 2, kernel: Float32Array.of(1, -2), bias: Float32Array.of(0.5, 0) },
    ];
    const adam = new Adam(weights, { learningRate: 0.01, weightDecay: 0.1, averaging: 0.9 });
    adam.step([{ kernel: Float32Array.of(3, -4), bias: Float32Array.of(0.2, 0) }]);
    expect(weights[0]!.kernel[0]).toBeCloseTo(1 * (1 - 0.001) - 0.01, 6);
    expect(weights[0]!.kernel[1]).toBeCloseTo(-2 * (1 - 0.001) + 0.01, 6);
    expect(weights[0]!.bias[0]).toBeCloseTo(0.5 - 0.01, 6);
    expect(weights[0]!.bias[1]).toBe(0);
    // After one step the mean of the weights is that step's weights.
    expect(adam.averaged()[0]!.kernel[0]).toBeCloseTo(weights[0]!.kernel[0]!, 6);
  });

  it('finds the minimum of a logistic regression', () => {
    const random = new Random(6);
    const weights = initialWeights([5, CLASSES], random);
    const adam = new Adam(weights, { learningRate: 0.05, weightDecay: 0, averaging: 0.9 });
    const input = Float32Array.from({ length: ROWS * 5 }, () => random.normal());
    const targets = new Float32Array(ROWS * CLASSES);
    for (let row = 0; row < ROWS; row++) targets[row * CLASSES + (row % CLASSES)] = 1;
    const batch = { rows: ROWS, input, targets, counted: new Float32Array(ROWS * CLASSES).fill(1) };
    const first = lossAndGradient(tf, weights, batch, [0], random).loss;
    for (let step = 0; step < 300; step++) adam.step(lossAndGradient(tf, weights, batch, [0], random).gradient);
    const last = lossAndGradient(tf, adam.averaged(), batch, [0], random).loss;
    expect(last).toBeLessThan(first / 5);
  });
});
