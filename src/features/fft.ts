import { type Kernel, kernel, split, spread } from './kernel.ts';

/** Points of the transform. */
export const FFT_SIZE = 512;
/** Bins of the half spectrum, 0 Hz to Nyquist inclusive. */
export const BIN_COUNT: number = FFT_SIZE / 2 + 1;

/** The real transform is a complex one of half the length: two neighbouring samples make one complex number. */
const HALF = FFT_SIZE / 2;
const scratchA = new Float64Array(FFT_SIZE);
const scratchB = new Float64Array(FFT_SIZE);
const firstTwiddles = twiddles(256);
const secondTwiddles = twiddles(64);
const thirdTwiddles = twiddles(16);
/** exp(−2πi k / 512) as re, im, for k from 0 to 128: turns the half-length transform into that of the real signal. */
const unpackTwiddles = Float64Array.from({ length: HALF + 2 }, (_, index) => {
  const angle = (-2 * Math.PI * (index >> 1)) / FFT_SIZE;
  return index % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
});

/**
 * Power spectrum of 512 real samples: `power[k] = |Σ_n x[n] exp(−2πi k n / 512)|²`, unnormalised.
 *
 * Self-sorting (Stockham) radix-4 transform of 256 complex points, so that there is no bit reversal and the input stays
 * as it is. Van Loan, _Computational Frameworks for the Fast Fourier Transform_, SIAM 1992, sections 1.7 and 2.4.
 * In WebAssembly SIMD (assembly/power-spectrum.ts) where there is any, with the same bits.
 *
 * @param samples 512 real samples
 * @param power 257 bins, written; bin k is k · sampleRateHz / 512
 */
export const powerSpectrum: (samples: Float64Array, power: Float64Array) => void =
  kernel === undefined ? powerSpectrumInTypeScript : throughKernel(kernel);

/** The same where there is no SIMD; what the kernel is tested against. */
export function powerSpectrumInTypeScript(samples: Float64Array, power: Float64Array): void {
  firstStage(samples, scratchA);
  middleStage(scratchA, scratchB, 64, 4, secondTwiddles);
  middleStage(scratchB, scratchA, 16, 16, thirdTwiddles);
  lastStage(scratchA, scratchB);
  unpackPower(scratchB, power);
}

function throughKernel({ view, powerSpectrum }: Kernel): (samples: Float64Array, power: Float64Array) => void {
  spread(firstTwiddles, view('FIRST_TURNS', 64 * 3 * 4));
  spread(secondTwiddles, view('SECOND_TURNS', 16 * 3 * 4));
  spread(thirdTwiddles, view('THIRD_TURNS', 4 * 3 * 4));
  split(unpackTwiddles, view('UNPACK_RE', 129), view('UNPACK_IM', 129));
  const input = view('SAMPLES', FFT_SIZE);
  const output = view('POWER', BIN_COUNT);
  return (samples, power) => {
    input.set(samples);
    powerSpectrum();
    power.set(output);
  };
}

/** For each of the `length / 4` butterflies: exp(−2πi p / length), its square and its cube, as re, im. */
function twiddles(length: number): Float64Array {
  const table = new Float64Array((length / 4) * 6);
  for (let p = 0; p < length / 4; p++) {
    for (let power = 1; power <= 3; power++) {
      const angle = (-2 * Math.PI * p * power) / length;
      table[6 * p + 2 * power - 2] = Math.cos(angle);
      table[6 * p + 2 * power - 1] = Math.sin(angle);
    }
  }
  return table;
}

/** Length 256, stride 1. The stages are written out thrice because loops of fixed length run twice as fast. */
function firstStage(x: Float64Array, y: Float64Array): void {
  const w = firstTwiddles;
  for (let p = 0; p < 64; p++) {
    const from = 2 * p;
    const ar = x[from]!;
    const ai = x[from + 1]!;
    const br = x[from + 128]!;
    const bi = x[from + 129]!;
    const cr = x[from + 256]!;
    const ci = x[from + 257]!;
    const dr = x[from + 384]!;
    const di = x[from + 385]!;
    butterfly(y, 8 * p, 2, ar + cr, ai + ci, ar - cr, ai - ci, br + dr, bi + di, br - dr, bi - di, w, 6 * p);
  }
}

