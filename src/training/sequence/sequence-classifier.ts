import { createHash } from 'node:crypto';
import { softmax } from '../calibration.ts';
import type { ClassifierOptions, FittedClassifier, TrainableClassifier } from '../classifiers/classifier.ts';
import { highest } from '../fit.ts';
import { groupBy } from '../group-by.ts';
import { CLASS_LABELS, type ClassLabel } from '../labels.ts';
import { classificationMetrics } from '../metrics.ts';
import { fitSequence, type SequenceFitOptions, type SequenceFitReport, type TrainedSequence } from './fit-sequence.ts';
import type { HopRow } from './hop-windows.ts';
import { heardBy, predictRows } from './predict-sequence.ts';
import type { SequenceClip } from './sequence-data.ts';
import { trainingStore } from './training-store.ts';

/** What a sequence network has become. */
export interface FittedSequence extends FittedClassifier<HopRow> {
  readonly network: TrainedSequence;
}

export interface SequenceClassifierOptions {
  readonly fit: SequenceFitOptions;
  /** So many networks are trained, which differ by their seed; their logits are averaged. */
  readonly members: number;
  readonly threads: number;
  /** Folder in which trainings are kept, so that one that was interrupted goes on; left out: none is. */
  readonly cache?: string | undefined;
  /** Whether a training that was interrupted goes on; default true. */
  readonly resume?: boolean | undefined;
}

/** Raise this when code changes what a training comes to. */
const REVISION = 1;
/** Epochs without a rise of the held-out speakers' UA before the search ends. */
const PATIENCE_SHARE = 0.3;

/** The sequence network behind the interface of classifiers. Its rows name the clips; windows of these are cut anew in every epoch. */
export function sequenceClassifier(options: SequenceClassifierOptions): TrainableClassifier<HopRow> {
  return {
    name: 'sequence',
    variant: [REVISION, options.fit, options.members],
    fit: (rows, labels, run) => trainSequence(options, rows, labels, run),
  };
}

/** Trains the networks of a classifier, one after the other. @param labels one per row */
export async function trainSequence(
  { fit: wanted, members, threads, cache, resume = true }: SequenceClassifierOptions,
  rows: readonly HopRow[],
  labels: readonly ClassLabel[],
  { seed, validation, settings, onProgress }: ClassifierOptions<HopRow>,
): Promise<FittedSequence> {
  const classes = CLASS_LABELS.filter((label) => labels.includes(label));
  const clips = [...groupBy(rows.keys(), (row) => rows[row]!.recording).values()].map((members) => ({
    variants: [...new Set(members.map((row) => rows[row]!.hops))],
    label: classes.indexOf(labels[members[0]!]!),
  }));
  const { epochs = wanted.epochs } = settings ?? {};
  const options = { ...wanted, epochs };
  const learned = hashOf(clips, validation);
  const reports: SequenceFitReport[] = [];
  for (let member = 0; member < members; member++) {
    const own = `${seed} network ${member + 1}`;
    const store =
      cache === undefined ? undefined : trainingStore(cache, [REVISION, options, own, classes, learned], resume);
    const report = await fitSequence(clips, classes.length, options, {
      seed: own,
      threads,
      store,
      validate: validation && ((network) => uaOf(network, validation.rows, validation.labels, classes)),
      patience: Math.ceil(PATIENCE_SHARE * epochs),
      onEpoch: (epoch) => onProgress?.((member + epoch / epochs) / members),
    });
    reports.push(report);
  }
  const networks = reports.map(({ network }) => network);
  const network = { ...networks[0]!, members: networks.flatMap((each) => each.members) };
  const side = heardBy(network);
  return {
    network,
    labels: classes,
    parameters: network.members.reduce((total, { length }) => total + length, 0),
    settings: { epochs: Math.round(reports.reduce((total, report) => total + report.epochs, 0) / members) },
    curve: reports[0]!.curve,
    predict: (of) => predictRows(side, classes.length, of),
  };
}

/** Of all that is learned from and judged by. */
function hashOf(clips: readonly SequenceClip[], validation: ClassifierOptions<HopRow>['validation']): string {
  const hash = createHash('sha256');
  for (const { variants, label } of clips) {
    hash.update(`${label} ${variants.map(({ length }) => length).join()};`);
    for (const { buffer, byteOffset, byteLength } of variants)
      hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  validation?.rows.forEach(({ hops, endHop }, row) => {
    hash.update(`${validation.labels[row]} ${hops.length} ${endHop};`);
  });
  return hash.digest('hex');
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
