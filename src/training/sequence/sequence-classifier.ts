import { softmax } from '../calibration.ts';
import type { ClassifierOptions, FittedClassifier, TrainableClassifier } from '../classifiers/classifier.ts';
import { highest } from '../fit.ts';
import { groupBy } from '../group-by.ts';
import { CLASS_LABELS, type ClassLabel } from '../labels.ts';
import { classificationMetrics } from '../metrics.ts';
import { fitSequence, type SequenceFitOptions, type TrainedSequence } from './fit-sequence.ts';
import type { HopRow } from './hop-windows.ts';
import { heardBy, predictRows } from './predict-sequence.ts';
import { trainingStore } from './training-store.ts';

export interface SequenceClassifierOptions {
  readonly fit: SequenceFitOptions;
  readonly threads: number;
  /** Folder in which trainings are kept, so that one that was interrupted goes on; left out: none is. */
  readonly cache?: string | undefined;
}

/** Raise this when code changes what a training comes to. */
const REVISION = 1;
/** Epochs without a rise of the held-out speakers' UA before the search ends. */
const PATIENCE_SHARE = 0.3;

/** The sequence network behind the interface of classifiers. Its rows name the clips; windows of these are cut anew in every epoch. */
export function sequenceClassifier(options: SequenceClassifierOptions): TrainableClassifier<HopRow> {
  return {
    name: 'sequence',
    variant: [REVISION, options.fit],
    fit: (rows, labels, run) => train(options, rows, labels, run),
  };
}

async function train(
  { fit: wanted, threads, cache }: SequenceClassifierOptions,
  rows: readonly HopRow[],
  labels: readonly ClassLabel[],
  { seed, validation, settings, onProgress }: ClassifierOptions<HopRow>,
): Promise<FittedClassifier<HopRow>> {
  const classes = CLASS_LABELS.filter((label) => labels.includes(label));
  const clips = [...groupBy(rows.keys(), (row) => rows[row]!.hops)].map(([hops, [row]]) => ({
    hops,
    label: classes.indexOf(labels[row!]!),
  }));
  const { epochs = wanted.epochs } = settings ?? {};
  const options = { ...wanted, epochs };
  const key = [
    REVISION,
    options,
    seed,
    classes,
    clips.map(({ hops, label }) => [hops.length, hops[hops.length - 2], label]),
  ];
  const report = await fitSequence(clips, classes.length, options, {
    seed,
    threads,
    store: cache === undefined ? undefined : trainingStore(cache, [key, validation?.labels]),
    validate: validation && ((network) => uaOf(network, validation.rows, validation.labels, classes)),
    patience: Math.ceil(PATIENCE_SHARE * epochs),
    onEpoch: (epoch) => onProgress?.(epoch / epochs),
  });
  const { network } = report;
  const side = heardBy(network);
  return {
    labels: classes,
    parameters: network.weights.length,
    settings: { epochs: report.epochs },
    curve: report.curve,
    predict: (of) => predictRows(side, classes.length, of),
  };
}

/** UA of streams, each decided by the mean of its windows' probabilities. */
function uaOf(
  network: TrainedSequence,
  rows: readonly HopRow[],
  labels: readonly ClassLabel[],
  classes: readonly ClassLabel[],
): number {
  const count = classes.length;
  const logits = predictRows(heardBy(network), count, rows);
  const probabilities = new Float64Array(count);
  const streams = [...groupBy(rows.keys(), (row) => rows[row]!.hops).values()];
  const guesses = streams.map((members) => {
    const sums = new Float64Array(count);
    for (const row of members) {
      softmax(logits, 1, probabilities, row * count, count);
      for (let label = 0; label < count; label++) sums[label]! += probabilities[label]!;
    }
    return highest(sums, 0, count);
  });
  const truth = streams.map(([row]) => classes.indexOf(labels[row!]!));
  return classificationMetrics(truth, guesses, count).ua;
}
