/** Figures of a classifier from true and predicted classes. */
export interface ClassificationMetrics {
  readonly count: number;
  /** Share of all that is right. */
  readonly accuracy: number;
  /** Unweighted average recall over the classes that occur (UA, UAR). */
  readonly ua: number;
  /** Mean F1 over the classes that occur. */
  readonly macroF1: number;
  /** F1 weighted by how often each class occurs. */
  readonly weightedF1: number;
  /** By class: one value per label; 0 where it is not defined. */
  readonly precision: readonly number[];
  readonly recall: readonly number[];
  readonly f1: readonly number[];
  /** How often each class occurs. */
  readonly support: readonly number[];
  /** confusion[truth][predicted]: counts. */
  readonly confusion: readonly (readonly number[])[];
}

/** @param truth, predicted class numbers from 0 to `classes` − 1, of equal length. */
export function classificationMetrics(
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
): ClassificationMetrics {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let index = 0; index < truth.length; index++) confusion[truth[index]!]![predicted[index]!]! += 1;
  const support = confusion.map((row) => sum(row));
  const named = confusion.map((_, column) => sum(confusion.map((row) => row[column]!)));
  const right = confusion.map((row, index) => row[index]!);
  const recall = right.map((hits, index) => ratio(hits, support[index]!));
  const precision = right.map((hits, index) => ratio(hits, named[index]!));
  const f1 = right.map((hits, index) => ratio(2 * hits, support[index]! + named[index]!));
  const present = support.flatMap((count, index) => (count > 0 ? [index] : []));
  return {
    count: truth.length,
    accuracy: ratio(sum(right), truth.length),
    ua: ratio(sum(present.map((index) => recall[index]!)), present.length),
    macroF1: ratio(sum(present.map((index) => f1[index]!)), present.length),
    weightedF1: ratio(sum(present.map((index) => f1[index]! * support[index]!)), truth.length),
    precision,
    recall,
    f1,
    support,
    confusion,
  };
}

export interface ReliabilityBin {
  readonly count: number;
  readonly meanConfidence: number;
  readonly accuracy: number;
}

/**
 * Expected calibration error over equally wide bins, Σ share · |accuracy − mean confidence| (Guo et al., On Calibration of
 * Modern Neural Networks, 2017, eq. 3).
 */
export function reliability(
  confidence: ArrayLike<number>,
  right: ArrayLike<number | boolean>,
  bins = 10,
): { readonly ece: number; readonly bins: readonly ReliabilityBin[] } {
  const totals = Array.from({ length: bins }, () => ({ count: 0, confidence: 0, right: 0 }));
  for (let index = 0; index < confidence.length; index++) {
    const bin = totals[Math.min(bins - 1, Math.floor(confidence[index]! * bins))]!;
    bin.count += 1;
    bin.confidence += confidence[index]!;
    bin.right += Number(right[index]!);
  }
  const ece = sum(totals.map((bin) => Math.abs(bin.right - bin.confidence))) / Math.max(1, confidence.length);
  return {
    ece,
    bins: totals.map((bin) => ({
      count: bin.count,
      meanConfidence: ratio(bin.confidence, bin.count),
      accuracy: ratio(bin.right, bin.count),
    })),
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const ratio = (part: number, whole: number): number => (whole > 0 ? part / whole : 0);
