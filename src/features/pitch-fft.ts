import { type Kernel, kernel, split, spread } from './kernel.ts';

/**
 * The autocorrelation of a pitch frame by the Wiener–Khinchin theorem, without allocation. Tables and buffers are
 * shared by every channel: the core is synchronous, and nothing here outlives a call. Complex numbers lie interleaved:
 * real part at 2k, imaginary at 2k + 1.
 *
 * The samples are padded to 768 and packed into 384 complex ones. Their power spectrum is real and even, so its inverse
 * is a cosine transform (DCT-I), which packs into 192 (Press et al., Numerical Recipes in C, 2nd ed. 1992, section
 * 12.3; the packing of real data is there too). Both transforms are self-sorting (Stockham; Van Loan, Computational
 * Frameworks for the Fast Fourier Transform, 1992, section 1.7): one stage of radix 6 or 3, then three of radix 4.
 */
/** The period of the circular autocorrelation. */
export const SPAN = 768;
const PACKED = SPAN / 2;
const FOLDED = SPAN / 4;
const MOST_LAGS = 227;

/** e^(−2πik / points) for k from 0 to count − 1. */
const turns = (points: number, count: number): Float64Array =>
  Float64Array.from({ length: 2 * count }, (_, i) => {
    const angle = (-2 * Math.PI * (i >> 1)) / points;
    return i % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
  });
const turn64 = turns(64, 64);
const turn384 = turns(PACKED, PACKED);
const turn768 = turns(SPAN, PACKED);
const SIN_60 = Math.sqrt(3) / 2;

const spectrum = new Float64Array(2 * PACKED);
const folded = new Float64Array(2 * FOLDED);
const other = new Float64Array(2 * PACKED);

/** Where a windowed frame is best put: the transform reads it there. */
export const pitchFrame: Float64Array = kernel?.view('FRAME', 640) ?? new Float64Array(640);

/**
 * Circular autocorrelation, of period 768, of 640 samples at lags 0 to lags.length − 1 (at most 227), into `lags`; lag 0
 * is the sum of squares. Up to lag 128 it is the plain one; beyond, lag 768 − lag is added to it, which a tapered
 * frame hardly has: of a Hann window at lag 213, 0.0004 of lag 0.
 * In WebAssembly SIMD (assembly/autocorrelation.ts) where there is any, with the same bits.
 */
export const autocorrelate: (samples: Float64Array, lags: Float64Array) => void =
  kernel === undefined ? autocorrelateInTypeScript : throughKernel(kernel);

/** The same where there is no SIMD; what the kernel is tested against. */
export function autocorrelateInTypeScript(samples: Float64Array, lags: Float64Array): void {
  radix6(samples, other);
  radix4(other, spectrum, PACKED, 6);
  radix4(spectrum, other, PACKED, 24);
  lastRadix4(other, spectrum, PACKED);
  foldPowers(lags);
  radix3(folded, other);
  radix4(other, folded, FOLDED, 3);
  radix4(folded, other, FOLDED, 12);
  lastRadix4(other, folded, FOLDED);
  unfold(lags);
}

function throughKernel({ view, autocorrelate }: Kernel): (samples: Float64Array, lags: Float64Array) => void {
  spread(turn64, view('TURNS_64', 64 * 4));
  spread(turn384, view('TURNS_384', PACKED * 4));
  split(turn768, view('FOLD_RE', 194), view('FOLD_IM', 194));
  split(turn384, view('UNFOLD_RE', 194), view('UNFOLD_IM', 194));
  const output = view('LAGS', MOST_LAGS);
  return (samples, lags) => {
    if (samples !== pitchFrame) pitchFrame.set(samples);
    autocorrelate(lags.length);
    for (let lag = 0; lag < lags.length; lag++) lags[lag] = output[lag]!;
  };
}

