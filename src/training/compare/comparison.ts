import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ClassifierName, Settings } from '../classifiers/classifier.ts';
import type { Interval } from '../evaluation/bootstrap.ts';
import { readFolds } from '../evaluation/fold-record.ts';
import { PREDICTIONS } from '../evaluation/metrics-file.ts';
import { type ProtocolName, protocols } from '../evaluation/protocols.ts';
import { type EvaluationMetrics, summarise } from '../evaluation/summary.ts';
import type { ClassLabel } from '../labels.ts';
import { type PairedClip, pairedDifference } from './paired.ts';

/** One classifier's row. Shares from 0 to 1. */
export interface ComparedClassifier {
  readonly classifier: ClassifierName;
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
  readonly seeds: readonly number[];
  readonly folds: number;
  /** Whether every fold of the protocol is in it. */
  readonly complete: boolean;
  /** Test clips, of one seed. */
  readonly clips: number;
  readonly speakers: number;
  readonly trainedIn: readonly string[];
  readonly classifiers: readonly ComparedClassifier[];
}

/** Where the predictions of one classifier by one protocol are. */
export const placeOf = (out: string, protocol: ProtocolName, classifier: ClassifierName): string =>
  join(out, protocol, classifier);

/**
 * Everything that the predictions in a folder say of some classifiers by a protocol.
 *
 * @throws `file-missing`, `file-unreadable`; RangeError where classifiers were measured on different clips.
 */
export function comparisonOf(
  out: string,
  protocol: ProtocolName,
  classifiers: readonly ClassifierName[],
): ProtocolComparison {
  const measured = classifiers.map((classifier) => {
    const folds = readFolds(join(placeOf(out, protocol, classifier), PREDICTIONS));
    const metrics = summarise(folds);
    const rows = folds.flatMap(({ record, conditions }) =>
      conditions.get('clean')!.rows.map(
        (row): PairedClip => ({
          ...row,
          seed: record.seed,
          unit: protocols[protocol].unit === 'fold' ? record.fold : row.speaker.slice(0, row.speaker.indexOf('/')),
        }),
      ),
    );
    return { classifier, metrics, rows };
  });
  measured.sort((a, b) => cleanOf(b.metrics).ua.value - cleanOf(a.metrics).ua.value);
  const best = measured[0]!;
  const { labels, seeds, complete, folds, trainedIn } = best.metrics;
  return {
    protocol,
    labels,
    seeds,
    folds: new Set(folds.map(({ fold }) => fold)).size,
    complete,
    clips: cleanOf(best.metrics).clips,
    speakers: cleanOf(best.metrics).speakers.length,
    trainedIn,
    classifiers: measured.map((of): ComparedClassifier => {
      const { pooled, ua } = cleanOf(of.metrics);
      return {
        classifier: of.classifier,
        ua,
        accuracy: pooled.accuracy,
        macroPrecision: pooled.macroPrecision,
        macroRecall: pooled.ua,
        macroF1: pooled.macroF1,
        ece: pooled.ece,
        toBest: of === best ? null : pairedDifference(of.rows, best.rows, labels),
        parameters: of.metrics.parameters,
        ...costOf(of.metrics),
        settings: of.metrics.folds.map(({ fold, seed, settings }) => ({ fold, seed, settings })),
      };
    }),
  };
}

/** Whether a folder has predictions of a classifier by a protocol. */
export const isCompared = (out: string, protocol: ProtocolName, classifier: ClassifierName): boolean =>
  existsSync(join(placeOf(out, protocol, classifier), PREDICTIONS));

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
