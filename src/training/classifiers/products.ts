import type { Matrix } from './learner.ts';

/** Rows of `b` that fit the cache together with some of `a`. */
const BLOCK = 32;

/**
 * The products of all rows of `a` with all rows of `b`, a.rows × b.rows. Two rows of each at a time: four products for four loads.
 * Sums are float64, so the result does not depend on how rows are grouped.
 *
 * @param out is overwritten.
 */
export function products(a: Matrix, b: Matrix, out: Float32Array | Float64Array): void {
  for (let block = 0; block < b.rows; block += BLOCK) {
    const end = Math.min(b.rows, block + BLOCK);
    for (let i = 0; i < a.rows; i += 2) {
      for (let j = block; j < end; j += 2) four(a, i, b, j, out);
    }
  }
}

/** Products of rows i and i + 1 of `a` with j and j + 1 of `b`, as far as they exist. */
function four(a: Matrix, i: number, b: Matrix, j: number, out: Float32Array | Float64Array): void {
  const { values: left, columns } = a;
  const right = b.values;
  const i0 = i * columns;
  const j0 = j * columns;
  const i1 = i + 1 < a.rows ? i0 + columns : i0;
  const j1 = j + 1 < b.rows ? j0 + columns : j0;
  let s00 = 0;
  let s01 = 0;
  let s10 = 0;
  let s11 = 0;
  for (let column = 0; column < columns; column++) {
    const l0 = left[i0 + column]!;
    const l1 = left[i1 + column]!;
    const r0 = right[j0 + column]!;
    const r1 = right[j1 + column]!;
    s00 += l0 * r0;
    s01 += l0 * r1;
    s10 += l1 * r0;
    s11 += l1 * r1;
  }
  const at = i * b.rows + j;
  out[at] = s00;
  if (j1 !== j0) out[at + 1] = s01;
  if (i1 !== i0) out[at + b.rows] = s10;
  if (i1 !== i0 && j1 !== j0) out[at + b.rows + 1] = s11;
}

/**
 * Adds to `out`, width × b.columns, the sum over all rows of (row of `a`) ⊗ (row of `b`): aᵀ b. Two rows by two at a time.
 *
 * @param a b.rows × width.
 */
export function addTransposed(a: Float64Array, width: number, b: Matrix, out: Float64Array): void {
  for (let row = 0; row < b.rows; row += 2) {
    for (let place = 0; place < width; place += 2) addFour(a, width, row, place, b, out);
  }
}

/** Adds the products of rows `row` and the next of `b` with their two factors at `place` and the next, as far as they exist. */
function addFour(a: Float64Array, width: number, row: number, place: number, b: Matrix, out: Float64Array): void {
  const { values, columns, rows } = b;
  const upper = row * columns;
  const paired = row + 1 < rows;
  const lower = paired ? upper + columns : upper;
  const a00 = a[row * width + place]!;
  const a10 = paired ? a[(row + 1) * width + place]! : 0;
  const first = place * columns;
  if (place + 1 === width) {
    for (let at = 0; at < columns; at++) out[first + at]! += a00 * values[upper + at]! + a10 * values[lower + at]!;
    return;
  }
  const a01 = a[row * width + place + 1]!;
  const a11 = paired ? a[(row + 1) * width + place + 1]! : 0;
  const second = first + columns;
  for (let at = 0; at < columns; at++) {
    const above = values[upper + at]!;
    const below = values[lower + at]!;
    out[first + at]! += a00 * above + a10 * below;
    out[second + at]! += a01 * above + a11 * below;
  }
}

/** The product of each row with itself. */
export function squares({ rows, columns, values }: Matrix): Float64Array {
  const sums = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let at = row * columns; at < (row + 1) * columns; at++) sum += values[at]! * values[at]!;
    sums[row] = sum;
  }
  return sums;
}

/** Some rows of a matrix, a view. */
export function slice({ columns, values }: Matrix, from: number, to: number): Matrix {
  return { rows: to - from, columns, values: values.subarray(from * columns, to * columns) };
}
