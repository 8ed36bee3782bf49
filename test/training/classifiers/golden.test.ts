import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { binned } from '../../../src/training/classifiers/bins.ts';
import { gradientBoosting } from '../../../src/training/classifiers/gradient-boosting.ts';
import { logisticRegression } from '../../../src/training/classifiers/logistic-regression.ts';
import { minimise } from '../../../src/training/classifiers/minimise.ts';
import { nearestNeighbours } from '../../../src/training/classifiers/nearest-neighbours.ts';
import { supportVectors } from '../../../src/training/classifiers/svm.ts';
import { addOutputs, growTree } from '../../../src/training/classifiers/tree.ts';
import { Random } from '../../../src/training/random.ts';
import { learnAndScore, matrix, problem } from './learning.ts';

interface Golden {
  readonly classes: number;
  readonly columns: number;
  readonly x: readonly number[];
  readonly truth: readonly number[];
  readonly weights: readonly number[];
  readonly test: readonly number[];
  readonly logistic: { readonly penalty: number; readonly logProbabilities: readonly number[] };
  readonly 'svm-rbf': GoldenSvm;
  readonly 'svm-linear': GoldenSvm;
  readonly tree: {
    readonly maxDepth: number;
    readonly minLeafRows: number;
    readonly nodes: number;
    readonly trainingShares: readonly number[];
  };
  readonly boosting: {
    readonly rounds: number;
    readonly learningRate: number;
    readonly maxDepth: number;
    readonly minLeafRows: number;
    readonly l2: number;
    readonly logits: readonly number[];
  };
  readonly neighbours: {
    readonly neighbours: number;
    readonly clear: readonly boolean[];
    readonly shares: readonly number[];
  };
  readonly minimum: { readonly a: readonly number[]; readonly at: readonly number[]; readonly value: number };
}

interface GoldenSvm {
  readonly cost: number;
  readonly gamma: number;
  readonly support: readonly number[];
  readonly values: readonly number[];
}

/** From scikit-learn and scipy, by scripts/golden-classifiers.py. */
const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../../golden/classifiers.json'), 'utf8')) as Golden;
const known = () => problem(golden.x, golden.columns, golden.truth, golden.weights);
const test = matrix(golden.test, golden.columns);

const furthest = (found: ArrayLike<number>, expected: ArrayLike<number>): number => {
  expect(found.length).toBe(expected.length);
  return Array.from(found).reduce((most, value, at) => Math.max(most, Math.abs(value - expected[at]!)), 0);
};

describe('against scikit-learn and scipy', () => {
  it('logistic regression: the same log-probabilities', async () => {
    const learner = logisticRegression({ tolerance: 1e-9 });
    const scores = await learnAndScore(learner, known(), test, { penalty: golden.logistic.penalty });
    const logs = Float64Array.from(scores);
    for (let from = 0; from < logs.length; from += golden.classes) {
      const row = logs.subarray(from, from + golden.classes);
      const total = Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0));
      for (let at = 0; at < row.length; at++) row[at]! -= total;
    }
    expect(furthest(logs, golden.logistic.logProbabilities)).toBeLessThan(2e-5);
  });

  it.each(['rbf', 'linear'] as const)('support vectors (%s): the same values and the same support', async (kernel) => {
    const { cost, gamma, values, support } = golden[`svm-${kernel}`];
    const learner = supportVectors({ kernel, tolerance: 1e-7 });
    const learned = await learner.learn(known(), { cost, gamma });
    expect(furthest(learned.scores(test), values)).toBeLessThan(2e-4);
    expect(learned.parameters).toBe(support.length * (golden.columns + golden.classes) + golden.classes);
  });

  it('a tree by gini impurity: the same leaves', () => {
    const { maxDepth, minLeafRows, nodes, trainingShares } = golden.tree;
    const { x, truth, weights, classes } = known();
    const tree = growTree(
      {
        bins: binned(x),
        targets: weights,
        weights,
        outputOf: truth,
        outputs: classes,
        l2: 0,
        maxDepth,
        minLeafRows,
        columns: Int32Array.from({ length: x.columns }, (_, column) => column),
        random: new Random(1),
      },
      Int32Array.from({ length: x.rows }, (_, row) => row),
    );
    expect(tree.column).toHaveLength(nodes);
    const shares = new Float64Array(x.rows * classes);
    addOutputs(tree, x, shares, classes);
    expect(furthest(shares, trainingShares)).toBeLessThan(1e-6);
  });

  it('gradient boosting: the same logits', async () => {
    const { rounds, logits, ...how } = golden.boosting;
    const learner = gradientBoosting({ ...how, rowShare: 1, columnShare: 1 });
    const scores = await learnAndScore(learner, known(), test, { rounds });
    // Logits of classes mean their differences only.
    const centred = (values: ArrayLike<number>): number[] =>
      Array.from(values, (value, at) => {
        const from = at - (at % golden.classes);
        const row = Array.from({ length: golden.classes }, (_, label) => values[from + label]!);
        return value - row.reduce((sum, of) => sum + of, 0) / row.length;
      });
    expect(furthest(centred(scores), centred(logits))).toBeLessThan(1e-4);
  });

  it('nearest neighbours: the same shares, with one more vote that all classes share', async () => {
    const { neighbours, shares, clear } = golden.neighbours;
    const { x, truth } = known();
    const unweighted = problem(x.values, x.columns, truth);
    const scores = await learnAndScore(nearestNeighbours(), unweighted, test, { neighbours });
    const expected = shares.map((share) => Math.log((share * neighbours + 1 / golden.classes) / (neighbours + 1)));
    const counted = (values: ArrayLike<number>): number[] =>
      Array.from(values).filter((_, at) => clear[Math.floor(at / golden.classes)]);
    expect(counted(expected).length).toBeGreaterThan(0.8 * expected.length);
    expect(furthest(counted(scores), counted(expected))).toBeLessThan(1e-6);
  });

  it('L-BFGS: the minimum that a Newton method finds', () => {
    const { a, at, value } = golden.minimum;
    const size = at.length;
    const found = new Float64Array(size);
    let last = 0;
    minimise(
      found,
      (place, slope) => {
        slope.fill(0);
        let total = 0;
        for (let row = 0; row < a.length; row += size) {
          const along = place.reduce((sum, of, column) => sum + of * a[row + column]!, 0);
          total += Math.log1p(Math.exp(-along));
          for (let column = 0; column < size; column++) slope[column]! -= a[row + column]! / (1 + Math.exp(along));
        }
        for (let column = 0; column < size; column++) {
          total += 0.1 * place[column]! ** 2;
          slope[column]! += 0.2 * place[column]!;
        }
        last = total;
        return total;
      },
      { maxSteps: 500, tolerance: 1e-9 },
    );
    expect(furthest(found, at)).toBeLessThan(1e-7);
    expect(Math.abs(last - value)).toBeLessThan(1e-9);
  });
});
