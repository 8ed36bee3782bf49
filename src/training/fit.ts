import { featureSet } from '../features/index.ts';
import { Normaliser, type TensorFlow } from '../inference/index.ts';
import { Adam } from './adam.ts';
import { groupBy } from './group-by.ts';
import type { ClassLabel } from './labels.ts';
import { classificationMetrics } from './metrics.ts';
import { copyWeights, type DenseWeights, initialWeights, logitsOf, lossAndGradient } from './mlp.ts';
import { Random } from './random.ts';
import { Sampler } from './sampler.ts';
import { clipOf, gather, normalisationOf, type WindowRow } from './window-rows.ts';

/** How the classifier is trained. */
export interface FitOptions {
  /** Units of the layers between the features and the classes. */
  readonly hidden: readonly number[];
  /** Dropout of the features, then of each hidden layer. */
  readonly dropout: readonly number[];
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly averaging: number;
  readonly labelSmoothing: number;
  readonly mixed: number;
  readonly batchRows: number;
  readonly batchesPerEpoch: number;
  readonly maxEpochs: number;
  /** Stops when the held-out speakers' UA has not risen for this many epochs. */
  readonly patience: number;
}

export const DEFAULT_FIT: FitOptions = {
  hidden: [128, 64],
  dropout: [0.2, 0.5, 0.4],
  learningRate: 1e-3,
  weightDecay: 0.1,
  averaging: 0.998,
  labelSmoothing: 0.1,
  mixed: 0.3,
  batchRows: 256,
  batchesPerEpoch: 100,
  maxEpochs: 40,
  patience: 6,
};

/** A classifier of windows as it comes out of training: the network and how its input is normalised. */
export interface Classifier {
  readonly labels: readonly ClassLabel[];
  readonly normalisation: ReturnType<typeof normalisationOf>;
  readonly weights: readonly DenseWeights[];
}

export interface FitReport {
  readonly classifier: Classifier;
  /** The epoch whose weights these are, from 1. */
  readonly epochs: number;
  /** By epoch: mean loss of the batches, and the UA of the held-out speakers' windows where there are any. */
  readonly curve: readonly { readonly loss: number; readonly ua?: number }[];
}

/**
 * Trains a classifier. With validation rows it stops when their UA rises no more and gives the best epoch's weights; without,
 * it trains for `maxEpochs`.
 */
export async function fitClassifier(
  tf: TensorFlow,
  labels: readonly ClassLabel[],
  rows: readonly WindowRow[],
  validation: readonly WindowRow[],
  options: FitOptions,
  seed: string,
  onEpoch: (epoch: number) => void = () => {},
): Promise<FitReport> {
  const random = new Random(seed);
  const normalisation = normalisationOf(rows);
  const sampler = new Sampler(rows, new Normaliser(normalisation), { labels, ...options }, random);
  const weights = initialWeights([featureSet.length, ...options.hidden, labels.length], random);
  const adam = new Adam(weights, options);
  const curve: { loss: number; ua?: number }[] = [];
  let best = { epoch: 0, ua: -1, weights: copyWeights(weights) };
  for (let epoch = 1; epoch <= options.maxEpochs; epoch++) {
    let loss = 0;
    for (let batch = 0; batch < options.batchesPerEpoch; batch++) {
      const result = lossAndGradient(tf, weights, sampler.draw(options.batchRows), options.dropout, random);
      adam.step(result.gradient);
      loss += result.loss / options.batchesPerEpoch;
    }
    const averaged = adam.averaged();
    if (validation.length === 0) {
      curve.push({ loss });
      best = { epoch, ua: 0, weights: averaged };
    } else {
      const ua = meanUa({ labels, normalisation, weights: averaged }, tf, validation);
      curve.push({ loss, ua });
      if (ua > best.ua) best = { epoch, ua, weights: averaged };
      else if (epoch - best.epoch >= options.patience) break;
    }
    onEpoch(epoch);
    // Lets timers, signals and progress have their turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { classifier: { labels, normalisation, weights: best.weights }, epochs: best.epoch, curve };
}

/** Logits of rows, in their order. */
export function predictRows(classifier: Classifier, tf: TensorFlow, rows: Parameters<typeof gather>[0]): Float32Array {
  const classes = classifier.labels.length;
  const normaliser = new Normaliser(classifier.normalisation);
  const out = new Float32Array(rows.length * classes);
  const input = new Float32Array(PREDICTED_ROWS * featureSet.length);
  for (let first = 0; first < rows.length; first += PREDICTED_ROWS) {
    const part = rows.slice(first, first + PREDICTED_ROWS);
    gather(part, normaliser, input);
    const logits = logitsOf(tf, classifier.weights, input.subarray(0, part.length * featureSet.length), part.length);
    out.set(logits, first * classes);
  }
  return out;
}

const PREDICTED_ROWS = 256;

/** The mean over the corpora of the UA of their windows. */
function meanUa(classifier: Classifier, tf: TensorFlow, rows: readonly WindowRow[]): number {
  const logits = predictRows(classifier, tf, rows);
  const classes = classifier.labels.length;
  const guesses = rows.map((_, row) => highest(logits, row * classes, classes));
  const truth = rows.map((row) => classifier.labels.indexOf(clipOf(row).label));
  const byCorpus = groupBy(rows.keys(), (row) => clipOf(rows[row]!).corpus);
  const scores = [...byCorpus.values()].map(
    (members) =>
      classificationMetrics(
        members.map((row) => truth[row]!),
        members.map((row) => guesses[row]!),
        classes,
      ).ua,
  );
  return scores.reduce((total, ua) => total + ua, 0) / scores.length;
}

/** The index, from 0, of the highest of `count` values. */
export function highest(values: ArrayLike<number>, from: number, count: number): number {
  let best = 0;
  for (let index = 1; index < count; index++) if (values[from + index]! > values[from + best]!) best = index;
  return best;
}
