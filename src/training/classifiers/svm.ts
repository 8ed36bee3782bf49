import type { Learned, Learner, Matrix, Problem } from './learner.ts';
import { products, slice, squares } from './products.ts';
import { sequentialMinimal } from './smo.ts';

export interface SvmOptions {
  readonly kernel?: 'rbf' | 'linear';
  readonly tolerance?: number;
}

const MAX_STEPS = 200_000;
/** Queries whose kernel is computed together. */
const TOGETHER = 64;

/**
 * A support vector machine per class against all others (Rifkin and Klautau, In Defense of One-Vs-All Classification, 2004); its values are
 * the logits, for a temperature to scale. `cost` is C of a row of weight 1; `gamma` of the kernel exp(−γ‖a − b‖²) is in units of
 * 1 / columns, which on z-scores is the usual default.
 *
 * The kernel of all pairs of rows is kept, 4 bytes each.
 */
export function supportVectors({ kernel = 'rbf', tolerance = 1e-3 }: SvmOptions = {}): Learner {
  const costs = kernel === 'rbf' ? [1, 4, 16] : [0.0003, 0.001, 0.003, 0.01];
  const gammas = kernel === 'rbf' ? [0.25, 1] : [0];
  // The products of pairs are the same for all settings.
  const grams = new WeakMap<Matrix, Float32Array>();
  const gramOf = (x: Matrix): Float32Array => {
    let gram = grams.get(x);
    if (gram === undefined) {
      gram = new Float32Array(x.rows * x.rows);
      products(x, x, gram);
      grams.set(x, gram);
    }
    return gram;
  };
  return {
    name: 'svm',
    variant: { kernel, tolerance },
    defaults: { cost: costs[1]!, gamma: gammas[0]! },
    candidates: costs.flatMap((cost) => gammas.map((gamma) => ({ cost, gamma }))),
    mostRows: 8_000,
    async learn(problem, { cost = 1, gamma = 0 }) {
      const { x, truth, classes, weights, pause } = problem;
      const scale = gamma / x.columns;
      const pairs = kernelOf(kernel, gramOf(x), squares(x), squares(x), scale);
      const limits = weights.map((weight) => cost * weight);
      const machines: { readonly coefficients: Float64Array; readonly rho: number }[] = [];
      for (let label = 0; label < classes; label++) {
        const y = Int8Array.from(truth, (own) => (own === label ? 1 : -1));
        machines.push(sequentialMinimal(pairs, y, limits, { tolerance, maxSteps: MAX_STEPS }));
        await pause((label + 1) / classes);
      }
      return withSupport(problem, machines, (gram, left, right) => kernelOf(kernel, gram, left, right, scale));
    },
  };
}

/** Turns products of pairs into their kernel, a new array for RBF. @param left, right squares of the rows of either side. */
function kernelOf(
  kernel: 'rbf' | 'linear',
  gram: Float32Array,
  left: Float64Array,
  right: Float64Array,
  scale: number,
): Float32Array {
  if (kernel === 'linear') return gram;
  const out = new Float32Array(gram.length);
  for (let i = 0; i < left.length; i++) {
    const from = i * right.length;
    for (let j = 0; j < right.length; j++) {
      out[from + j] = Math.exp(-scale * Math.max(0, left[i]! + right[j]! - 2 * gram[from + j]!));
    }
  }
  return out;
}

/** Keeps the rows that some machine needs. */
function withSupport(
  { x, classes }: Problem,
  machines: readonly { readonly coefficients: Float64Array; readonly rho: number }[],
  kernel: (gram: Float32Array, left: Float64Array, right: Float64Array) => Float32Array,
): Learned {
  const support = [...Array(x.rows).keys()].filter((row) =>
    machines.some(({ coefficients }) => coefficients[row] !== 0),
  );
  const values = new Float32Array(support.length * x.columns);
  support.forEach((row, place) => {
    values.set(x.values.subarray(row * x.columns, (row + 1) * x.columns), place * x.columns);
  });
  const vectors: Matrix = { rows: support.length, columns: x.columns, values };
  const right = squares(vectors);
  const coefficients = machines.map((machine) => Float64Array.from(support, (row) => machine.coefficients[row]!));
  return {
    parameters: support.length * (x.columns + classes) + classes,
    scores: (queries) => {
      const scores = new Float32Array(queries.rows * classes);
      for (let first = 0; first < queries.rows; first += TOGETHER) {
        const part = slice(queries, first, Math.min(queries.rows, first + TOGETHER));
        const gram = new Float32Array(part.rows * vectors.rows);
        products(part, vectors, gram);
        const pairs = kernel(gram, squares(part), right);
        for (let row = 0; row < part.rows; row++) {
          for (let label = 0; label < classes; label++) {
            let value = -machines[label]!.rho;
            const own = coefficients[label]!;
            for (let at = 0; at < own.length; at++) value += own[at]! * pairs[row * own.length + at]!;
            scores[(first + row) * classes + label] = value;
          }
        }
      }
      return scores;
    },
  };
}