/** The first stage over 384 packed points: six blocks of 64, of which the last is padding. */
function radix6(x: Float64Array, y: Float64Array): void {
  for (let at = 0; at < 128; at += 2) {
    const x0Re = x[at]!;
    const x0Im = x[at + 1]!;
    const x1Re = x[at + 128]!;
    const x1Im = x[at + 129]!;
    const x3Re = x[at + 384]!;
    const x3Im = x[at + 385]!;
    // Three points of the even blocks, three of the odd ones, then pairs of both.
    const sumRe = x[at + 256]! + x[at + 512]!;
    const sumIm = x[at + 257]! + x[at + 513]!;
    const slantRe = SIN_60 * (x[at + 256]! - x[at + 512]!);
    const slantIm = SIN_60 * (x[at + 257]! - x[at + 513]!);
    const restRe = x0Re - 0.5 * sumRe;
    const restIm = x0Im - 0.5 * sumIm;
    const e1Re = restRe + slantIm;
    const e1Im = restIm - slantRe;
    const e2Re = restRe - slantIm;
    const e2Im = restIm + slantRe;
    const tiltRe = SIN_60 * x3Re;
    const tiltIm = SIN_60 * x3Im;
    const middleRe = x1Re - 0.5 * x3Re;
    const middleIm = x1Im - 0.5 * x3Im;
    // The odd ones, turned by −60° and −120°.
    const o1Re = middleRe + tiltIm;
    const o1Im = middleIm - tiltRe;
    const o2Re = middleRe - tiltIm;
    const o2Im = middleIm + tiltRe;
    const t1Re = 0.5 * o1Re + SIN_60 * o1Im;
    const t1Im = 0.5 * o1Im - SIN_60 * o1Re;
    const t2Re = SIN_60 * o2Im - 0.5 * o2Re;
    const t2Im = -0.5 * o2Im - SIN_60 * o2Re;
    const evenRe = x0Re + sumRe;
    const evenIm = x0Im + sumIm;
    const oddRe = x1Re + x3Re;
    const oddIm = x1Im + x3Im;
    const to = 6 * at;
    y[to] = evenRe + oddRe;
    y[to + 1] = evenIm + oddIm;
    putTurned(y, to + 2, e1Re + t1Re, e1Im + t1Im, at);
    putTurned(y, to + 4, e2Re + t2Re, e2Im + t2Im, 2 * at);
    putTurned(y, to + 6, evenRe - oddRe, evenIm - oddIm, 3 * at);
    putTurned(y, to + 8, e1Re - t1Re, e1Im - t1Im, 4 * at);
    putTurned(y, to + 10, e2Re - t2Re, e2Im - t2Im, 5 * at);
  }
}

/** The first stage over 192 points: three blocks of 64. */
function radix3(x: Float64Array, y: Float64Array): void {
  for (let at = 0; at < 128; at += 2) {
    const re = x[at]!;
    const im = x[at + 1]!;
    const sumRe = x[at + 128]! + x[at + 256]!;
    const sumIm = x[at + 129]! + x[at + 257]!;
    const slantRe = SIN_60 * (x[at + 128]! - x[at + 256]!);
    const slantIm = SIN_60 * (x[at + 129]! - x[at + 257]!);
    const restRe = re - 0.5 * sumRe;
    const restIm = im - 0.5 * sumIm;
    const to = 3 * at;
    y[to] = re + sumRe;
    y[to + 1] = im + sumIm;
    putTurned(y, to + 2, restRe + slantIm, restIm - slantRe, 2 * at);
    putTurned(y, to + 4, restRe - slantIm, restIm + slantRe, 4 * at);
  }
}

function putTurned(y: Float64Array, to: number, re: number, im: number, turn: number): void {
  const wRe = turn384[turn]!;
  const wIm = turn384[turn + 1]!;
  y[to] = re * wRe - im * wIm;
  y[to + 1] = re * wIm + im * wRe;
}

/** One stage of radix 4 over `points`: from `stride` interleaved transforms to four times as many. */
function radix4(x: Float64Array, y: Float64Array, points: number, stride: number): void {
  const step = 2 * stride;
  const quarter = points / 2;
  // Transforms of points / stride points: 64 in the first of these stages, 16 in the second.
  const turn = (128 * stride) / points;
  for (let p = 0, from = 0, to = 0; from < quarter; p += turn, to += 3 * step) {
    const w1Re = turn64[p]!;
    const w1Im = turn64[p + 1]!;
    const w2Re = turn64[2 * p]!;
    const w2Im = turn64[2 * p + 1]!;
    const w3Re = turn64[3 * p]!;
    const w3Im = turn64[3 * p + 1]!;
    for (const end = from + step; from < end; from += 2, to += 2) {
      const aRe = x[from]!;
      const aIm = x[from + 1]!;
      const bRe = x[from + quarter]!;
      const bIm = x[from + quarter + 1]!;
      const cRe = x[from + 2 * quarter]!;
      const cIm = x[from + 2 * quarter + 1]!;
      const dRe = x[from + 3 * quarter]!;
      const dIm = x[from + 3 * quarter + 1]!;
      const acRe = aRe + cRe;
      const acIm = aIm + cIm;
      const bdRe = bRe + dRe;
      const bdIm = bIm + dIm;
      y[to] = acRe + bdRe;
      y[to + 1] = acIm + bdIm;
      const twoRe = acRe - bdRe;
      const twoIm = acIm - bdIm;
      y[to + 2 * step] = w2Re * twoRe - w2Im * twoIm;
      y[to + 2 * step + 1] = w2Re * twoIm + w2Im * twoRe;
      const oneRe = aRe - cRe + (bIm - dIm);
      const oneIm = aIm - cIm - (bRe - dRe);
      y[to + step] = w1Re * oneRe - w1Im * oneIm;
      y[to + step + 1] = w1Re * oneIm + w1Im * oneRe;
      const threeRe = aRe - cRe - (bIm - dIm);
      const threeIm = aIm - cIm + (bRe - dRe);
      y[to + 3 * step] = w3Re * threeRe - w3Im * threeIm;
      y[to + 3 * step + 1] = w3Re * threeIm + w3Im * threeRe;
    }
  }
}

