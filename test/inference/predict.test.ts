import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { featureSet } from '../../src/features/index.ts';
import { loadModel, Normaliser, startRuntime, type WindowModel } from '../../src/inference/index.ts';
import { LABELS, manifestFor, modelFolder, noise, reference, smallStack } from './model-folder.ts';

const F = featureSet.length;
const stack = smallStack();
let model: WindowModel;

function rows(count: number, seed = 9): Float32Array {
  const next = noise(seed);
  return Float32Array.from({ length: count * F }, () => 4 * next());
}

/** z-scores by the book. */
function normalised(row: Float32Array): number[] {
  const { mean, deviation, clip } = manifestFor({}).normalisation;
  return Array.from(row, (value, index) => {
    const z = (value - mean[index]!) / deviation[index]!;
    return Number.isNaN(z) ? 0 : Math.max(-clip, Math.min(clip, z));
  });
}

beforeAll(async () => {
  model = await loadModel(modelFolder(stack), { runtime: 'tfjs-wasm' });
});
afterAll(() => model.dispose());

describe('prediction', () => {
  it('is the dense stack over z-scores, to float32', () => {
    const features = rows(5);
    const logits = model.predict(features, 5);
    expect(logits.length).toBe(5 * LABELS.length);
    for (let row = 0; row < 5; row++) {
      const expected = reference(stack, normalised(features.subarray(row * F, (row + 1) * F)));
      for (const [label, value] of expected.entries())
        expect(logits[row * LABELS.length + label]).toBeCloseTo(value, 4);
    }
  });

  it('takes what is not defined as the mean, and clips what is far out', () => {
    const { mean, deviation, clip } = manifestFor({}).normalisation;
    const features = rows(1);
    features[3] = Number.NaN;
    features[4] = 1e30;
    features[5] = -Number.MAX_VALUE;
    const same = features.slice();
    same[3] = mean[3]!;
    same[4] = mean[4]! + clip * deviation[4]!;
    same[5] = mean[5]! - clip * deviation[5]!;
    const answer = model.predict(features, 1).slice();
    const expected = model.predict(same, 1);
    for (const [label, value] of answer.entries()) expect(value).toBeCloseTo(expected[label]!, 4);
    expect(answer.every(Number.isFinite)).toBe(true);
  });

  it('leaves the features as they were', () => {
    const features = rows(2);
    const before = features.slice();
    model.predict(features, 2);
    expect(features).toEqual(before);
  });

  it('gives a row the same bits whatever batch it is in', () => {
    const total = 300;
    const features = rows(total);
    const all = model.predict(features, total).slice();
    for (const size of [1, 2, 3, 5, 7, 8, 16, 31, 64, 65, 255, 256, 257]) {
      for (let first = 0; first + size <= total; first += size) {
        const part = model.predict(features.subarray(first * F, (first + size) * F), size);
        expect(Buffer.from(part.buffer, part.byteOffset, part.byteLength)).toEqual(
          Buffer.from(all.buffer, first * LABELS.length * 4, size * LABELS.length * 4),
        );
      }
    }
  });

  it('refuses fewer features than rows', () => {
    expect(() => model.predict(rows(1), 2)).toThrow(RangeError);
  });

  it('leaks no tensor over 10,000 predictions, nor when disposed of', async () => {
    const { tf } = await startRuntime('tfjs-wasm');
    const before = tf.memory();
    const other = await loadModel(modelFolder(stack), { runtime: 'tfjs-wasm' });
    const loaded = tf.memory().numTensors;
    expect(loaded).toBe(before.numTensors + 2 * stack.length);
    const features = rows(4);
    for (let call = 0; call < 10_000; call++) other.predict(features, 1 + (call % 4));
    expect(tf.memory().numTensors).toBe(loaded);
    other.dispose();
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numBytes).toBe(before.numBytes);
  });
});

describe('networks of other makes', () => {
  it('takes a final softmax as its logits', async () => {
    const other = await loadModel(modelFolder(smallStack('softmax')), { runtime: 'tfjs-wasm' });
    const features = rows(3);
    expect(other.predict(features, 3).slice()).toEqual(model.predict(features, 3));
    other.dispose();
  });

  it('runs what is not a plain dense stack through the layers API', async () => {
    const tanh = smallStack('linear', 'tanh');
    const other = await loadModel(modelFolder(tanh), { runtime: 'tfjs-wasm' });
    const features = rows(3);
    const logits = other.predict(features, 3).slice();
    for (let row = 0; row < 3; row++) {
      const expected = reference(tanh, normalised(features.subarray(row * F, (row + 1) * F)));
      for (const [label, value] of expected.entries())
        expect(logits[row * LABELS.length + label]).toBeCloseTo(value, 4);
    }
    other.dispose();
  });
});

describe('the normaliser', () => {
  it('works in place', () => {
    const features = Float32Array.from([1, 2, Number.NaN, 100]);
    new Normaliser({ mean: [0, 1], deviation: [2, 0.5], clip: 5 }).apply(features, 2, features);
    expect([...features]).toEqual([0.5, 2, 0, 5]);
  });
});
