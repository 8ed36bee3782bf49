import { groupBy } from '../group-by.ts';

/** One row, as far as its weight depends on it. */
export interface Weighed {
  readonly corpus: string;
  readonly speaker: string;
  readonly label: number;
}

/**
 * How much each row counts, 1 on average: a corpus as much as it has speakers (what a model for unknown voices learns from is
 * speakers, not minutes), each class of it alike, each row of a class alike. The perceptron draws its batches in the same
 * proportions.
 */
export function balancedWeights(rows: readonly Weighed[]): Float64Array {
  const weights = new Float64Array(rows.length);
  for (const own of groupBy(rows.keys(), (row) => rows[row]!.corpus).values()) {
    const speakers = new Set(own.map((row) => rows[row]!.speaker)).size;
    const byLabel = [...groupBy(own, (row) => rows[row]!.label).values()];
    for (const alike of byLabel) {
      for (const row of alike) weights[row] = speakers / byLabel.length / alike.length;
    }
  }
  const all = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => (weight * rows.length) / all);
}
