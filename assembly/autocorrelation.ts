import { imaginaries, quarterTurn, reals, swapped, turned } from './complex';

/** 640 windowed samples in; lags 0 to 227 out. The steps and their order are those of src/features/pitch-fft.ts. */
export const FRAME: usize = memory.data(640 * 8, 16);
export const LAGS: usize = memory.data(232 * 8, 16);
/** e^(−2πik / 64) and e^(−2πik / 384) as (wr, wr, −wi, wi). */
export const TURNS_64: usize = memory.data(64 * 32, 16);
export const TURNS_384: usize = memory.data(384 * 32, 16);
/** e^(−2πik / 768) and e^(−2πik / 384): real parts, then imaginary ones, in the order of k. */
export const FOLD_RE: usize = memory.data(194 * 8, 16);
export const FOLD_IM: usize = memory.data(194 * 8, 16);
export const UNFOLD_RE: usize = memory.data(194 * 8, 16);
export const UNFOLD_IM: usize = memory.data(194 * 8, 16);

/** The frame as it comes in, 640 f32, and its window. */
export const SOUND: usize = memory.data(640 * 4, 16);
export const WINDOW: usize = memory.data(640 * 8, 16);

const SPECTRUM: usize = memory.data(768 * 8, 16);
const OTHER: usize = memory.data(768 * 8, 16);
const FOLDED: usize = memory.data(384 * 8, 16);

/** Writes `count` lags at least, an even number of them. */
export function autocorrelate(count: usize): void {
  radix6();
  radix4(OTHER, SPECTRUM, 384, 6, 1);
  radix4(SPECTRUM, OTHER, 384, 24, 4);
  lastRadix4(OTHER, SPECTRUM, 384);
  foldPowers();
  radix3();
  radix4(OTHER, FOLDED, 192, 3, 1);
  radix4(FOLDED, OTHER, 192, 12, 4);
  lastRadix4(OTHER, FOLDED, 192);
  unfold(count);
}

/** Takes the mean of the middle 424 samples off SOUND, applies the window into FRAME, and gives the peak of the middle 212. */
export function windowFrame(): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let at = SOUND + 108 * 4; at < SOUND + 532 * 4; at += 16) {
    const four = v128.load(at);
    low = f64x2.add(low, f64x2.promote_low_f32x4(four));
    high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<i64>(four, four, 1, 0)));
  }
  const sum =
    f64x2.extract_lane(low, 0) +
    f64x2.extract_lane(low, 1) +
    f64x2.extract_lane(high, 0) +
    f64x2.extract_lane(high, 1);
  const mean = f64x2.splat(sum / 424.0);
  for (let i: usize = 0; i < 640; i += 4) {
    const four = v128.load(SOUND + (i << 2));
    const first = f64x2.sub(f64x2.promote_low_f32x4(four), mean);
    const second = f64x2.sub(f64x2.promote_low_f32x4(v128.shuffle<i64>(four, four, 1, 0)), mean);
    const to = i << 3;
    v128.store(FRAME + to, f64x2.mul(first, v128.load(WINDOW + to)));
    v128.store(FRAME + to, f64x2.mul(second, v128.load(WINDOW + to, 16)), 16);
  }
  let peaks = f64x2.splat(0);
  for (let at = FRAME + 214 * 8; at < FRAME + 426 * 8; at += 16) {
    peaks = f64x2.max(peaks, f64x2.abs(v128.load(at)));
  }
  return max<f64>(f64x2.extract_lane(peaks, 0), f64x2.extract_lane(peaks, 1));
}

