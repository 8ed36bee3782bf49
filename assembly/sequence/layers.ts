// AssemblyScript: what stands between the products, value by value. Columns are a multiple of 4; rows lie one after the other.

/** out = max(z + bias, 0) + (residual, if not 0). */
export function rectify(z: usize, bias: usize, residual: usize, out: usize, rows: i32, columns: i32): void {
  const zero = f32x4.splat(0);
  const rowEnd = <usize>columns << 2;
  for (let row: i32 = 0; row < rows; row++) {
    for (let at: usize = 0; at < rowEnd; at += 16) {
      let value = f32x4.max(f32x4.add(v128.load(z + at), v128.load(bias + at)), zero);
      if (residual) value = f32x4.add(value, v128.load(residual + at));
      v128.store(out + at, value);
    }
    z += rowEnd;
    out += rowEnd;
    if (residual) residual += rowEnd;
  }
}

/** Adds the sums of the columns and of their squares to `sums` and `squares`. */
export function moments(z: usize, rows: i32, columns: i32, sums: usize, squares: usize): void {
  const rowEnd = <usize>columns << 2;
  for (let at: usize = 0; at < rowEnd; at += 16) {
    let sum = f32x4.splat(0);
    let square = sum;
    let from = z + at;
    for (let row: i32 = 0; row < rows; row++) {
      const value = v128.load(from);
      sum = f32x4.add(sum, value);
      square = f32x4.add(square, f32x4.mul(value, value));
      from += rowEnd;
    }
    v128.store(sums + at, f32x4.add(v128.load(sums + at), sum));
    v128.store(squares + at, f32x4.add(v128.load(squares + at), square));
  }
}

let state = i32x4.splat(0);

/** The seeds of the four lanes of dropout's generator, none of them 0. */
export function seed(a: i32, b: i32, c: i32, d: i32): void {
  state = i32x4(a, b, c, d);
}

/**
 * out = dropout(max(z · scale + shift, 0)), the kept values times `keptScale`; sum = out + residual, if there is one. A value is left out
 * where a random 32-bit number (xorshift, Marsaglia 2003) is below `threshold`; 0 keeps all.
 */
export function activate(
  z: usize,
  scale: usize,
  shift: usize,
  out: usize,
  residual: usize,
  sum: usize,
  rows: i32,
  columns: i32,
  threshold: i32,
  keptScale: f32,
): void {
  const zero = f32x4.splat(0);
  const kept = f32x4.splat(keptScale);
  const limit = i32x4.splat(threshold);
  const rowEnd = <usize>columns << 2;
  let random = state;
  for (let row: i32 = 0; row < rows; row++) {
    for (let at: usize = 0; at < rowEnd; at += 16) {
      let value = f32x4.add(f32x4.mul(v128.load(z + at), v128.load(scale + at)), v128.load(shift + at));
      value = f32x4.max(value, zero);
      if (threshold) {
        random = v128.xor(random, i32x4.shl(random, 13));
        random = v128.xor(random, i32x4.shr_u(random, 17));
        random = v128.xor(random, i32x4.shl(random, 5));
        value = f32x4.mul(v128.and(value, i32x4.ge_u(random, limit)), kept);
      }
      v128.store(out + at, value);
      if (residual) v128.store(sum + at, f32x4.add(value, v128.load(residual + at)));
    }
    z += rowEnd;
    out += rowEnd;
    if (residual) {
      residual += rowEnd;
      sum += rowEnd;
    }
  }
  state = random;
}

/**
 * Back through `activate`: g = slope · keptScale where something passed, else 0. Adds the columns' sums of g and of g · x̂ to `sums` and
 * `products`, where x̂ = z · inverse + offset is what the normalisation made of z.
 */
export function deactivate(
  slope: usize,
  out: usize,
  z: usize,
  inverse: usize,
  offset: usize,
  g: usize,
  rows: i32,
  columns: i32,
  keptScale: f32,
  sums: usize,
  products: usize,
): void {
  const zero = f32x4.splat(0);
  const kept = f32x4.splat(keptScale);
  const rowEnd = <usize>columns << 2;
  for (let at: usize = 0; at < rowEnd; at += 16) {
    const k = v128.load(inverse + at);
    const o = v128.load(offset + at);
    let sum = zero;
    let product = zero;
    let place = at;
    for (let row: i32 = 0; row < rows; row++) {
      const passed = f32x4.gt(v128.load(out + place), zero);
      const value = v128.and(f32x4.mul(v128.load(slope + place), kept), passed);
      v128.store(g + place, value);
      sum = f32x4.add(sum, value);
      product = f32x4.add(product, f32x4.mul(value, f32x4.add(f32x4.mul(v128.load(z + place), k), o)));
      place += rowEnd;
    }
    v128.store(sums + at, f32x4.add(v128.load(sums + at), sum));
    v128.store(products + at, f32x4.add(v128.load(products + at), product));
  }
}

/** g = p · g + q · z + r, a coefficient per column: back through a normalisation over the batch. */
export function denormalise(g: usize, z: usize, p: usize, q: usize, r: usize, rows: i32, columns: i32): void {
  const rowEnd = <usize>columns << 2;
  for (let row: i32 = 0; row < rows; row++) {
    for (let at: usize = 0; at < rowEnd; at += 16) {
      const value = f32x4.mul(v128.load(p + at), v128.load(g + at));
      const other = f32x4.add(f32x4.mul(v128.load(q + at), v128.load(z + at)), v128.load(r + at));
      v128.store(g + at, f32x4.add(value, other));
    }
    g += rowEnd;
    z += rowEnd;
  }
}
