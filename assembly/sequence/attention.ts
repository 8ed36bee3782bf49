// AssemblyScript: the attention and its pooling. Columns are a multiple of 4; rows lie one after the other.

const LOG2_E: f32 = 1.44269504;
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440e-4;

/** Weights are e to the power of at most this, and of at least minus this: their sums stay finite and above 0. */
const LIMIT: f32 = 20;

/** eˣ for |x| below 87, within 2 units in the last place: x = n ln 2 + r, a polynomial for eʳ (Cephes, S. L. Moshier). */
function exponential(x: v128): v128 {
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(LOG2_E)));
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(LN2_HIGH)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(LN2_LOW)));
  let y = f32x4.splat(1.9875691500e-4);
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(1.3981999507e-3));
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(8.3334519073e-3));
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(4.1665795894e-2));
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(1.6666665459e-1));
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(5.0000001201e-1));
  y = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(y, r), r), r), f32x4.splat(1));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return f32x4.mul(y, power);
}

/** z = tanh(z + bias), in place: 1 − 2 / (e²ˣ + 1). */
export function squash(z: usize, bias: usize, rows: i32, columns: i32): void {
  const one = f32x4.splat(1);
  const two = f32x4.splat(2);
  const high = f32x4.splat(LIMIT);
  const low = f32x4.splat(-LIMIT);
  const rowEnd = <usize>columns << 2;
  for (let row: i32 = 0; row < rows; row++) {
    for (let at: usize = 0; at < rowEnd; at += 16) {
      const x = f32x4.min(f32x4.max(f32x4.add(v128.load(z + at), v128.load(bias + at)), low), high);
      const y = exponential(f32x4.mul(x, two));
      v128.store(z + at, f32x4.sub(one, f32x4.div(two, f32x4.add(y, one))));
    }
    z += rowEnd;
  }
}

/** slope = slope · (1 − y²), in place: back through `squash`. */
export function unsquash(slope: usize, y: usize, values: i32): void {
  const one = f32x4.splat(1);
  const end = slope + (<usize>values << 2);
  while (slope < end) {
    const value = v128.load(y);
    v128.store(slope, f32x4.mul(v128.load(slope), f32x4.sub(one, f32x4.mul(value, value))));
    slope += 16;
    y += 16;
  }
}

/** a = e^a, in place; adds Σa, Σa·h and Σa·h² of the columns to `sums`, one after the other. */
export function weigh(a: usize, h: usize, rows: i32, columns: i32, sums: usize): void {
  const high = f32x4.splat(LIMIT);
  const low = f32x4.splat(-LIMIT);
  const rowEnd = <usize>columns << 2;
  for (let at: usize = 0; at < rowEnd; at += 16) {
    const first = sums + at;
    const second = first + rowEnd;
    const third = second + rowEnd;
    let weights = v128.load(first);
    let means = v128.load(second);
    let squares = v128.load(third);
    let place = at;
    for (let row: i32 = 0; row < rows; row++) {
      const weight = exponential(f32x4.min(f32x4.max(v128.load(a + place), low), high));
      v128.store(a + place, weight);
      const value = v128.load(h + place);
      const product = f32x4.mul(weight, value);
      weights = f32x4.add(weights, weight);
      means = f32x4.add(means, product);
      squares = f32x4.add(squares, f32x4.mul(product, value));
      place += rowEnd;
    }
    v128.store(first, weights);
    v128.store(second, means);
    v128.store(third, squares);
  }
}

/**
 * Back through `weigh` and the ratios of its sums: slope = a · (u + 2 h s), a = a · (h u + h² s − d), u, s and d per column: the slopes by the
 * mean and by the variance, and what the weights' own sum takes away, each over Σa.
 */
export function unweigh(a: usize, h: usize, u: usize, s: usize, d: usize, slope: usize, rows: i32, columns: i32): void {
  const rowEnd = <usize>columns << 2;
  for (let row: i32 = 0; row < rows; row++) {
    for (let at: usize = 0; at < rowEnd; at += 16) {
      const weight = v128.load(a + at);
      const value = v128.load(h + at);
      const byMean = v128.load(u + at);
      const bySquare = f32x4.mul(v128.load(s + at), value);
      v128.store(slope + at, f32x4.mul(weight, f32x4.add(byMean, f32x4.add(bySquare, bySquare))));
      const own = f32x4.sub(f32x4.mul(value, f32x4.add(byMean, bySquare)), v128.load(d + at));
      v128.store(a + at, f32x4.mul(weight, own));
    }
    a += rowEnd;
    h += rowEnd;
    slope += rowEnd;
  }
}