function radix6(): void {
  const sin60 = f64x2.splat(Math.sqrt(3.0) / 2.0);
  const half = f64x2.splat(0.5);
  let turn: usize = 0;
  let to = OTHER;
  for (let x = FRAME; x < FRAME + 1024; x += 16, to += 96, turn += 32) {
    const x0 = v128.load(x);
    const x1 = v128.load(x, 1024);
    const x2 = v128.load(x, 2048);
    const x3 = v128.load(x, 3072);
    const x4 = v128.load(x, 4096);
    const sum = f64x2.add(x2, x4);
    const slant = quarterTurn(f64x2.mul(sin60, f64x2.sub(x2, x4)));
    const rest = f64x2.sub(x0, f64x2.mul(half, sum));
    const e1 = f64x2.add(rest, slant);
    const e2 = f64x2.sub(rest, slant);
    const tilt = quarterTurn(f64x2.mul(sin60, x3));
    const middle = f64x2.sub(x1, f64x2.mul(half, x3));
    const o1 = f64x2.add(middle, tilt);
    const o2 = f64x2.sub(middle, tilt);
    const t1 = f64x2.add(f64x2.mul(half, o1), f64x2.mul(sin60, quarterTurn(o1)));
    const t2 = f64x2.sub(f64x2.mul(sin60, quarterTurn(o2)), f64x2.mul(half, o2));
    const even = f64x2.add(x0, sum);
    const odd = f64x2.add(x1, x3);
    v128.store(to, f64x2.add(even, odd));
    v128.store(to, turned(f64x2.add(e1, t1), TURNS_384 + turn), 16);
    v128.store(to, turned(f64x2.add(e2, t2), TURNS_384 + 2 * turn), 32);
    v128.store(to, turned(f64x2.sub(even, odd), TURNS_384 + 3 * turn), 48);
    v128.store(to, turned(f64x2.sub(e1, t1), TURNS_384 + 4 * turn), 64);
    v128.store(to, turned(f64x2.sub(e2, t2), TURNS_384 + 5 * turn), 80);
  }
}

function radix3(): void {
  const sin60 = f64x2.splat(Math.sqrt(3.0) / 2.0);
  const half = f64x2.splat(0.5);
  let turn: usize = 0;
  let to = OTHER;
  for (let x = FOLDED; x < FOLDED + 1024; x += 16, to += 48, turn += 64) {
    const x0 = v128.load(x);
    const x1 = v128.load(x, 1024);
    const x2 = v128.load(x, 2048);
    const sum = f64x2.add(x1, x2);
    const slant = quarterTurn(f64x2.mul(sin60, f64x2.sub(x1, x2)));
    const rest = f64x2.sub(x0, f64x2.mul(half, sum));
    v128.store(to, f64x2.add(x0, sum));
    v128.store(to, turned(f64x2.add(rest, slant), TURNS_384 + turn), 16);
    v128.store(to, turned(f64x2.sub(rest, slant), TURNS_384 + 2 * turn), 32);
  }
}

/** From `stride` interleaved transforms to four times as many; `turn`: twiddles of 64 from one butterfly to the next. */
// @ts-ignore: decorator
@inline
function radix4(x: usize, y: usize, points: usize, stride: usize, turn: usize): void {
  const step = stride << 4;
  const quarter = points << 2;
  let from = x;
  let to = y;
  let w: usize = 0;
  const last = x + quarter;
  while (from < last) {
    for (const end = from + step; from < end; from += 16, to += 16) {
      const a = v128.load(from);
      const b = v128.load(from + quarter);
      const c = v128.load(from + 2 * quarter);
      const d = v128.load(from + 3 * quarter);
      const ac = f64x2.add(a, c);
      const bd = f64x2.add(b, d);
      const less = f64x2.sub(a, c);
      const turnedBD = quarterTurn(f64x2.sub(b, d));
      v128.store(to, f64x2.add(ac, bd));
      v128.store(to + step, turned(f64x2.add(less, turnedBD), TURNS_64 + w));
      v128.store(to + 2 * step, turned(f64x2.sub(ac, bd), TURNS_64 + 2 * w));
      v128.store(to + 3 * step, turned(f64x2.sub(less, turnedBD), TURNS_64 + 3 * w));
    }
    to += 3 * step;
    w += turn << 5;
  }
}

// @ts-ignore: decorator
@inline
function lastRadix4(x: usize, y: usize, points: usize): void {
  const quarter = points << 2;
  for (const end = x + quarter; x < end; x += 16, y += 16) {
    const a = v128.load(x);
    const b = v128.load(x + quarter);
    const c = v128.load(x + 2 * quarter);
    const d = v128.load(x + 3 * quarter);
    const ac = f64x2.add(a, c);
    const bd = f64x2.add(b, d);
    const less = f64x2.sub(a, c);
    const turnedBD = quarterTurn(f64x2.sub(b, d));
    v128.store(y, f64x2.add(ac, bd));
    v128.store(y + quarter, f64x2.add(less, turnedBD));
    v128.store(y + 2 * quarter, f64x2.sub(ac, bd));
    v128.store(y + 3 * quarter, f64x2.sub(less, turnedBD));
  }
}

