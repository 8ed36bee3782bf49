/** A complex number is one f64x2: real part in lane 0, imaginary in lane 1. */

/** −i · z = (im, −re). */
// @ts-ignore: decorator
@inline
export function quarterTurn(z: v128): v128 {
  return v128.xor(v128.shuffle<f64>(z, z, 1, 0), i64x2(0, 0x8000000000000000));
}

/** z · w, where the table holds (wr, wr, −wi, wi): the same two products and one sum as written out in TypeScript. */
// @ts-ignore: decorator
@inline
export function turned(z: v128, w: usize): v128 {
  return f64x2.add(
    f64x2.mul(z, v128.load(w)),
    f64x2.mul(v128.shuffle<f64>(z, z, 1, 0), v128.load(w, 16)),
  );
}

/** The real parts of two complex numbers. */
// @ts-ignore: decorator
@inline
export function reals(a: v128, b: v128): v128 {
  return v128.shuffle<f64>(a, b, 0, 2);
}

// @ts-ignore: decorator
@inline
export function imaginaries(a: v128, b: v128): v128 {
  return v128.shuffle<f64>(a, b, 1, 3);
}

// @ts-ignore: decorator
@inline
export function swapped(a: v128): v128 {
  return v128.shuffle<f64>(a, a, 1, 0);
}
