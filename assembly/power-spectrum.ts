import { imaginaries, quarterTurn, reals, swapped, turned } from './complex';

/** 512 real samples in; 257 powers out. The steps and their order are those of src/features/fft.ts. */
export const SAMPLES: usize = memory.data(512 * 8, 16);
export const POWER: usize = memory.data(258 * 8, 16);
/** exp(−2πi p k / length) as (wr, wr, −wi, wi): three a butterfly, for lengths 256, 64 and 16. */
export const FIRST_TURNS: usize = memory.data(64 * 3 * 32, 16);
export const SECOND_TURNS: usize = memory.data(16 * 3 * 32, 16);
export const THIRD_TURNS: usize = memory.data(4 * 3 * 32, 16);
/** exp(−2πi k / 512) for k from 0 to 128: real parts, then imaginary ones. */
export const UNPACK_RE: usize = memory.data(130 * 8, 16);
export const UNPACK_IM: usize = memory.data(130 * 8, 16);

const A: usize = memory.data(512 * 8, 16);
const B: usize = memory.data(512 * 8, 16);

export function powerSpectrum(): void {
  stage(SAMPLES, A, 256, 1, FIRST_TURNS);
  stage(A, B, 64, 4, SECOND_TURNS);
  stage(B, A, 16, 16, THIRD_TURNS);
  lastStage(A, B);
  unpackPower(B);
}

/** `stride` transforms of `length` points each, interleaved, become four times as many of a quarter. */
// @ts-ignore: decorator
@inline
function stage(x: usize, y: usize, length: usize, stride: usize, turns: usize): void {
  const quarter = (length * stride) << 2;
  const step = stride << 4;
  let from = x;
  let to = y;
  const last = x + quarter;
  while (from < last) {
    for (const end = from + step; from < end; from += 16, to += 16) {
      const a = v128.load(from);
      const b = v128.load(from + quarter);
      const c = v128.load(from + 2 * quarter);
      const d = v128.load(from + 3 * quarter);
      const sumAC = f64x2.add(a, c);
      const diffAC = f64x2.sub(a, c);
      const sumBD = f64x2.add(b, d);
      const turnedBD = quarterTurn(f64x2.sub(b, d));
      v128.store(to, f64x2.add(sumAC, sumBD));
      v128.store(to + step, turned(f64x2.add(diffAC, turnedBD), turns));
      v128.store(to + 2 * step, turned(f64x2.sub(sumAC, sumBD), turns + 32));
      v128.store(to + 3 * step, turned(f64x2.sub(diffAC, turnedBD), turns + 64));
    }
    to += 3 * step;
    turns += 96;
  }
}

function lastStage(x: usize, y: usize): void {
  for (const end = x + 1024; x < end; x += 16, y += 16) {
    const a = v128.load(x);
    const b = v128.load(x, 1024);
    const c = v128.load(x, 2048);
    const d = v128.load(x, 3072);
    const sumAC = f64x2.add(a, c);
    const diffAC = f64x2.sub(a, c);
    const sumBD = f64x2.add(b, d);
    const turnedBD = quarterTurn(f64x2.sub(b, d));
    v128.store(y, f64x2.add(sumAC, sumBD));
    v128.store(y, f64x2.add(diffAC, turnedBD), 1024);
    v128.store(y, f64x2.sub(sumAC, sumBD), 2048);
    v128.store(y, f64x2.sub(diffAC, turnedBD), 3072);
  }
}

/** Two bins at a time, their mirrors with them. */
function unpackPower(z: usize): void {
  const re0 = f64.load(z);
  const im0 = f64.load(z, 8);
  f64.store(POWER, (re0 + im0) * (re0 + im0));
  f64.store(POWER, (re0 - im0) * (re0 - im0), 2048);
  const half = f64x2.splat(0.5);
  for (let k: usize = 1; k <= 127; k += 2) {
    const near = z + (k << 4);
    const far = z + 4096 - (k << 4);
    const one = v128.load(near);
    const two = v128.load(near, 16);
    const mirrorOne = v128.load(far);
    const mirrorTwo = v128.load(far - 16);
    const re = reals(one, two);
    const im = imaginaries(one, two);
    const mirrorRe = reals(mirrorOne, mirrorTwo);
    const mirrorIm = imaginaries(mirrorOne, mirrorTwo);
    const evenR = f64x2.mul(f64x2.add(re, mirrorRe), half);
    const evenI = f64x2.mul(f64x2.sub(im, mirrorIm), half);
    const oddR = f64x2.mul(f64x2.add(im, mirrorIm), half);
    const oddI = f64x2.mul(f64x2.sub(mirrorRe, re), half);
    const wr = v128.load(UNPACK_RE + (k << 3));
    const wi = v128.load(UNPACK_IM + (k << 3));
    const turnedR = f64x2.sub(f64x2.mul(oddR, wr), f64x2.mul(oddI, wi));
    const turnedI = f64x2.add(f64x2.mul(oddR, wi), f64x2.mul(oddI, wr));
    const lowR = f64x2.add(evenR, turnedR);
    const lowI = f64x2.add(evenI, turnedI);
    const highR = f64x2.sub(evenR, turnedR);
    const highI = f64x2.sub(evenI, turnedI);
    v128.store(POWER + (k << 3), f64x2.add(f64x2.mul(lowR, lowR), f64x2.mul(lowI, lowI)));
    const high = f64x2.add(f64x2.mul(highR, highR), f64x2.mul(highI, highI));
    // Bins 256 − k − 1 and 256 − k. At k = 128 both are one bin, and the later one stands, as in TypeScript.
    v128.store(POWER + ((255 - k) << 3), swapped(high));
  }
}
