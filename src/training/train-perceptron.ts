import type { Emotion } from '../emotions.ts';
import { featureSet } from '../features/index.ts';
import { startRuntime, type WindowModel } from '../inference/index.ts';
import { crossValidate, heldOutPerceptrons } from './cross-validate.ts';
import { DEFAULT_FIT, type FitOptions, fitClassifier, predictRows } from './fit.ts';
import type { Fold } from './folds.ts';
import type { TrainedModel } from './trained-model.ts';
import type { TrainingData } from './training-data.ts';
import type { WindowRow } from './window-rows.ts';
import { layersModel } from './write-model.ts';

export interface PerceptronTrainingOptions {
  readonly labels: readonly Emotion[];
  readonly folds: readonly Fold[];
  /** All that it learns from; of `data.training`. */
  readonly rows: readonly WindowRow[];
  readonly minSpeechRatio: number;
  readonly seed: number;
  readonly quick: boolean;
  readonly cache: string;
  readonly onProgress: (phase: string, done: number, total: number) => void;
}

const QUICK_FIT: Partial<FitOptions> = {
  hidden: [32],
  dropout: [0.1, 0.2],
  batchRows: 128,
  batchesPerEpoch: 15,
  maxEpochs: 8,
  averaging: 0.9,
};

/** A perceptron per fold, and one of all speakers for the mean of the folds' epochs. */
export async function trainPerceptron(
  data: TrainingData,
  { labels, folds, rows, minSpeechRatio, seed, quick, cache, onProgress }: PerceptronTrainingOptions,
): Promise<TrainedModel> {
  const { tf } = await startRuntime('auto');
  const fit = { ...DEFAULT_FIT, ...(quick && QUICK_FIT) };
  const epochs = folds.length * 2 * fit.maxEpochs;
  const models = await crossValidate(
    {
      tf,
      labels,
      sets: data.training,
      minSpeechRatio,
      fit,
      seed,
      cache,
      onEpoch: (fold, stage, epoch) =>
        onProgress('cross-validation', (2 * fold + Number(stage === 'train')) * fit.maxEpochs + epoch, epochs),
    },
    folds,
  );
  const meanEpochs = Math.max(1, Math.round(models.reduce((total, model) => total + model.epochs, 0) / models.length));
  const { classifier } = await fitClassifier(
    tf,
    labels,
    rows,
    [],
    { ...fit, maxEpochs: meanEpochs },
    `${seed} final`,
    (epoch) => onProgress('final training', epoch, meanEpochs),
  );
  const some = rows.slice(0, 32);
  return {
    kind: 'functionals',
    what: 'functionals of low-level descriptors: a perceptron',
    models: heldOutPerceptrons(tf, models),
    folds: models,
    epochs: meanEpochs,
    parameters: classifier.weights.reduce((total, { kernel, bias }) => total + kernel.length + bias.length, 0),
    fit,
    normalisation: classifier.normalisation,
    network: layersModel(classifier.weights),
    answersAlike: (model: WindowModel) => {
      const features = new Float32Array(some.length * featureSet.length);
      some.forEach(({ set, index }, place) => {
        const from = index * featureSet.length;
        features.set(set.features.subarray(from, from + featureSet.length), place * featureSet.length);
      });
      const expected = predictRows(classifier, tf, some);
      return model.predict(features, some.length).every((value, index) => value === expected[index]);
    },
  };
}
