import type { TensorFlow } from '../inference/index.ts';
import { fitTemperature } from './calibration.ts';
import { checkpoint } from './checkpoint.ts';
import type { StreamWindows, WindowSet } from './feature-cache.ts';
import { type Classifier, type FitOptions, type FitReport, fitClassifier, predictRows } from './fit.ts';
import type { Fold } from './folds.ts';
import type { ClassLabel } from './labels.ts';
import { clipOf, rowsOf } from './window-rows.ts';

/** The model of one fold and how it came about. */
export interface FoldModel {
  readonly fold: Fold;
  readonly classifier: Classifier;
  readonly temperature: number;
  readonly epochs: number;
  /** Of the search for the number of epochs, with the validation speakers' UA. */
  readonly curve: FitReport['curve'];
}

export interface CrossValidation {
  readonly tf: TensorFlow;
  readonly labels: readonly ClassLabel[];
  readonly sets: readonly WindowSet[];
  readonly minSpeechRatio: number;
  readonly fit: FitOptions;
  readonly seed: number;
  /** Folder of the cache. */
  readonly cache: string;
  readonly onEpoch: (fold: number, stage: 'search' | 'train', epoch: number) => void;
}

/** Raise this when code changes what a fold comes to. */
const REVISION = 1;

/**
 * Trains a model per fold. The number of epochs and the temperature come from validation speakers, who are left out of
 * training for that; then it trains on them too, for as many epochs. The test speakers are seen by neither. A fold that an
 * interrupted run has finished is not trained again.
 */
export async function crossValidate(data: CrossValidation, folds: readonly Fold[]): Promise<readonly FoldModel[]> {
  const models: FoldModel[] = [];
  for (const [number, fold] of folds.entries()) {
    const key = [
      REVISION,
      data.sets.map((set) => set.key),
      data.labels,
      data.minSpeechRatio,
      data.fit,
      data.seed,
      number,
      [[...fold.test], [...fold.validation]],
    ];
    models.push({ fold, ...(await checkpoint(data.cache, key, () => trainFold(data, fold, number))) });
  }
  return models;
}

async function trainFold(data: CrossValidation, fold: Fold, number: number): Promise<Omit<FoldModel, 'fold'>> {
  const { tf, labels, sets, minSpeechRatio, seed } = data;
  const known = rowsOf(sets, minSpeechRatio, ({ speaker }) => !fold.test.has(speaker));
  const searched = known.filter((row) => !fold.validation.has(clipOf(row).speaker));
  const validation = known.filter((row) => fold.validation.has(clipOf(row).speaker));
  const search = await fitClassifier(tf, labels, searched, validation, data.fit, `${seed} search ${number}`, (epoch) =>
    data.onEpoch(number, 'search', epoch),
  );
  const truth = validation.map((row) => labels.indexOf(clipOf(row).label));
  const temperature = fitTemperature(predictRows(search.classifier, tf, validation), truth, labels.length);
  const options = { ...data.fit, maxEpochs: Math.max(1, search.epochs) };
  const { classifier } = await fitClassifier(tf, labels, known, [], options, `${seed} train ${number}`, (epoch) =>
    data.onEpoch(number, 'train', epoch),
  );
  return { classifier, temperature, epochs: options.maxEpochs, curve: search.curve };
}

/** A model of one fold, to be asked about speakers that it has not heard. */
export interface HeldOutModel {
  readonly fold: Fold;
  readonly classes: number;
  readonly temperature: number;
  /** Logits of some of the windows, by their place; those of one stream are in order. */
  predict(windows: StreamWindows, indices: readonly number[]): Float32Array;
}

/** The perceptrons of folds as models to be asked. */
export function heldOutPerceptrons(tf: TensorFlow, models: readonly FoldModel[]): HeldOutModel[] {
  return models.map(({ fold, classifier, temperature }) => ({
    fold,
    classes: classifier.labels.length,
    temperature,
    predict: (set, indices) =>
      predictRows(
        classifier,
        tf,
        indices.map((index) => ({ set, index })),
      ),
  }));
}

/**
 * Logits over the temperature, for each window by the model of the fold that its speaker is tested in; NaN for speakers who are
 * tested in none.
 */
export function heldOutLogits(
  models: readonly HeldOutModel[],
  windows: StreamWindows,
  speakers: readonly string[],
): Float32Array {
  const classes = models[0]!.classes;
  const logits = new Float32Array(windows.count * classes).fill(Number.NaN);
  for (const { fold, temperature, predict } of models) {
    const indices: number[] = [];
    for (let index = 0; index < windows.count; index++) {
      if (fold.test.has(speakers[windows.streamOf[index]!]!)) indices.push(index);
    }
    const answers = predict(windows, indices);
    indices.forEach((index, row) => {
      for (let label = 0; label < classes; label++) {
        logits[index * classes + label] = answers[row * classes + label]! / temperature;
      }
    });
  }
  return logits;
}
