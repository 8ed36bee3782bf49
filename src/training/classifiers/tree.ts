import type { Random } from '../random.ts';
import { type Bins, MOST_BINS } from './bins.ts';
import type { Matrix } from './learner.ts';

/** A binary tree, its nodes in lists. */
export interface Tree {
  /** The column that a node asks; −1 for a leaf. */
  readonly column: Int16Array;
  /** Up to it a row goes to `left`, above it to `left` + 1. */
  readonly edge: Float32Array;
  readonly left: Int32Array;
  /** nodes × outputs. */
  readonly values: Float32Array;
  readonly outputs: number;
}

/**
 * What a tree is grown from. It predicts, for each output s of a leaf, Σ targets of s / (Σ weights + l2), and splits where
 * Σₛ (Σ targets of s)² / (Σ weights + l2) rises most. With the classes as outputs and the rows' weights as targets that is the
 * gini impurity, and leaves hold shares of classes; with one output, −gradient as target and curvature as weight, it is a step of
 * gradient boosting (Chen and Guestrin, XGBoost, 2016, eq. 5 to 7).
 */
export interface Growth {
  readonly bins: Bins;
  /** Per row. */
  readonly targets: Float64Array;
  readonly weights: Float64Array;
  /** Which output a row's target counts for; the only one where it is not given. */
  readonly outputOf?: Int32Array;
  readonly outputs: number;
  readonly l2: number;
  readonly maxDepth: number;
  readonly minLeafRows: number;
  /** Columns that may be asked. */
  readonly columns: Int32Array;
  /** Of these, so many are looked at for each split, drawn anew; all where it is not given. */
  readonly columnsPerSplit?: number;
  readonly random: Random;
}

interface Node {
  readonly at: number;
  readonly depth: number;
  /** Its rows are rows[from, to). */
  readonly from: number;
  readonly to: number;
}

interface Split {
  readonly column: number;
  readonly bin: number;
  readonly gain: number;
}

/** @param rows numbers of rows to grow from, repeated where one counts twice; is put in another order. */
export function growTree(growth: Growth, rows: Int32Array): Tree {
  const { bins, outputs, l2, maxDepth } = growth;
  const column: number[] = [];
  const edge: number[] = [];
  const left: number[] = [];
  const values: number[] = [];
  const histogram = new Histogram(growth);
  const spare = new Int32Array(rows.length);
  const add = (from: number, to: number): number => {
    const { targets, weight } = totals(growth, rows, from, to);
    column.push(-1);
    edge.push(0);
    left.push(-1);
    for (const target of targets) values.push(weight + l2 > 0 ? target / (weight + l2) : 0);
    return column.length - 1;
  };
  const open: Node[] = [{ at: add(0, rows.length), depth: 0, from: 0, to: rows.length }];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const { at, depth, from, to } = node;
    if (depth >= maxDepth || to - from < 2 * growth.minLeafRows) continue;
    const split = histogram.bestSplit(rows, from, to, columnsOf(growth));
    if (split === undefined) continue;
    const middle = partition(bins, rows, from, to, split, spare);
    column[at] = split.column;
    edge[at] = bins.edges[split.column]![split.bin]!;
    left[at] = add(from, middle);
    add(middle, to);
    open.push({ at: left[at]! + 1, depth: depth + 1, from: middle, to });
    open.push({ at: left[at]!, depth: depth + 1, from, to: middle });
  }
  return {
    column: Int16Array.from(column),
    edge: Float32Array.from(edge),
    left: Int32Array.from(left),
    values: Float32Array.from(values),
    outputs,
  };
}

/** Adds what a tree says of each row to `out`, times `scale`. @param first, stride where the outputs of a row are in `out`. */
export function addOutputs(tree: Tree, x: Matrix, out: Float64Array, stride: number, first = 0, scale = 1): void {
  for (let row = 0; row < x.rows; row++) {
    let at = 0;
    while (tree.column[at]! >= 0) {
      const value = x.values[row * x.columns + tree.column[at]!]!;
      at = tree.left[at]! + (value <= tree.edge[at]! ? 0 : 1);
    }
    for (let output = 0; output < tree.outputs; output++) {
      out[row * stride + first + output]! += scale * tree.values[at * tree.outputs + output]!;
    }
  }
}

/** Column, edge and place of each split, and the outputs of each leaf. */
export function parametersOf({ column, outputs }: Tree): number {
  return column.reduce((total, asked) => total + (asked >= 0 ? 3 : outputs), 0);
}

