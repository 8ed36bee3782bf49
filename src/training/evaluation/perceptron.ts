import type { TensorFlow } from '../../inference/index.ts';
import type { ClassifierOptions, FittedClassifier, TrainableClassifier } from '../classifiers/classifier.ts';
import { type FitOptions, fitClassifier, predictRows } from '../fit.ts';
import type { ClassLabel } from '../labels.ts';
import { CLASS_LABELS } from '../labels.ts';
import type { WindowRow } from '../window-rows.ts';

/** The perceptron of `undertone train` behind the interface of classifiers; validation chooses the number of epochs. */
export function perceptron(tf: TensorFlow, options: FitOptions): TrainableClassifier<WindowRow> {
  return {
    name: 'mlp',
    variant: options,
    async fit(
      rows: readonly WindowRow[],
      labels: readonly ClassLabel[],
      { seed, validation, settings, onProgress }: ClassifierOptions<WindowRow>,
    ): Promise<FittedClassifier<WindowRow>> {
      const classes = CLASS_LABELS.filter((label) => labels.includes(label));
      const { epochs: maxEpochs = options.maxEpochs } = settings ?? {};
      const { classifier, epochs, curve } = await fitClassifier(
        tf,
        classes,
        rows,
        validation?.rows ?? [],
        { ...options, maxEpochs },
        seed,
        (epoch) => onProgress?.(epoch / maxEpochs),
      );
      return {
        labels: classes,
        parameters: classifier.weights.reduce((total, { kernel, bias }) => total + kernel.length + bias.length, 0),
        settings: { epochs: Math.max(1, epochs) },
        curve,
        predict: (of) => predictRows(classifier, tf, of),
      };
    },
  };
}
