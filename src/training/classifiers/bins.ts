import type { Matrix } from './learner.ts';

/** Columns cut into few bins each: trees look for splits between bins only. */
export interface Bins {
  /** Per column, rising: bin b holds values above edge b − 1 up to edge b. */
  readonly edges: readonly Float32Array[];
  readonly rows: number;
  /** Column after column: the bin of each row. */
  readonly bins: Uint8Array;
}

export const MOST_BINS = 64;

/** Bins of about as many rows each, or of one value each where there are few. */
export function binned({ rows, columns, values }: Matrix): Bins {
  const bins = new Uint8Array(rows * columns);
  const column = new Float32Array(rows);
  const edges: Float32Array[] = [];
  for (let at = 0; at < columns; at++) {
    for (let row = 0; row < rows; row++) column[row] = values[row * columns + at]!;
    const own = edgesOf(column.slice().sort());
    for (let row = 0; row < rows; row++) bins[at * rows + row] = binOf(own, column[row]!);
    edges.push(own);
  }
  return { edges, rows, bins };
}

/** @param sorted rising. */
function edgesOf(sorted: Float32Array): Float32Array {
  const distinct = sorted.filter((value, at) => at === 0 || value !== sorted[at - 1]);
  const few = distinct.length <= MOST_BINS;
  const values = few ? distinct : sorted;
  const count = few ? distinct.length : MOST_BINS;
  const edges: number[] = [];
  for (let bin = 1; bin < count; bin++) {
    const place = Math.round((bin * values.length) / count);
    const below = values[place - 1]!;
    const edge = Math.fround((below + values[place]!) / 2);
    // Halfway between two neighbours may round to the upper one.
    const between = edge < values[place]! ? edge : below;
    if (below < values[place]! && (edges.length === 0 || between > edges.at(-1)!)) edges.push(between);
  }
  return Float32Array.from(edges);
}

/** The number of edges below a value. */
function binOf(edges: Float32Array, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