function middleStage(x: Float64Array, y: Float64Array, length: number, stride: number, w: Float64Array): void {
  const quarter = (length * stride) / 2;
  for (let p = 0; 4 * p < length; p++) {
    for (let q = 0; q < stride; q++) {
      const from = 2 * (q + stride * p);
      const ar = x[from]!;
      const ai = x[from + 1]!;
      const br = x[from + quarter]!;
      const bi = x[from + quarter + 1]!;
      const cr = x[from + 2 * quarter]!;
      const ci = x[from + 2 * quarter + 1]!;
      const dr = x[from + 3 * quarter]!;
      const di = x[from + 3 * quarter + 1]!;
      const to = 2 * (q + 4 * stride * p);
      butterfly(y, to, 2 * stride, ar + cr, ai + ci, ar - cr, ai - ci, br + dr, bi + di, br - dr, bi - di, w, 6 * p);
    }
  }
}

/** The second half of a radix-4 butterfly: sums and differences in, four twiddled outputs `step` apart out. */
function butterfly(
  y: Float64Array,
  to: number,
  step: number,
  sumACr: number,
  sumACi: number,
  diffACr: number,
  diffACi: number,
  sumBDr: number,
  sumBDi: number,
  diffBDr: number,
  diffBDi: number,
  w: Float64Array,
  at: number,
): void {
  y[to] = sumACr + sumBDr;
  y[to + 1] = sumACi + sumBDi;
  const w1r = w[at]!;
  const w1i = w[at + 1]!;
  const oneR = diffACr + diffBDi;
  const oneI = diffACi - diffBDr;
  y[to + step] = oneR * w1r - oneI * w1i;
  y[to + step + 1] = oneR * w1i + oneI * w1r;
  const w2r = w[at + 2]!;
  const w2i = w[at + 3]!;
  const twoR = sumACr - sumBDr;
  const twoI = sumACi - sumBDi;
  y[to + 2 * step] = twoR * w2r - twoI * w2i;
  y[to + 2 * step + 1] = twoR * w2i + twoI * w2r;
  const w3r = w[at + 4]!;
  const w3i = w[at + 5]!;
  const threeR = diffACr - diffBDi;
  const threeI = diffACi + diffBDr;
  y[to + 3 * step] = threeR * w3r - threeI * w3i;
  y[to + 3 * step + 1] = threeR * w3i + threeI * w3r;
}

/** Length 4, stride 64: all twiddles are one. */
function lastStage(x: Float64Array, y: Float64Array): void {
  for (let at = 0; at < 128; at += 2) {
    const sumACr = x[at]! + x[at + 256]!;
    const sumACi = x[at + 1]! + x[at + 257]!;
    const diffACr = x[at]! - x[at + 256]!;
    const diffACi = x[at + 1]! - x[at + 257]!;
    const sumBDr = x[at + 128]! + x[at + 384]!;
    const sumBDi = x[at + 129]! + x[at + 385]!;
    const diffBDr = x[at + 128]! - x[at + 384]!;
    const diffBDi = x[at + 129]! - x[at + 385]!;
    y[at] = sumACr + sumBDr;
    y[at + 1] = sumACi + sumBDi;
    y[at + 128] = diffACr + diffBDi;
    y[at + 129] = diffACi - diffBDr;
    y[at + 256] = sumACr - sumBDr;
    y[at + 257] = sumACi - sumBDi;
    y[at + 384] = diffACr - diffBDi;
    y[at + 385] = diffACi + diffBDr;
  }
}

/** Splits the half-length transform Z into those of the even (E) and odd (O) samples: X[k] = E[k] + exp(−2πi k/512) O[k]. */
function unpackPower(z: Float64Array, power: Float64Array): void {
  const first = z[0]! + z[1]!;
  const last = z[0]! - z[1]!;
  power[0] = first * first;
  power[HALF] = last * last;
  for (let k = 1; k <= HALF / 2; k++) {
    const re = z[2 * k]!;
    const im = z[2 * k + 1]!;
    const mirrorRe = z[FFT_SIZE - 2 * k]!;
    const mirrorIm = z[FFT_SIZE - 2 * k + 1]!;
    const evenR = (re + mirrorRe) / 2;
    const evenI = (im - mirrorIm) / 2;
    const oddR = (im + mirrorIm) / 2;
    const oddI = (mirrorRe - re) / 2;
    const wr = unpackTwiddles[2 * k]!;
    const wi = unpackTwiddles[2 * k + 1]!;
    const turnedR = oddR * wr - oddI * wi;
    const turnedI = oddR * wi + oddI * wr;
    const lowR = evenR + turnedR;
    const lowI = evenI + turnedI;
    const highR = evenR - turnedR;
    const highI = evenI - turnedI;
    power[k] = lowR * lowR + lowI * lowI;
    power[HALF - k] = highR * highR + highI * highI;
  }
}
