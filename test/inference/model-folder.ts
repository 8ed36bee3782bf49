import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { featureSet } from '../../src/features/index.ts';
import type { ModelManifest } from '../../src/inference/index.ts';

export interface Dense {
  readonly inputs: number;
  readonly units: number;
  readonly activation: 'linear' | 'relu' | 'softmax' | 'tanh';
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

/** Numbers that look random and are the same every time. */
export function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

export function dense(inputs: number, units: number, activation: Dense['activation'], seed: number): Dense {
  const next = noise(seed);
  return {
    inputs,
    units,
    activation,
    kernel: Float32Array.from({ length: inputs * units }, () => next() / Math.sqrt(inputs)),
    bias: Float32Array.from({ length: units }, () => next() / 2),
  };
}

export const LABELS = ['anger', 'happiness', 'neutral', 'sadness'] as const;

export function smallStack(last: Dense['activation'] = 'linear', hidden: Dense['activation'] = 'relu'): Dense[] {
  return [dense(featureSet.length, 24, hidden, 1), dense(24, 12, hidden, 2), dense(12, LABELS.length, last, 3)];
}

/** `model.json` as the TensorFlow.js converter writes it for a Keras Sequential model, and its weights. */
export function layersFiles(stack: readonly Dense[]): { 'model.json': string; 'weights.bin': Buffer } {
  const name = (index: number): string => `dense_${index}`;
  const layers = stack.map(({ inputs, units, activation }, index) => ({
    class_name: 'Dense',
    config: {
      name: name(index),
      ...(index === 0 && { batch_input_shape: [null, inputs] }),
      units,
      activation,
      use_bias: true,
      trainable: true,
      dtype: 'float32',
    },
  }));
  const weights = stack.flatMap(({ inputs, units }, index) => [
    { name: `${name(index)}/kernel`, shape: [inputs, units], dtype: 'float32' },
    { name: `${name(index)}/bias`, shape: [units], dtype: 'float32' },
  ]);
  const bytes = stack.flatMap(({ kernel, bias }) => [kernel, bias]);
  return {
    'model.json': JSON.stringify({
      format: 'layers-model',
      generatedBy: 'keras v2.15.0',
      convertedBy: 'TensorFlow.js Converter v4.22.0',
      modelTopology: {
        keras_version: '2.15.0',
        backend: 'tensorflow',
        model_config: { class_name: 'Sequential', config: { name: 'sequential', layers } },
      },
      weightsManifest: [{ paths: ['weights.bin'], weights }],
    }),
    'weights.bin': Buffer.concat(bytes.map((array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength))),
  };
}

export function manifestFor(files: Readonly<Record<string, string | Buffer>>): ModelManifest {
  return {
    formatVersion: 1,
    name: 'test',
    version: '0.0.1',
    description: 'Random weights; for tests only.',
    featureSet: { name: featureSet.name, hash: featureSet.hash, length: featureSet.length },
    labels: LABELS,
    analysis: { windowMs: 3000, stepMs: 500 },
    normalisation: {
      mean: featureSet.names.map((_, index) => Math.sin(index)),
      deviation: featureSet.names.map((_, index) => 1 + (index % 5) / 4),
      clip: 6,
    },
    calibration: {
      temperature: 1,
      confidence: { score: [0.2, 1], accuracy: [0.2, 0.9] },
      threshold: 0.3,
      minSpeechRatio: 0.1,
    },
    smoothing: { timeConstantMs: 1500, hysteresis: 0.05 },
    training: { corpora: [], seed: 1, command: 'none' },
    metrics: {},
    files: Object.fromEntries(
      Object.entries(files).map(([name, content]) => [name, createHash('sha256').update(content).digest('hex')]),
    ),
  };
}

/** Writes a model folder; `change` edits the manifest, `damage` a file after its hash was taken. */
export function modelFolder(
  stack: readonly Dense[] = smallStack(),
  change: (manifest: ModelManifest) => object = (manifest) => manifest,
  damage: (files: Record<string, string | Buffer>) => void = () => {},
): string {
  const folder = mkdtempSync(join(tmpdir(), 'undertone-model-'));
  const files: Record<string, string | Buffer> = { ...layersFiles(stack) };
  const manifest = change(manifestFor(files));
  damage(files);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  return folder;
}

/** A dense stack by the book, in float64: what the runtime's answer is compared with. */
export function reference(stack: readonly Dense[], input: ArrayLike<number>): number[] {
  let values = Array.from(input);
  for (const { inputs, units, activation, kernel, bias } of stack) {
    const next: number[] = [];
    for (let unit = 0; unit < units; unit++) {
      let sum = bias[unit]!;
      for (let index = 0; index < inputs; index++) sum += values[index]! * kernel[index * units + unit]!;
      next.push(activation === 'relu' ? Math.max(0, sum) : activation === 'tanh' ? Math.tanh(sum) : sum);
    }
    values = next;
  }
  return values;
}
