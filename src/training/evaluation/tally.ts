import type { ClassLabel } from '../labels.ts';
import type { ClipPrediction } from './predictions.ts';

/** Bins of confidence from 0 to 1. */
export const BINS = 10;

/** Counts that every figure follows from, so that the clips of some speakers can be put together quickly. */
export interface Tally {
  readonly classes: number;
  /** classes × classes: how many of a class (row) were taken for what (column). */
  readonly confusion: Float64Array;
  /** Per bin of the guess's probability: clips, the sum of these probabilities, right guesses. */
  readonly bins: Float64Array;
}

export function emptyTally(classes: number): Tally {
  return { classes, confusion: new Float64Array(classes * classes), bins: new Float64Array(3 * BINS) };
}

export function tallyOf(rows: readonly ClipPrediction[], labels: readonly ClassLabel[]): Tally {
  const tally = emptyTally(labels.length);
  for (const { truth, guess, probabilities } of rows) {
    const [row, column] = [labels.indexOf(truth), labels.indexOf(guess)];
    if (row < 0) throw new RangeError(`${truth} is none of ${labels.join(', ')}`);
    tally.confusion[row * labels.length + column]! += 1;
    const confidence = probabilities[column]!;
    const bin = 3 * binOf(confidence);
    tally.bins[bin]! += 1;
    tally.bins[bin + 1]! += confidence;
    tally.bins[bin + 2]! += Number(truth === guess);
  }
  return tally;
}

/** Bins are open above, but for the last; 1e-9 lies between any two probabilities of five decimals. */
export const binOf = (confidence: number): number => Math.min(BINS - 1, Math.floor(confidence * BINS + 1e-9));

/** Adds `times` of a tally to another. */
export function addTally(to: Tally, from: Tally, times: number): void {
  for (let at = 0; at < from.confusion.length; at++) to.confusion[at]! += times * from.confusion[at]!;
  for (let at = 0; at < from.bins.length; at++) to.bins[at]! += times * from.bins[at]!;
}

export function sumOf(tallies: readonly Tally[], classes: number): Tally {
  const sum = emptyTally(classes);
  for (const tally of tallies) addTally(sum, tally, 1);
  return sum;
}

/** Figures of a tally. Means over classes are over those that occur; what is not defined is 0, as for a class never guessed. */
export interface TallyFigures {
  readonly count: number;
  readonly accuracy: number;
  /** Mean recall: UA, UAR. */
  readonly ua: number;
  readonly macroPrecision: number;
  readonly macroF1: number;
  /** Means weighted by how often each class occurs. */
  readonly weightedPrecision: number;
  readonly weightedF1: number;
  readonly precision: readonly number[];
  readonly recall: readonly number[];
  readonly f1: readonly number[];
  readonly support: readonly number[];
  /** Σ share of a bin · |accuracy − mean confidence| (Guo et al. 2017, eq. 3). */
  readonly ece: number;
}

export function figuresOf({ classes, confusion, bins }: Tally): TallyFigures {
  const support = new Array<number>(classes).fill(0);
  const guessed = new Array<number>(classes).fill(0);
  for (let at = 0; at < confusion.length; at++) {
    support[Math.floor(at / classes)]! += confusion[at]!;
    guessed[at % classes]! += confusion[at]!;
  }
  const hits = support.map((_, label) => confusion[label * classes + label]!);
  const recall = hits.map((right, label) => ratio(right, support[label]!));
  const precision = hits.map((right, label) => ratio(right, guessed[label]!));
  const f1 = hits.map((right, label) => ratio(2 * right, support[label]! + guessed[label]!));
  const count = total(support);
  const present = support.filter((of) => of > 0).length;
  const overPresent = (values: readonly number[]): number =>
    ratio(total(values.filter((_, label) => support[label]! > 0)), present);
  const weighted = (values: readonly number[]): number =>
    ratio(total(values.map((value, label) => value * support[label]!)), count);
  let gap = 0;
  for (let bin = 0; bin < bins.length; bin += 3) gap += Math.abs(bins[bin + 2]! - bins[bin + 1]!);
  return {
    count,
    accuracy: ratio(total(hits), count),
    ua: overPresent(recall),
    macroPrecision: overPresent(precision),
    macroF1: overPresent(f1),
    weightedPrecision: weighted(precision),
    weightedF1: weighted(f1),
    precision,
    recall,
    f1,
    support,
    ece: ratio(gap, count),
  };
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const ratio = (part: number, whole: number): number => (whole > 0 ? part / whole : 0);
