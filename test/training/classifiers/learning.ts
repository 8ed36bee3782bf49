import type { Learner, Matrix, Problem } from '../../../src/training/classifiers/learner.ts';
import { Random } from '../../../src/training/random.ts';

export function matrix(values: ArrayLike<number>, columns: number): Matrix {
  return { rows: values.length / columns, columns, values: Float32Array.from(values) };
}

export function problem(
  values: ArrayLike<number>,
  columns: number,
  truth: ArrayLike<number>,
  weights: ArrayLike<number> = Array.from(truth, () => 1),
  seed = 'test',
): Problem {
  return {
    x: matrix(values, columns),
    truth: Int32Array.from(truth),
    classes: Math.max(...Array.from(truth)) + 1,
    weights: Float64Array.from(weights),
    random: new Random(seed),
    pause: async () => {},
  };
}

/** Clouds around centres that differ in the first columns, as many rows of each; the last columns are noise. */
export function clouds(options: {
  readonly seed: string;
  readonly classes?: number;
  readonly columns?: number;
  readonly perClass?: readonly number[];
  readonly apart: number;
}): { readonly values: Float32Array; readonly truth: number[]; readonly columns: number } {
  const { classes = 3, columns = 8, apart } = options;
  const perClass = options.perClass ?? Array.from({ length: classes }, () => 40);
  const random = new Random(options.seed);
  const truth = random.shuffled(perClass.flatMap((count, label) => Array.from({ length: count }, () => label)));
  const values = Float32Array.from({ length: truth.length * columns }, (_, at) => {
    const label = truth[Math.floor(at / columns)]!;
    return random.normal() + (at % columns === label ? apart : 0);
  });
  return { values, truth, columns };
}

export function guesses(scores: Float32Array, classes: number): number[] {
  return Array.from({ length: scores.length / classes }, (_, row) => {
    const own = scores.subarray(row * classes, (row + 1) * classes);
    return own.indexOf(Math.max(...own));
  });
}

export function recalls(truth: readonly number[], guessed: readonly number[], classes: number): number[] {
  return Array.from({ length: classes }, (_, label) => {
    const own = truth.flatMap((of, row) => (of === label ? [guessed[row]!] : []));
    return own.filter((guess) => guess === label).length / own.length;
  });
}

/** What a learner makes of test rows. */
export async function learnAndScore(learner: Learner, known: Problem, test: Matrix, settings = learner.defaults) {
  return (await learner.learn(known, settings)).scores(test);
}
