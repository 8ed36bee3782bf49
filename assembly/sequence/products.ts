// AssemblyScript: products of matrices on 128-bit SIMD. All pointers and strides are in bytes, all values float32, row by row.
// Every element of a product is one sum in the order of its terms, whatever block it is computed in: the same rows give the same
// bits in any batch.

/** Columns of a panel. */
const PANEL: i32 = 8;
/** Bytes of one row of a panel. */
const PANEL_BYTES: usize = 32;
/** Rows of the product that pass over the panels together, so that they stay in the first-level cache. */
const BLOCK: i32 = 32;

/** b (k × n) into panels of eight columns, each k × 8: the order in which `convolve` and `gram` read it. n is a multiple of 8. */
export function pack(b: usize, strideB: usize, k: i32, n: i32, out: usize): void {
  for (let j: i32 = 0; j < n; j += PANEL) {
    let from = b + (<usize>j << 2);
    for (let p: i32 = 0; p < k; p++) {
      v128.store(out, v128.load(from));
      v128.store(out, v128.load(from, 16), 16);
      from += strideB;
      out += PANEL_BYTES;
    }
  }
}

/** The same of the transpose of w (n × k). */
export function packTransposed(w: usize, strideW: usize, k: i32, n: i32, out: usize): void {
  for (let j: i32 = 0; j < n; j += PANEL) {
    for (let p: i32 = 0; p < k; p++) {
      let from = w + <usize>j * strideW + (<usize>p << 2);
      for (let column: i32 = 0; column < PANEL; column++) {
        store<f32>(out, load<f32>(from));
        from += strideW;
        out += 4;
      }
    }
  }
}

/**
 * c (m × n) = Σ over the taps of a's rows, each tap `tapBytes` further, times its k rows of b; added to c if `accumulate`. With one tap
 * a product of matrices, with more a dilated convolution over rows of time. k is even, n a multiple of 8.
 *
 * @param b packed: taps · k rows
 */
export function convolve(
  a: usize,
  strideA: usize,
  taps: i32,
  tapBytes: usize,
  k: i32,
  b: usize,
  c: usize,
  strideC: usize,
  m: i32,
  n: i32,
  accumulate: bool,
): void {
  const panelBytes = <usize>(taps * k) * PANEL_BYTES;
  for (let first: i32 = 0; first < m; first += BLOCK) {
    const last = min(first + BLOCK, m);
    let panel = b;
    for (let j: i32 = 0; j < n; j += PANEL) {
      let i = first;
      for (; i + 4 <= last; i += 4) {
        const from = a + <usize>i * strideA;
        const to = c + <usize>i * strideC + (<usize>j << 2);
        fourRows(from, strideA, taps, tapBytes, k, panel, to, strideC, accumulate);
      }
      for (; i < last; i++) {
        const from = a + <usize>i * strideA;
        oneRow(from, taps, tapBytes, k, panel, c + <usize>i * strideC + (<usize>j << 2), accumulate);
      }
      panel += panelBytes;
    }
  }
}

