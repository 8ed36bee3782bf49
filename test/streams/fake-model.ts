import type { ModelManifest, WindowModel } from '../../src/inference/index.ts';

export const FAKE_LABELS = ['anger', 'happiness', 'neutral', 'sadness'] as const;

/** A manifest with plain settings; override what a test is about. */
export function fakeManifest(
  featureSet: ModelManifest['featureSet'],
  over: Partial<ModelManifest> = {},
): ModelManifest {
  return {
    formatVersion: 1,
    name: 'fake',
    version: '0.0.0',
    description: 'A linear model for tests',
    featureSet,
    labels: [...FAKE_LABELS],
    analysis: { windowMs: 3000, stepMs: 500 },
    normalisation: {
      mean: new Array<number>(featureSet.length).fill(0),
      deviation: new Array<number>(featureSet.length).fill(1),
      clip: 10,
    },
    calibration: {
      temperature: 1,
      confidence: { score: [0, 1], accuracy: [0, 1] },
      threshold: 0,
      minSpeechRatio: 0.1,
    },
    smoothing: { timeConstantMs: 1000, hysteresis: 0.1 },
    training: { corpora: [], seed: 0, command: '' },
    metrics: {},
    files: {},
    ...over,
  };
}

/**
 * A real, small classifier: a fixed pseudo-random linear map of all features, so that a change in any of them changes the
 * answer. Counts its calls and the rows of each.
 */
export class LinearModel implements WindowModel {
  readonly manifest: ModelManifest;
  readonly hash = 'linear';
  readonly runtime = 'typescript';
  readonly calls: number[] = [];

  constructor(manifest: ModelManifest) {
    this.manifest = manifest;
  }

  predict(features: Float32Array, rows: number): Float32Array {
    this.calls.push(rows);
    const { labels, featureSet } = this.manifest;
    const logits = new Float32Array(rows * labels.length);
    for (let row = 0; row < rows; row += 1) {
      for (let label = 0; label < labels.length; label += 1) {
        let sum = 0;
        for (let feature = 0; feature < featureSet.length; feature += 1) {
          const value = features[row * featureSet.length + feature]!;
          const weight = Math.sin(1 + feature * 12.9898 + label * 78.233);
          sum += Number.isNaN(value) ? 0 : Math.tanh(value / 50) * weight;
        }
        logits[row * labels.length + label] = sum / 4;
      }
    }
    return logits;
  }

  dispose(): void {}
}
