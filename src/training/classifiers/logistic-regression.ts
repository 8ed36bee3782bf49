import type { Learned, Learner, Matrix, Problem } from './learner.ts';
import { minimise } from './minimise.ts';

const MAX_STEPS = 300;
const TOLERANCE = 1e-4;

/**
 * Multinomial logistic regression: the weights that make Σ wᵢ · −ln p(classᵢ | rowᵢ) / Σ wᵢ + penalty / 2 · ‖W‖² least; the
 * constants are not penalised. With scikit-learn's `C` the penalty is 1 / (C · Σ wᵢ).
 */
export function logisticRegression(options: { readonly tolerance?: number } = {}): Learner {
  return {
    name: 'logistic-regression',
    variant: options,
    defaults: { penalty: 0.03 },
    candidates: [1, 0.3, 0.1, 0.03, 0.01, 0.003].map((penalty) => ({ penalty })),
    async learn(problem, { penalty = 0 }) {
      const { columns } = problem.x;
      const weights = new Float64Array(problem.classes * (columns + 1));
      minimise(weights, lossOf(problem, penalty), { maxSteps: MAX_STEPS, tolerance: options.tolerance ?? TOLERANCE });
      await problem.pause(1);
      return linear(weights, problem.classes);
    },
  };
}

/** Scores of rows by classes × (columns weights, then a constant). */
function linear(weights: Float64Array, classes: number): Learned {
  return {
    parameters: weights.length,
    scores: (x: Matrix) => {
      const scores = new Float32Array(x.rows * classes);
      const row = new Float64Array(classes);
      for (let at = 0; at < x.rows; at++) {
        logits(x, at, weights, row);
        scores.set(row, at * classes);
      }
      return scores;
    },
  };
}

/** The logits of one row, into `out`. */
function logits({ values, columns }: Matrix, row: number, weights: Float64Array, out: Float64Array): void {
  const from = row * columns;
  for (let label = 0; label < out.length; label++) {
    const base = label * (columns + 1);
    let total = weights[base + columns]!;
    for (let column = 0; column < columns; column++) total += weights[base + column]! * values[from + column]!;
    out[label] = total;
  }
}

function lossOf({ x, truth, classes, weights: counts }: Problem, penalty: number) {
  const { columns } = x;
  const width = columns + 1;
  const all = counts.reduce((total, count) => total + count, 0);
  const row = new Float64Array(classes);
  return (weights: Float64Array, slope: Float64Array): number => {
    slope.fill(0);
    let loss = 0;
    for (let at = 0; at < x.rows; at++) {
      logits(x, at, weights, row);
      const count = counts[at]! / all;
      loss -= count * toLogProbabilities(row)[truth[at]!]!;
      for (let label = 0; label < classes; label++) {
        const change = count * (Math.exp(row[label]!) - Number(label === truth[at]!));
        const base = label * width;
        const from = at * columns;
        for (let column = 0; column < columns; column++) slope[base + column]! += change * x.values[from + column]!;
        slope[base + columns]! += change;
      }
    }
    for (let label = 0; label < classes; label++) {
      for (let at = label * width; at < label * width + columns; at++) {
        loss += (penalty / 2) * weights[at]! ** 2;
        slope[at]! += penalty * weights[at]!;
      }
    }
    return loss;
  };
}

/** ln softmax, in place. */
function toLogProbabilities(row: Float64Array): Float64Array {
  let highest = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < row.length; at++) highest = Math.max(highest, row[at]!);
  let total = 0;
  for (let at = 0; at < row.length; at++) total += Math.exp(row[at]! - highest);
  const logTotal = highest + Math.log(total);
  for (let at = 0; at < row.length; at++) row[at]! -= logTotal;
  return row;
}