function totals({ targets, weights, outputOf, outputs }: Growth, rows: Int32Array, from: number, to: number) {
  const sums = new Float64Array(outputs);
  let weight = 0;
  for (let place = from; place < to; place++) {
    const row = rows[place]!;
    sums[outputOf?.[row] ?? 0]! += targets[row]!;
    weight += weights[row]!;
  }
  return { targets: sums, weight };
}

/** The columns to look at for one split. */
function columnsOf({ columns, columnsPerSplit, random }: Growth): Int32Array {
  if (columnsPerSplit === undefined || columnsPerSplit >= columns.length) return columns;
  // The first steps of a shuffle, in place: any order is as random as another.
  for (let at = 0; at < columnsPerSplit; at++) {
    const other = at + random.index(columns.length - at);
    [columns[at], columns[other]] = [columns[other]!, columns[at]!];
  }
  return columns.subarray(0, columnsPerSplit);
}

/** Puts the rows that go left before those that go right, each in their order. @returns where the right ones begin. */
function partition(
  { bins, rows: height }: Bins,
  rows: Int32Array,
  from: number,
  to: number,
  { column, bin }: Split,
  spare: Int32Array,
): number {
  let lefts = from;
  let rights = 0;
  for (let place = from; place < to; place++) {
    const row = rows[place]!;
    if (bins[column * height + row]! <= bin) rows[lefts++] = row;
    else spare[rights++] = row;
  }
  rows.set(spare.subarray(0, rights), lefts);
  return lefts;
}

/** Sums by bin of one column at a time. */
class Histogram {
  readonly #growth: Growth;
  readonly #targets: Float64Array;
  readonly #weights = new Float64Array(MOST_BINS);
  readonly #counts = new Int32Array(MOST_BINS);
  readonly #left: Float64Array;

  constructor(growth: Growth) {
    this.#growth = growth;
    this.#targets = new Float64Array(MOST_BINS * growth.outputs);
    this.#left = new Float64Array(growth.outputs);
  }

  bestSplit(rows: Int32Array, from: number, to: number, columns: Int32Array): Split | undefined {
    const { targets, weight } = totals(this.#growth, rows, from, to);
    const { l2 } = this.#growth;
    const whole = squaresOf(targets) / (weight + l2);
    let best: Split | undefined;
    for (const column of columns) {
      this.#fill(column, rows, from, to);
      const split = this.#scan(column, { targets, weight, count: to - from, whole });
      if (split !== undefined && split.gain > (best?.gain ?? 1e-12)) best = split;
    }
    return best;
  }

  #fill(column: number, rows: Int32Array, from: number, to: number): void {
    const { bins, targets, weights, outputOf, outputs } = this.#growth;
    const first = column * bins.rows;
    this.#targets.fill(0);
    this.#weights.fill(0);
    this.#counts.fill(0);
    for (let place = from; place < to; place++) {
      const row = rows[place]!;
      const bin = bins.bins[first + row]!;
      this.#targets[outputOf === undefined ? bin : bin * outputs + outputOf[row]!]! += targets[row]!;
      this.#weights[bin]! += weights[row]!;
      this.#counts[bin]! += 1;
    }
  }

  #scan(
    column: number,
    node: { readonly targets: Float64Array; readonly weight: number; readonly count: number; readonly whole: number },
  ): Split | undefined {
    const { bins, outputs, l2, minLeafRows } = this.#growth;
    const left = this.#left.fill(0);
    let leftWeight = 0;
    let leftCount = 0;
    let best: Split | undefined;
    for (let bin = 0; bin < bins.edges[column]!.length; bin++) {
      for (let output = 0; output < outputs; output++) left[output]! += this.#targets[bin * outputs + output]!;
      leftWeight += this.#weights[bin]!;
      leftCount += this.#counts[bin]!;
      if (this.#counts[bin] === 0 || leftCount < minLeafRows) continue;
      if (node.count - leftCount < minLeafRows) break;
      let leftSquares = 0;
      let rightSquares = 0;
      for (let output = 0; output < outputs; output++) {
        leftSquares += left[output]! ** 2;
        rightSquares += (node.targets[output]! - left[output]!) ** 2;
      }
      const gain = leftSquares / (leftWeight + l2) + rightSquares / (node.weight - leftWeight + l2) - node.whole;
      if (gain > (best?.gain ?? 0)) best = { column, bin, gain };
    }
    return best;
  }
}

function squaresOf(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value * value;
  return total;
}
