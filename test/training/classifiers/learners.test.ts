import { describe, expect, it } from 'vitest';
import { balancedWeights } from '../../../src/training/classifiers/balance.ts';
import { gradientBoosting } from '../../../src/training/classifiers/gradient-boosting.ts';
import { bestOf, type Learner } from '../../../src/training/classifiers/learner.ts';
import { logisticRegression } from '../../../src/training/classifiers/logistic-regression.ts';
import { nearestNeighbours } from '../../../src/training/classifiers/nearest-neighbours.ts';
import { randomForest } from '../../../src/training/classifiers/random-forest.ts';
import { supportVectors } from '../../../src/training/classifiers/svm.ts';
import { clouds, guesses, learnAndScore, matrix, problem, recalls } from './learning.ts';

const learners: readonly [name: string, create: () => Learner][] = [
  ['logistic regression', () => logisticRegression()],
  ['support vectors, RBF', () => supportVectors()],
  ['support vectors, linear', () => supportVectors({ kernel: 'linear' })],
  ['random forest', () => randomForest({ trees: 60 })],
  ['gradient boosting', () => gradientBoosting({ maxRounds: 40, columnShare: 0.5 })],
  ['nearest neighbours', () => nearestNeighbours()],
];
/** Penalties meant for hundreds of columns would underfit eight. */
const SETTINGS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'support vectors, linear': { cost: 1, gamma: 0 },
  'logistic regression': { penalty: 0.003 },
  'nearest neighbours': { neighbours: 11 },
};

const weightsOf = (truth: readonly number[]): Float64Array =>
  balancedWeights(truth.map((label) => ({ corpus: 'x', speaker: 'y', label })));
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe.each(learners)('%s', (name, create) => {
  const settings = SETTINGS[name] ?? create().defaults;

  it('learns what can be told apart, and answers for rows that it has not seen', async () => {
    const known = clouds({ seed: 'known', apart: 5 });
    const test = clouds({ seed: 'test', apart: 5 });
    const scores = await learnAndScore(
      create(),
      problem(known.values, known.columns, known.truth),
      matrix(test.values, test.columns),
      settings,
    );
    expect(scores).toHaveLength(test.truth.length * 3);
    expect(scores.every(Number.isFinite)).toBe(true);
    expect(mean(recalls(test.truth, guesses(scores, 3), 3))).toBeGreaterThan(0.95);
  });

  it('finds nothing where there is nothing', async () => {
    const known = clouds({ seed: 'noise', apart: 0 });
    const test = clouds({ seed: 'other noise', apart: 0, perClass: [200, 200, 200] });
    const scores = await learnAndScore(
      create(),
      problem(known.values, known.columns, known.truth),
      matrix(test.values, test.columns),
      settings,
    );
    // Chance is 1/3; its standard error on 600 rows is 0.02.
    expect(Math.abs(mean(recalls(test.truth, guesses(scores, 3), 3)) - 1 / 3)).toBeLessThan(0.09);
  });

  it('gives the same scores for the same seed', async () => {
    const known = clouds({ seed: 'seeded', apart: 1 });
    const once = async (seed: string): Promise<Float32Array> =>
      learnAndScore(
        create(),
        problem(known.values, known.columns, known.truth, undefined, seed),
        matrix(known.values, known.columns),
        settings,
      );
    expect(await once('1')).toEqual(await once('1'));
    if (name === 'random forest' || name === 'gradient boosting') expect(await once('2')).not.toEqual(await once('1'));
  });

  it('hears a rare class as well as a common one where rows are weighed', async () => {
    const known = clouds({ seed: 'rare', classes: 2, apart: 1.5, perClass: [360, 40] });
    const test = clouds({ seed: 'rare test', classes: 2, apart: 1.5, perClass: [200, 200] });
    const recallsWith = async (weights: Float64Array | undefined): Promise<number[]> => {
      const scores = await learnAndScore(
        create(),
        problem(known.values, known.columns, known.truth, weights),
        matrix(test.values, test.columns),
        settings,
      );
      return recalls(test.truth, guesses(scores, 2), 2);
    };
    const plain = await recallsWith(undefined);
    const weighed = await recallsWith(weightsOf(known.truth));
    expect(weighed[1]!).toBeGreaterThan(plain[1]! + 0.1);
    expect(mean(weighed)).toBeGreaterThan(mean(plain));
    expect(Math.abs(weighed[0]! - weighed[1]!)).toBeLessThan(Math.abs(plain[0]! - plain[1]!));
  });

  it('scores a row alike alone and among others', async () => {
    const known = clouds({ seed: 'alone', apart: 2 });
    const learned = await create().learn(problem(known.values, known.columns, known.truth), settings);
    const together = learned.scores(matrix(known.values, known.columns));
    for (const row of [0, 1, 63, 64, 65, 119]) {
      const own = learned.scores(
        matrix(known.values.subarray(row * known.columns, (row + 1) * known.columns), known.columns),
      );
      expect([...own]).toEqual([...together.subarray(row * 3, (row + 1) * 3)]);
    }
    expect(learned.scores(matrix([], known.columns))).toHaveLength(0);
  });
});

