import type { Learned, Learner, Matrix, Problem } from './learner.ts';
import { minimise } from './minimise.ts';
import { addTransposed, products } from './products.ts';

const MAX_STEPS = 300;
const TOLERANCE = 3e-4;
const PENALTIES = [1, 0.3, 0.1, 0.03, 0.01];

/**
 * Multinomial logistic regression: the weights that make Σ wᵢ · −ln p(classᵢ | rowᵢ) / Σ wᵢ + penalty / 2 · ‖W‖² least; the
 * constants are not penalised. With scikit-learn's `C` the penalty is 1 / (C · Σ wᵢ).
 */
export function logisticRegression({ tolerance = TOLERANCE }: { readonly tolerance?: number } = {}): Learner {
  const descend = (problem: Problem, penalty: number, weights: Float64Array): void => {
    minimise(weights, lossOf(problem, penalty), { maxSteps: MAX_STEPS, tolerance });
  };
  const start = ({ classes, x }: Problem): Float64Array => new Float64Array(classes * (x.columns + 1));
  return {
    name: 'logistic-regression',
    variant: { tolerance },
    defaults: { penalty: 0.1 },
    candidates: PENALTIES.map((penalty) => ({ penalty })),
    async learn(problem, { penalty = 0 }) {
      const weights = start(problem);
      descend(problem, penalty, weights);
      await problem.pause(1);
      return linear(weights, problem.x.columns, problem.classes);
    },
    // From strong penalties to weak ones, each from where the last one ended.
    async choose(problem, { x, merit }) {
      const weights = start(problem);
      let best = { penalty: 0, merit: Number.NEGATIVE_INFINITY };
      for (const [index, penalty] of PENALTIES.entries()) {
        descend(problem, penalty, weights);
        const reached = merit(linear(weights, problem.x.columns, problem.classes).scores(x));
        if (reached > best.merit) best = { penalty, merit: reached };
        await problem.pause((index + 1) / PENALTIES.length);
      }
      return { penalty: best.penalty };
    },
  };
}

/** What weights, classes × columns and then a constant of each class, say of rows. */
function linear(weights: Float64Array, columns: number, classes: number): Learned {
  const kept = weights.slice();
  return {
    parameters: kept.length,
    scores: (x) => {
      const scores = new Float32Array(x.rows * classes);
      logits(x, kept, classes, columns, scores);
      return scores;
    },
  };
}

/** The logits of all rows, into `out`. Weights go in as two float32 each, what rounding leaves being the second. */
function logits(
  x: Matrix,
  weights: Float64Array,
  classes: number,
  columns: number,
  out: Float32Array | Float64Array,
): void {
  const slopes = weights.subarray(0, classes * columns);
  const rounded = Float32Array.from(slopes);
  const left = Float32Array.from(slopes, (weight, at) => weight - rounded[at]!);
  const rest = new Float64Array(out.length);
  products(x, { rows: classes, columns, values: rounded }, out);
  products(x, { rows: classes, columns, values: left }, rest);
  for (let at = 0; at < out.length; at++) out[at]! += rest[at]! + weights[classes * columns + (at % classes)]!;
}

function lossOf({ x, truth, classes, weights: counts }: Problem, penalty: number) {
  const { columns } = x;
  const all = counts.reduce((total, count) => total + count, 0);
  const values = new Float64Array(x.rows * classes);
  return (weights: Float64Array, slope: Float64Array): number => {
    logits(x, weights, classes, columns, values);
    slope.fill(0);
    let loss = 0;
    for (let row = 0; row < x.rows; row++) {
      const count = counts[row]! / all;
      const own = values.subarray(row * classes, (row + 1) * classes);
      loss -= count * toLogProbabilities(own)[truth[row]!]!;
      for (let label = 0; label < classes; label++) {
        own[label] = count * (Math.exp(own[label]!) - Number(label === truth[row]!));
        slope[classes * columns + label]! += own[label]!;
      }
    }
    addTransposed(values, classes, x, slope);
    for (let at = 0; at < classes * columns; at++) {
      loss += (penalty / 2) * weights[at]! ** 2;
      slope[at]! += penalty * weights[at]!;
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
