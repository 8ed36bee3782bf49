import { join } from 'node:path';
import { UndertoneError } from '../../errors.ts';
import type { ClassifierName, Settings } from '../classifiers/classifier.ts';
import type { Interval } from '../evaluation/bootstrap.ts';
import { type FoldRecord, type MeasuredFold, readFolds } from '../evaluation/fold-record.ts';
import { PREDICTIONS } from '../evaluation/metrics-file.ts';
import type { ClipPrediction } from '../evaluation/predictions.ts';
import { type ProtocolName, protocols } from '../evaluation/protocols.ts';
import { type EvaluationMetrics, summarise } from '../evaluation/summary.ts';
import type { ClassLabel } from '../labels.ts';
import { type PairedClip, pairedDifference } from './paired.ts';

/** One classifier's row. Shares from 0 to 1. */
export interface ComparedClassifier {
  readonly classifier: string;
  readonly seeds: readonly number[];
  /** Conditions of its training clips. */
  readonly trainedIn: readonly string[];
  /** Mean UA of the protocol's folds or corpora. */
  readonly ua: Interval;
  /** Of all test clips together. */
  readonly accuracy: Interval;
  readonly macroPrecision: Interval;
  readonly macroRecall: Interval;
  readonly macroF1: Interval;
  readonly ece: Interval;
  /** UA less that of the best one; nothing for the best one itself. */
  readonly toBest: Interval | null;
  readonly parameters: number;
  /** Processor time of training a fold, looking for settings included; mean. */
  readonly trainingCpuSeconds: number | null;
  /** Processor time of a window's scores, in batches, from normalised functionals on; median over the folds. */
  readonly predictionMicroseconds: number | null;
  /** What validation chose, fold by fold. */
  readonly settings: readonly { readonly fold: string; readonly seed: number; readonly settings: Settings }[];
}

/** The classifiers by one protocol, best first. */
export interface ProtocolComparison {
  readonly protocol: ProtocolName;
  readonly labels: readonly ClassLabel[];
  readonly folds: number;
  /** Whether every fold of the protocol is in it. */
  readonly complete: boolean;
  /** Test clips, of one seed. */
  readonly clips: number;
  readonly speakers: number;
  readonly classifiers: readonly ComparedClassifier[];
}

/** What one classifier made of a protocol, as `undertone evaluate` leaves it: a folder with `predictions`. */
export interface ComparedEvaluation {
  readonly folder: string;
  readonly folds: readonly MeasuredFold[];
}

/** @throws `file-missing`, `file-unreadable`; `usage` for a folder without predictions on clips as they are. */
export function readEvaluation(folder: string): ComparedEvaluation {
  const folds = readFolds(join(folder, PREDICTIONS));
  if (folds.length === 0 || folds.some(({ conditions }) => !conditions.has('clean'))) {
    throw new UndertoneError('usage', { detail: `${folder} has no predictions on clips as they are.` });
  }
  return { folder, folds };
}

/** Where the predictions of one classifier by one protocol are. */
export const placeOf = (out: string, protocol: ProtocolName, classifier: ClassifierName): string =>
  join(out, protocol, classifier);

/**
 * Everything that some evaluations by one protocol say.
 *
 * @throws `usage` where two bear the same name, or were measured on different clips.
 */
export function comparisonOf(protocol: ProtocolName, evaluations: readonly ComparedEvaluation[]): ProtocolComparison {
  const measured = evaluations.map(({ folds }) => {
    const metrics = summarise(folds);
    return { metrics, rows: folds.flatMap(({ record, conditions }) => rowsOf(record, conditions.get('clean')!.rows)) };
  });
  measured.sort((a, b) => cleanOf(b.metrics).ua.value - cleanOf(a.metrics).ua.value);
  const names = measured.map(({ metrics }) => metrics.subject);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new UndertoneError('usage', { detail: `Two evaluations are of a "${twice}".` });
  const best = measured[0]!;
  const { labels, folds } = best.metrics;
  return {
    protocol,
    labels,
    folds: new Set(folds.map(({ fold }) => fold)).size,
    complete: measured.every(({ metrics }) => metrics.complete),
    clips: cleanOf(best.metrics).clips,
    speakers: cleanOf(best.metrics).speakers.length,
    classifiers: measured.map((of): ComparedClassifier => {
      const { pooled, ua } = cleanOf(of.metrics);
      const { subject, seeds, trainedIn, parameters } = of.metrics;
      return {
        classifier: subject,
        seeds,
        trainedIn,
        ua,
        accuracy: pooled.accuracy,
        macroPrecision: pooled.macroPrecision,
        macroRecall: pooled.ua,
        macroF1: pooled.macroF1,
        ece: pooled.ece,
        toBest: of === best ? null : differenceTo(best.rows, of.rows, labels, subject),
        parameters,
        ...costOf(of.metrics),
        settings: of.metrics.folds.map(({ fold, seed, settings }) => ({ fold, seed, settings })),
      };
    }),
  };
}

function rowsOf({ protocol, seed, fold }: FoldRecord, rows: readonly ClipPrediction[]): PairedClip[] {
  const { unit } = protocols[protocol];
  return rows.map((row) => ({
    ...row,
    seed,
    unit: unit === 'fold' ? fold : row.speaker.slice(0, row.speaker.indexOf('/')),
  }));
}

function differenceTo(
  best: readonly PairedClip[],
  own: readonly PairedClip[],
  labels: readonly ClassLabel[],
  name: string,
): Interval {
  try {
    return pairedDifference(own, best, labels);
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    throw new UndertoneError('usage', { detail: `"${name}" was not measured on the clips of the others.` });
  }
}

const cleanOf = ({ conditions }: EvaluationMetrics) => conditions.clean!;

function costOf({
  folds,
}: EvaluationMetrics): Pick<ComparedClassifier, 'trainingCpuSeconds' | 'predictionMicroseconds'> {
  const costs = folds.flatMap(({ cost }) => cost ?? []);
  if (costs.length === 0) return { trainingCpuSeconds: null, predictionMicroseconds: null };
  const micros = costs.map(({ predictionMicroseconds }) => predictionMicroseconds).sort((a, b) => a - b);
  return {
    trainingCpuSeconds: costs.reduce((total, of) => total + of.trainingCpuSeconds, 0) / costs.length,
    predictionMicroseconds: micros[Math.floor(micros.length / 2)]!,
  };
}