describe('a weight', () => {
  // Not so for the forest, which draws rows, and for neighbours, whose number is fixed.
  it.each(['logistic regression', 'support vectors, RBF'])('of 2 is a row twice: %s', async (name) => {
    const create =
      name === 'logistic regression'
        ? () => logisticRegression({ tolerance: 1e-9 })
        : () => supportVectors({ tolerance: 1e-7 });
    const { values, truth, columns } = clouds({ seed: 'twice', apart: 1, perClass: [20, 20, 20] });
    const twice = truth.map((label) => (label === 0 ? 2 : 1));
    const rows = truth.flatMap((label, row) => (label === 0 ? [row, row] : [row]));
    const test = matrix(clouds({ seed: 'twice test', apart: 1 }).values, columns);
    const settings = create().defaults;
    const weighed = await learnAndScore(create(), problem(values, columns, truth, twice), test, settings);
    const repeated = await learnAndScore(
      create(),
      problem(
        rows.flatMap((row) => [...values.subarray(row * columns, (row + 1) * columns)]),
        columns,
        rows.map((row) => truth[row]!),
      ),
      test,
      settings,
    );
    weighed.forEach((score, at) => {
      expect(score).toBeCloseTo(repeated[at]!, 4);
    });
  });

  it('balances corpora by speakers, classes within them, rows within those', () => {
    const rows = [
      ...Array.from({ length: 6 }, () => ({ corpus: 'a', speaker: 'a1', label: 0 })),
      ...Array.from({ length: 2 }, () => ({ corpus: 'a', speaker: 'a2', label: 1 })),
      ...Array.from({ length: 4 }, () => ({ corpus: 'b', speaker: 'b1', label: 0 })),
    ];
    const weights = balancedWeights(rows);
    const sum = (from: number, to: number): number => weights.subarray(from, to).reduce((all, of) => all + of, 0);
    expect(sum(0, 12)).toBeCloseTo(12, 9);
    // Two speakers against one, and the classes of a corpus alike.
    expect(sum(0, 8)).toBeCloseTo(8, 9);
    expect(sum(0, 6)).toBeCloseTo(4, 9);
    expect(sum(8, 12)).toBeCloseTo(4, 9);
    expect(new Set(weights.subarray(0, 6)).size).toBe(1);
  });
});

describe('choosing settings', () => {
  const known = clouds({ seed: 'choose', apart: 1.2, perClass: [60, 60, 60] });
  const held = clouds({ seed: 'held out', apart: 1.2, perClass: [60, 60, 60] });
  const trial = {
    x: matrix(held.values, held.columns),
    merit: (scores: Float32Array) => mean(recalls(held.truth, guesses(scores, 3), 3)),
  };
  const task = () => problem(known.values, known.columns, known.truth);

  it('takes the candidate that does best on the trial, of equals the first', async () => {
    const tried: number[] = [];
    const learner: Learner = {
      name: 'svm',
      variant: {},
      defaults: { n: 0 },
      candidates: [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 2 }],
      async learn(_, { n }) {
        tried.push(n!);
        return { parameters: n!, scores: () => Float32Array.of(n! === 2 ? 1 : 0) };
      },
    };
    const best = await bestOf(learner, task(), { x: trial.x, merit: ([score]) => score! });
    expect(tried).toEqual([1, 2, 3, 2]);
    expect(best.settings).toBe(learner.candidates[1]);
    await expect(bestOf({ ...learner, candidates: [] }, task(), trial)).rejects.toThrow(RangeError);
  });

  it('nearest neighbours: as trying each candidate would', async () => {
    const learner = nearestNeighbours();
    const chosen = await learner.choose!(task(), trial);
    const { settings } = await bestOf(learner, task(), trial);
    expect(chosen).toEqual(settings);
  });

  it('gradient boosting: a number of rounds that reaches on the trial what it promised', async () => {
    const learner = gradientBoosting({ maxRounds: 60, columnShare: 0.5 });
    const { rounds = 0 } = await learner.choose!(task(), trial);
    const merits = [];
    for (const candidate of [1, rounds, 60]) {
      merits.push(trial.merit(await learnAndScore(learner, task(), trial.x, { rounds: candidate })));
    }
    expect(rounds).toBeGreaterThan(1);
    // The same seed grows the same trees, so what was chosen is what is learned.
    expect(merits[1]!).toBeGreaterThanOrEqual(Math.max(merits[0]!, merits[2]!));
  });
});

describe('trees', () => {
  it('need no more than a few rows, or values, or any difference', async () => {
    const forest = randomForest({ trees: 5 });
    const constant = await learnAndScore(forest, problem([1, 1, 1, 1], 1, [0, 1, 0, 1]), matrix([1, 2], 1));
    expect([...constant]).toHaveLength(4);
    expect(constant.every(Number.isFinite)).toBe(true);
    const boosted = await learnAndScore(
      gradientBoosting({ maxRounds: 3, minLeafRows: 1, rowShare: 1, columnShare: 1 }),
      problem([0, 1], 1, [0, 1]),
      matrix([0, 1], 1),
    );
    expect(guesses(boosted, 2)).toEqual([0, 1]);
  });

  it('split a step function where it steps, though the column has thousands of values', async () => {
    const values = Float32Array.from({ length: 3000 }, (_, at) => at / 100);
    const truth = Array.from(values, (value) => Number(value > 17.3));
    const learner = gradientBoosting({ maxRounds: 1, maxDepth: 1, minLeafRows: 1, rowShare: 1, columnShare: 1 });
    const scores = await learnAndScore(learner, problem(values, 1, truth), matrix([16.5, 18.1], 1), { rounds: 1 });
    expect(guesses(scores, 2)).toEqual([0, 1]);
  });
});