function fourRows(
  a0: usize,
  strideA: usize,
  taps: i32,
  tapBytes: usize,
  k: i32,
  b: usize,
  c: usize,
  strideC: usize,
  accumulate: bool,
): void {
  let a1 = a0 + strideA;
  let a2 = a1 + strideA;
  let a3 = a2 + strideA;
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  const rest = tapBytes - (<usize>k << 2);
  for (let tap: i32 = 0; tap < taps; tap++) {
    const end = b + <usize>k * PANEL_BYTES;
    while (b < end) {
      let b0 = v128.load(b);
      let b1 = v128.load(b, 16);
      let s = v128.load32_splat(a0);
      c00 = f32x4.add(c00, f32x4.mul(s, b0));
      c01 = f32x4.add(c01, f32x4.mul(s, b1));
      s = v128.load32_splat(a1);
      c10 = f32x4.add(c10, f32x4.mul(s, b0));
      c11 = f32x4.add(c11, f32x4.mul(s, b1));
      s = v128.load32_splat(a2);
      c20 = f32x4.add(c20, f32x4.mul(s, b0));
      c21 = f32x4.add(c21, f32x4.mul(s, b1));
      s = v128.load32_splat(a3);
      c30 = f32x4.add(c30, f32x4.mul(s, b0));
      c31 = f32x4.add(c31, f32x4.mul(s, b1));
      b0 = v128.load(b, 32);
      b1 = v128.load(b, 48);
      s = v128.load32_splat(a0, 4);
      c00 = f32x4.add(c00, f32x4.mul(s, b0));
      c01 = f32x4.add(c01, f32x4.mul(s, b1));
      s = v128.load32_splat(a1, 4);
      c10 = f32x4.add(c10, f32x4.mul(s, b0));
      c11 = f32x4.add(c11, f32x4.mul(s, b1));
      s = v128.load32_splat(a2, 4);
      c20 = f32x4.add(c20, f32x4.mul(s, b0));
      c21 = f32x4.add(c21, f32x4.mul(s, b1));
      s = v128.load32_splat(a3, 4);
      c30 = f32x4.add(c30, f32x4.mul(s, b0));
      c31 = f32x4.add(c31, f32x4.mul(s, b1));
      a0 += 8;
      a1 += 8;
      a2 += 8;
      a3 += 8;
      b += 64;
    }
    a0 += rest;
    a1 += rest;
    a2 += rest;
    a3 += rest;
  }
  put(c, c00, c01, accumulate);
  put(c + strideC, c10, c11, accumulate);
  put(c + 2 * strideC, c20, c21, accumulate);
  put(c + 3 * strideC, c30, c31, accumulate);
}

function oneRow(a: usize, taps: i32, tapBytes: usize, k: i32, b: usize, c: usize, accumulate: bool): void {
  let c0 = f32x4.splat(0);
  let c1 = c0;
  const rest = tapBytes - (<usize>k << 2);
  for (let tap: i32 = 0; tap < taps; tap++) {
    const end = b + <usize>k * PANEL_BYTES;
    while (b < end) {
      const s = v128.load32_splat(a);
      c0 = f32x4.add(c0, f32x4.mul(s, v128.load(b)));
      c1 = f32x4.add(c1, f32x4.mul(s, v128.load(b, 16)));
      a += 4;
      b += PANEL_BYTES;
    }
    a += rest;
  }
  put(c, c0, c1, accumulate);
}

function put(c: usize, low: v128, high: v128, accumulate: bool): void {
  if (accumulate) {
    low = f32x4.add(low, v128.load(c));
    high = f32x4.add(high, v128.load(c, 16));
  }
  v128.store(c, low);
  v128.store(c, high, 16);
}

/**
 * c (m × n) += aᵀ · b over `rows` rows of a and b: the slope of a layer's kernel by its inputs and the slope of its outputs. m is a
 * multiple of 4, n of 8.
 *
 * @param b packed: `rows` rows
 */
export function gram(a: usize, strideA: usize, rows: i32, b: usize, c: usize, strideC: usize, m: i32, n: i32): void {
  const panelBytes = <usize>rows * PANEL_BYTES;
  for (let i: i32 = 0; i < m; i += 4) {
    let panel = b;
    for (let j: i32 = 0; j < n; j += PANEL) {
      fourColumns(a + (<usize>i << 2), strideA, rows, panel, c + <usize>i * strideC + (<usize>j << 2), strideC);
      panel += panelBytes;
    }
  }
}

function fourColumns(a: usize, strideA: usize, rows: i32, b: usize, c: usize, strideC: usize): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  const end = b + <usize>rows * PANEL_BYTES;
  while (b < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let s = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(s, b0));
    c01 = f32x4.add(c01, f32x4.mul(s, b1));
    s = v128.load32_splat(a, 4);
    c10 = f32x4.add(c10, f32x4.mul(s, b0));
    c11 = f32x4.add(c11, f32x4.mul(s, b1));
    s = v128.load32_splat(a, 8);
    c20 = f32x4.add(c20, f32x4.mul(s, b0));
    c21 = f32x4.add(c21, f32x4.mul(s, b1));
    s = v128.load32_splat(a, 12);
    c30 = f32x4.add(c30, f32x4.mul(s, b0));
    c31 = f32x4.add(c31, f32x4.mul(s, b1));
    a += strideA;
    b += PANEL_BYTES;
  }
  put(c, c00, c01, true);
  put(c + strideC, c10, c11, true);
  put(c + 2 * strideC, c20, c21, true);
  put(c + 3 * strideC, c30, c31, true);
}
