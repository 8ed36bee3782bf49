import { UndertoneError } from '../../errors.ts';
import { startRuntime } from '../../inference/index.ts';
import { perceptron } from '../evaluation/perceptron.ts';
import { DEFAULT_FIT, type FitOptions } from '../fit.ts';
import type { WindowRow } from '../window-rows.ts';
import { CLASSIFIER_NAMES, type ClassifierName, type TrainableClassifier } from './classifier.ts';
import { onFunctionals } from './functional-classifier.ts';
import { gradientBoosting } from './gradient-boosting.ts';
import { logisticRegression } from './logistic-regression.ts';
import { nearestNeighbours } from './nearest-neighbours.ts';
import { randomForest } from './random-forest.ts';
import { supportVectors } from './svm.ts';

export type FunctionalClassifierName = Exclude<ClassifierName, 'sequence'>;
export const FUNCTIONAL_CLASSIFIERS = CLASSIFIER_NAMES.filter((name) => name !== 'sequence');

const QUICK_FIT: Partial<FitOptions> = {
  hidden: [32],
  batchRows: 128,
  batchesPerEpoch: 15,
  maxEpochs: 8,
  averaging: 0.9,
  dropout: [0.1, 0.2],
};

export interface CreationOptions {
  /** Less of everything, to see that it works. */
  readonly quick?: boolean;
}

/**
 * A classifier that learns from the functionals of windows.
 *
 * @throws `runtime-unavailable` where the perceptron has no TensorFlow.js.
 * @example
 * const forest = await functionalClassifier('random-forest');
 */
export async function functionalClassifier(
  name: FunctionalClassifierName,
  { quick = false }: CreationOptions = {},
): Promise<TrainableClassifier<WindowRow>> {
  switch (name) {
    case 'logistic-regression':
      return onFunctionals(logisticRegression());
    case 'svm':
      return onFunctionals(supportVectors());
    case 'random-forest':
      return onFunctionals(randomForest(quick ? { trees: 20 } : {}));
    case 'gradient-boosting':
      return onFunctionals(gradientBoosting(quick ? { maxRounds: 10 } : {}));
    case 'k-nearest-neighbours':
      return onFunctionals(nearestNeighbours());
    case 'mlp': {
      const { tf } = await startRuntime('auto');
      return perceptron(tf, quick ? { ...DEFAULT_FIT, ...QUICK_FIT } : DEFAULT_FIT);
    }
  }
}

/**
 * Reads the name of a classifier.
 *
 * @throws `usage` for one that does not exist.
 */
export function classifierName(text: string): ClassifierName {
  const name = CLASSIFIER_NAMES.find((candidate) => candidate === text);
  if (name !== undefined) return name;
  const detail = `--classifier: there is no "${text}"; use one of ${CLASSIFIER_NAMES.join(', ')}.`;
  throw new UndertoneError('usage', { detail });
}