/** The last stage: transforms of four points, whose twiddles are all one. */
function lastRadix4(x: Float64Array, y: Float64Array, points: number): void {
  const quarter = points / 2;
  for (let at = 0; at < quarter; at += 2) {
    const aRe = x[at]!;
    const aIm = x[at + 1]!;
    const bRe = x[at + quarter]!;
    const bIm = x[at + quarter + 1]!;
    const cRe = x[at + 2 * quarter]!;
    const cIm = x[at + 2 * quarter + 1]!;
    const dRe = x[at + 3 * quarter]!;
    const dIm = x[at + 3 * quarter + 1]!;
    y[at] = aRe + cRe + (bRe + dRe);
    y[at + 1] = aIm + cIm + (bIm + dIm);
    y[at + quarter] = aRe - cRe + (bIm - dIm);
    y[at + quarter + 1] = aIm - cIm - (bRe - dRe);
    y[at + 2 * quarter] = aRe + cRe - (bRe + dRe);
    y[at + 2 * quarter + 1] = aIm + cIm - (bIm + dIm);
    y[at + 3 * quarter] = aRe - cRe - (bIm - dIm);
    y[at + 3 * quarter + 1] = aIm - cIm + (bRe - dRe);
  }
}

/**
 * Folds the powers P(k) of the real bins 0 to 384 into the 384 real points y of the cosine transform, two to a complex
 * point: with S and D the half sum and half difference of P(k) and P(384 − k), y(k) = S − 2 sin(πk/384) D and
 * y(384 − k) = S + 2 sin(πk/384) D. Also puts lag 1 into `lags`, which the transform alone does not give.
 */
function foldPowers(lags: Float64Array): void {
  const first = spectrum[0]! + spectrum[1]!;
  const last = spectrum[0]! - spectrum[1]!;
  folded[0] = 0.5 * (first * first + last * last);
  let lag1 = 0.5 * (first * first - last * last);
  for (let k = 1; k <= FOLDED; k++) {
    const near = 2 * k;
    const far = SPAN - near;
    const re = spectrum[near]!;
    const im = spectrum[near + 1]!;
    const mirrorRe = spectrum[far]!;
    const mirrorIm = spectrum[far + 1]!;
    // Twice the bins of the even and of the odd samples; the latter are turned into their place.
    const evenRe = re + mirrorRe;
    const evenIm = im - mirrorIm;
    const oddRe = im + mirrorIm;
    const oddIm = mirrorRe - re;
    const wRe = turn768[near]!;
    const wIm = turn768[near + 1]!;
    const sum = 0.25 * (evenRe * evenRe + evenIm * evenIm + oddRe * oddRe + oddIm * oddIm);
    const difference = evenRe * (oddRe * wRe - oddIm * wIm) + evenIm * (oddRe * wIm + oddIm * wRe);
    // At k = 192, its own mirror, the cosine is 0 and the two writes are the same point.
    lag1 += difference * wRe;
    folded[k] = sum + difference * wIm;
    folded[PACKED - k] = sum - difference * wIm;
  }
  lags[1] = lag1 / PACKED;
}

/** Lag 2k is the real part of bin k of y; lag 2k + 1 is lag 2k − 1 less its imaginary part. */
function unfold(lags: Float64Array): void {
  const scale = 1 / PACKED;
  lags[0] = scale * (folded[0]! + folded[1]!);
  let odd = lags[1]!;
  for (let at = 2; at < lags.length; at += 2) {
    const re = folded[at]!;
    const im = folded[at + 1]!;
    const mirrorRe = folded[PACKED - at]!;
    const mirrorIm = folded[PACKED + 1 - at]!;
    const oddRe = im + mirrorIm;
    const oddIm = mirrorRe - re;
    const wRe = turn384[at]!;
    const wIm = turn384[at + 1]!;
    lags[at] = 0.5 * scale * (re + mirrorRe + oddRe * wRe - oddIm * wIm);
    odd -= 0.5 * scale * (im - mirrorIm + oddRe * wIm + oddIm * wRe);
    if (at + 1 < lags.length) lags[at + 1] = odd;
  }
}