/** Two bins at a time, their mirrors with them. */
function foldPowers(): void {
  const re0 = f64.load(SPECTRUM);
  const im0 = f64.load(SPECTRUM, 8);
  const first = re0 + im0;
  const last = re0 - im0;
  f64.store(FOLDED, 0.5 * (first * first + last * last));
  let lag1 = 0.5 * (first * first - last * last);
  const quarter = f64x2.splat(0.25);
  for (let k: usize = 1; k <= 191; k += 2) {
    const near = SPECTRUM + (k << 4);
    const far = SPECTRUM + 6144 - (k << 4);
    const one = v128.load(near);
    const two = v128.load(near, 16);
    const mirrorOne = v128.load(far);
    const mirrorTwo = v128.load(far - 16);
    const re = reals(one, two);
    const im = imaginaries(one, two);
    const mirrorRe = reals(mirrorOne, mirrorTwo);
    const mirrorIm = imaginaries(mirrorOne, mirrorTwo);
    const evenRe = f64x2.add(re, mirrorRe);
    const evenIm = f64x2.sub(im, mirrorIm);
    const oddRe = f64x2.add(im, mirrorIm);
    const oddIm = f64x2.sub(mirrorRe, re);
    const wRe = v128.load(FOLD_RE + (k << 3));
    const wIm = v128.load(FOLD_IM + (k << 3));
    const squares = f64x2.add(
      f64x2.add(f64x2.add(f64x2.mul(evenRe, evenRe), f64x2.mul(evenIm, evenIm)), f64x2.mul(oddRe, oddRe)),
      f64x2.mul(oddIm, oddIm),
    );
    const sum = f64x2.mul(quarter, squares);
    const turnedRe = f64x2.sub(f64x2.mul(oddRe, wRe), f64x2.mul(oddIm, wIm));
    const turnedIm = f64x2.add(f64x2.mul(oddRe, wIm), f64x2.mul(oddIm, wRe));
    const difference = f64x2.add(f64x2.mul(evenRe, turnedRe), f64x2.mul(evenIm, turnedIm));
    const parts = f64x2.mul(difference, wRe);
    lag1 += f64x2.extract_lane(parts, 0);
    lag1 += f64x2.extract_lane(parts, 1);
    const slanted = f64x2.mul(difference, wIm);
    v128.store(FOLDED + (k << 3), f64x2.add(sum, slanted));
    // Points 384 − k − 1 and 384 − k. At k = 192 both are one point, and the later one stands, as in TypeScript.
    v128.store(FOLDED + ((383 - k) << 3), swapped(f64x2.sub(sum, slanted)));
  }
  f64.store(LAGS, lag1 / 384.0, 8);
}

/** Two pairs of lags at a time. */
function unfold(count: usize): void {
  const scale = 1.0 / 384.0;
  let odd = f64.load(LAGS, 8);
  f64.store(LAGS, scale * (f64.load(FOLDED) + f64.load(FOLDED, 8)));
  const halfScale = f64x2.splat(0.5 * scale);
  for (let at: usize = 2; at < count; at += 4) {
    const near = FOLDED + (at << 3);
    const far = FOLDED + ((384 - at) << 3);
    const one = v128.load(near);
    const two = v128.load(near, 16);
    const mirrorOne = v128.load(far);
    const mirrorTwo = v128.load(far - 16);
    const re = reals(one, two);
    const im = imaginaries(one, two);
    const mirrorRe = reals(mirrorOne, mirrorTwo);
    const mirrorIm = imaginaries(mirrorOne, mirrorTwo);
    const oddRe = f64x2.add(im, mirrorIm);
    const oddIm = f64x2.sub(mirrorRe, re);
    const wRe = v128.load(UNFOLD_RE + (at << 2));
    const wIm = v128.load(UNFOLD_IM + (at << 2));
    const even = f64x2.mul(
      halfScale,
      f64x2.sub(f64x2.add(f64x2.add(re, mirrorRe), f64x2.mul(oddRe, wRe)), f64x2.mul(oddIm, wIm)),
    );
    const steps = f64x2.mul(
      halfScale,
      f64x2.add(f64x2.add(f64x2.sub(im, mirrorIm), f64x2.mul(oddRe, wIm)), f64x2.mul(oddIm, wRe)),
    );
    odd -= f64x2.extract_lane(steps, 0);
    f64.store(LAGS + (at << 3), f64x2.extract_lane(even, 0));
    f64.store(LAGS + (at << 3), odd, 8);
    odd -= f64x2.extract_lane(steps, 1);
    f64.store(LAGS + (at << 3), f64x2.extract_lane(even, 1), 16);
    f64.store(LAGS + (at << 3), odd, 24);
  }
}
