import type { Learner, Matrix, Problem } from './learner.ts';
import { products, slice, squares } from './products.ts';

/** Queries whose distances are computed together. */
const TOGETHER = 64;

/**
 * k nearest neighbours by Euclidean distance between z-scores. Each neighbour's vote counts as much as its row; ln of the share
 * of a class, with one more vote that all classes share, so that none is impossible. Compares with every row: in hundreds
 * of dimensions no index does better.
 */
export function nearestNeighbours(): Learner {
  return {
    name: 'k-nearest-neighbours',
    variant: {},
    defaults: { neighbours: 21 },
    candidates: [81, 41, 21, 11, 5].map((neighbours) => ({ neighbours })),
    mostRows: 20_000,
    async learn(problem, { neighbours = 1 }) {
      await problem.pause(1);
      return learned(problem, neighbours);
    },
    // The distances serve all candidates.
    async choose(problem, trial) {
      const most = this.candidates.reduce((highest, { neighbours = 1 }) => Math.max(highest, neighbours), 1);
      const found = nearest(problem.x, trial.x, Math.min(most, problem.x.rows));
      await problem.pause(0.9);
      const merits = this.candidates.map(({ neighbours = 1 }) => trial.merit(votes(problem, found, neighbours)));
      return this.candidates[merits.indexOf(Math.max(...merits))]!;
    },
  };
}

function learned(problem: Problem, neighbours: number) {
  const kept = Math.min(neighbours, problem.x.rows);
  return {
    // Every row is kept, with its class.
    parameters: problem.x.rows * (problem.x.columns + 1),
    scores: (x: Matrix): Float32Array => votes(problem, nearest(problem.x, x, kept), kept),
  };
}

/** For each row of `queries` the numbers of its nearest rows, nearest first; of equally near ones the earlier first. */
function nearest(
  rows: Matrix,
  queries: Matrix,
  count: number,
): { readonly indices: Int32Array; readonly count: number } {
  const norms = squares(rows);
  const indices = new Int32Array(queries.rows * count);
  const dots = new Float64Array(TOGETHER * rows.rows);
  const distances = new Float64Array(count);
  for (let first = 0; first < queries.rows; first += TOGETHER) {
    const part = slice(queries, first, Math.min(queries.rows, first + TOGETHER));
    products(part, rows, dots);
    for (let query = 0; query < part.rows; query++) {
      const found = indices.subarray((first + query) * count, (first + query + 1) * count);
      let held = 0;
      for (let row = 0; row < rows.rows; row++) {
        // ‖q − r‖² less ‖q‖², which all rows share.
        const distance = norms[row]! - 2 * dots[query * rows.rows + row]!;
        if (held === count && distance >= distances[count - 1]!) continue;
        let place = held < count ? held++ : count - 1;
        for (; place > 0 && distances[place - 1]! > distance; place--) {
          distances[place] = distances[place - 1]!;
          found[place] = found[place - 1]!;
        }
        distances[place] = distance;
        found[place] = row;
      }
    }
  }
  return { indices, count };
}

function votes(
  { truth, weights, classes }: Problem,
  { indices, count }: { readonly indices: Int32Array; readonly count: number },
  neighbours: number,
): Float32Array {
  const queries = indices.length / count;
  const scores = new Float32Array(queries * classes);
  const tally = new Float64Array(classes);
  for (let query = 0; query < queries; query++) {
    tally.fill(1 / classes);
    let all = 1;
    for (let place = 0; place < Math.min(neighbours, count); place++) {
      const row = indices[query * count + place]!;
      tally[truth[row]!]! += weights[row]!;
      all += weights[row]!;
    }
    for (let label = 0; label < classes; label++) scores[query * classes + label] = Math.log(tally[label]! / all);
  }
  return scores;
}
