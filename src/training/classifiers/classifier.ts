import type { ClassLabel } from '../labels.ts';

export const CLASSIFIER_NAMES = [
  'logistic-regression',
  'svm',
  'random-forest',
  'gradient-boosting',
  'k-nearest-neighbours',
  'mlp',
  'sequence',
] as const;
export type ClassifierName = (typeof CLASSIFIER_NAMES)[number];

/** Windows and the class of each, one label per row. */
export interface LabelledRows<Row> {
  readonly rows: readonly Row[];
  readonly labels: readonly ClassLabel[];
}

/** What validation chose, by name: epochs, a penalty, a number of neighbours. */
export type Settings = Readonly<Record<string, number>>;

export interface ClassifierOptions<Row> {
  /** The same rows, labels and seed give the same classifier. */
  readonly seed: string;
  /** Rows of speakers who are not trained with: settings and the moment to stop are chosen on them. Without, defaults hold. */
  readonly validation?: LabelledRows<Row> | undefined;
  /** `settings` of an earlier fit: nothing is chosen, so that it can be trained again on all speakers, validation's too. */
  readonly settings?: Settings | undefined;
  /** @param share done so far, 0 to 1. */
  readonly onProgress?: ((share: number) => void) | undefined;
}

/**
 * Learns classes from windows. A row is whatever the classifier learns from: a `WindowRow` of functionals for most, hops of
 * descriptors for a sequence network.
 *
 * @example
 * const search = await classifier.fit(rows, labels, { seed: '1', validation });
 * const { settings } = search; // and a temperature from search.predict(validation.rows)
 * const final = await classifier.fit(allRows, allLabels, { seed: '1', settings });
 * const logits = final.predict(testRows);
 */
export interface TrainableClassifier<Row> {
  readonly name: ClassifierName;
  /** Whatever decides what it learns beside rows, labels, seed and settings; any JSON. Other variant, other results. */
  readonly variant?: unknown;
  /** @param labels one per row. */
  fit(
    rows: readonly Row[],
    labels: readonly ClassLabel[],
    options: ClassifierOptions<Row>,
  ): Promise<FittedClassifier<Row>>;
}

export interface FittedClassifier<Row> {
  /** The classes, in the order of `CLASS_LABELS`: those that a training row had. */
  readonly labels: readonly ClassLabel[];
  /** @returns rows × classes, row by row: log-probabilities or logits, either way to be divided by a temperature. */
  predict(rows: readonly Row[]): Float32Array;
  /** Numbers that were learned, or kept to compare with. */
  readonly parameters: number;
  readonly settings: Settings;
  /** By epoch, of those that learn in epochs: the mean loss, and the UA of validation where there was any. */
  readonly curve?: readonly { readonly loss: number; readonly ua?: number | undefined }[] | undefined;
}
