/**
 * The autocorrelation of a frame of real samples by the Wiener–Khinchin theorem, at the cost of three complex
 * transforms of 256 points and no allocation. All tables and buffers are shared by every channel: the core is
 * synchronous, and nothing here outlives a call.
 *
 * The 1024 zero-padded samples are packed into 512 complex ones, split by one radix-2 step into two transforms of 256.
 * The power spectrum is real and even, so its inverse is a cosine transform (DCT-I), which packs into one more of 256
 * (Press et al., Numerical Recipes, 2nd ed., section 12.3; the packing of real data is there too).
 */
const POINTS = 256;
const PACKED = 2 * POINTS;
/** Samples a transform spans; a frame of n samples gives exact lags up to SPAN − n. */
export const SPAN: number = 2 * PACKED;

const cosines = (count: number, step: number): Float64Array =>
  Float64Array.from({ length: count }, (_, k) => Math.cos(step * k));
const sines = (count: number, step: number): Float64Array =>
  Float64Array.from({ length: count }, (_, k) => Math.sin(step * k));

/** e^(−2πik/256), as far as the cube of a twiddle of the first stage reaches. */
const cos256 = cosines(POINTS, (2 * Math.PI) / POINTS);
const sin256 = sines(POINTS, (2 * Math.PI) / POINTS);
const cos512 = cosines(POINTS, (2 * Math.PI) / PACKED);
const sin512 = sines(POINTS, (2 * Math.PI) / PACKED);
const cos1024 = cosines(POINTS + 1, (2 * Math.PI) / SPAN);
const sin1024 = sines(POINTS + 1, (2 * Math.PI) / SPAN);

const evenRe = new Float64Array(POINTS);
const evenIm = new Float64Array(POINTS);
const oddRe = new Float64Array(POINTS);
const oddIm = new Float64Array(POINTS);
const otherRe = new Float64Array(POINTS);
const otherIm = new Float64Array(POINTS);

/** One radix-4 step of a Stockham transform: `stride` interleaved transforms of 256 / stride points, from x to y. */
function radix4(xRe: Float64Array, xIm: Float64Array, yRe: Float64Array, yIm: Float64Array, stride: number): void {
  const quarter = POINTS / 4;
  for (let p = 0, from = 0; from < quarter; p += stride) {
    const w1Re = cos256[p]!;
    const w1Im = -sin256[p]!;
    const w2Re = cos256[2 * p]!;
    const w2Im = -sin256[2 * p]!;
    const w3Re = cos256[3 * p]!;
    const w3Im = -sin256[3 * p]!;
    let to = 4 * from;
    for (const end = from + stride; from < end; from++, to++) {
      const aRe = xRe[from]!;
      const aIm = xIm[from]!;
      const bRe = xRe[from + quarter]!;
      const bIm = xIm[from + quarter]!;
      const cRe = xRe[from + 2 * quarter]!;
      const cIm = xIm[from + 2 * quarter]!;
      const dRe = xRe[from + 3 * quarter]!;
      const dIm = xIm[from + 3 * quarter]!;
      const sumAcRe = aRe + cRe;
      const sumAcIm = aIm + cIm;
      const sumBdRe = bRe + dRe;
      const sumBdIm = bIm + dIm;
      // (a − c) ∓ i(b − d)
      const minusRe = aRe - cRe + (bIm - dIm);
      const minusIm = aIm - cIm - (bRe - dRe);
      const plusRe = aRe - cRe - (bIm - dIm);
      const plusIm = aIm - cIm + (bRe - dRe);
      const crossRe = sumAcRe - sumBdRe;
      const crossIm = sumAcIm - sumBdIm;
      yRe[to] = sumAcRe + sumBdRe;
      yIm[to] = sumAcIm + sumBdIm;
      yRe[to + stride] = w1Re * minusRe - w1Im * minusIm;
      yIm[to + stride] = w1Re * minusIm + w1Im * minusRe;
      yRe[to + 2 * stride] = w2Re * crossRe - w2Im * crossIm;
      yIm[to + 2 * stride] = w2Re * crossIm + w2Im * crossRe;
      yRe[to + 3 * stride] = w3Re * plusRe - w3Im * plusIm;
      yIm[to + 3 * stride] = w3Re * plusIm + w3Im * plusRe;
    }
  }
}

/** The 256-point transform of re + i·im, in place and in order. */
function transform256(re: Float64Array, im: Float64Array): void {
  radix4(re, im, otherRe, otherIm, 1);
  radix4(otherRe, otherIm, re, im, 4);
  radix4(re, im, otherRe, otherIm, 16);
  radix4(otherRe, otherIm, re, im, 64);
}

/** The first radix-2 step: the 512 packed samples become the inputs of the two transforms of even and odd bins. */
function splitPacked(samples: Float64Array): void {
  const pairs = samples.length >> 1;
  const overlap = Math.max(0, pairs - POINTS);
  for (let k = 0; k < overlap; k++) {
    const nearRe = samples[2 * k]!;
    const nearIm = samples[2 * k + 1]!;
    const farRe = samples[2 * (k + POINTS)]!;
    const farIm = samples[2 * (k + POINTS) + 1]!;
    evenRe[k] = nearRe + farRe;
    evenIm[k] = nearIm + farIm;
    const re = nearRe - farRe;
    const im = nearIm - farIm;
    oddRe[k] = re * cos512[k]! + im * sin512[k]!;
    oddIm[k] = im * cos512[k]! - re * sin512[k]!;
  }
  // The packed samples 256 further on are padding here.
  for (let k = overlap; k < POINTS; k++) {
    const re = samples[2 * k]!;
    const im = samples[2 * k + 1]!;
    evenRe[k] = re;
    evenIm[k] = im;
    oddRe[k] = re * cos512[k]! + im * sin512[k]!;
    oddIm[k] = im * cos512[k]! - re * sin512[k]!;
  }
}

/** Half the sum S and half the difference D of the powers of the real bins k and 512 − k, from the packed ones. */
let halfSum = 0;
let halfDifference = 0;
function powersOf(k: number, zRe: number, zIm: number, mirrorRe: number, mirrorIm: number): void {
  const eRe = 0.5 * (zRe + mirrorRe);
  const eIm = 0.5 * (zIm - mirrorIm);
  const oRe = 0.5 * (zIm + mirrorIm);
  const oIm = 0.5 * (mirrorRe - zRe);
  const turnedRe = oRe * cos1024[k]! + oIm * sin1024[k]!;
  const turnedIm = oIm * cos1024[k]! - oRe * sin1024[k]!;
  halfSum = eRe * eRe + eIm * eIm + oRe * oRe + oIm * oIm;
  halfDifference = 2 * (eRe * turnedRe + eIm * turnedIm);
}

const foldedRe = new Float64Array(POINTS);
const foldedIm = new Float64Array(POINTS);

/**
 * Autocorrelation of `samples` (512 to 1024 of them, an even number) at lags 0 to lags.length − 1 (at most 257), into
 * `lags`; lag 0 is the energy: the sum of squares.
 */
export function autocorrelate(samples: Float64Array, lags: Float64Array): void {
  splitPacked(samples);
  transform256(evenRe, evenIm);
  transform256(oddRe, oddIm);
  // Fold the powers P of bins 0 to 512 into the 512 real points y of the cosine transform, packed two by two:
  // y(k) = S − 2 sin(πk/512) D, y(512 − k) = S + 2 sin(πk/512) D. Lag 1 is summed beside it.
  const bin0 = evenRe[0]! + evenIm[0]!;
  const bin512 = evenRe[0]! - evenIm[0]!;
  foldedRe[0] = 0.5 * (bin0 * bin0 + bin512 * bin512);
  let lag1 = 0.5 * (bin0 * bin0 - bin512 * bin512);
  for (let k = 1; k < POINTS; k += 2) {
    const half = k >> 1;
    const mirror = POINTS - 1 - half;
    powersOf(k, oddRe[half]!, oddIm[half]!, oddRe[mirror]!, oddIm[mirror]!);
    let swing = 2 * sin1024[k]! * halfDifference;
    lag1 += 2 * halfDifference * cos1024[k]!;
    foldedIm[half] = halfSum - swing;
    foldedIm[mirror] = halfSum + swing;
    const next = half + 1;
    powersOf(k + 1, evenRe[next]!, evenIm[next]!, evenRe[POINTS - next]!, evenIm[POINTS - next]!);
    swing = 2 * sin1024[k + 1]! * halfDifference;
    lag1 += 2 * halfDifference * cos1024[k + 1]!;
    foldedRe[next] = halfSum - swing;
    foldedRe[POINTS - next] = halfSum + swing;
  }
  foldedRe[POINTS / 2] = halfSum;
  transform256(foldedRe, foldedIm);
  unfold(lags, lag1);
}

/** Lag 2k is the real part of bin k of y; lag 2k + 1 is lag 2k − 1 less its imaginary part. All scaled by 1/512. */
function unfold(lags: Float64Array, lag1: number): void {
  const scale = 1 / PACKED;
  lags[0] = scale * (foldedRe[0]! + foldedIm[0]!);
  let odd = scale * lag1;
  lags[1] = odd;
  for (let k = 1; 2 * k < lags.length; k++) {
    const eRe = 0.5 * (foldedRe[k]! + foldedRe[POINTS - k]!);
    const eIm = 0.5 * (foldedIm[k]! - foldedIm[POINTS - k]!);
    const oRe = 0.5 * (foldedIm[k]! + foldedIm[POINTS - k]!);
    const oIm = 0.5 * (foldedRe[POINTS - k]! - foldedRe[k]!);
    lags[2 * k] = scale * (eRe + oRe * cos512[k]! + oIm * sin512[k]!);
    odd -= scale * (eIm + oIm * cos512[k]! - oRe * sin512[k]!);
    if (2 * k + 1 < lags.length) lags[2 * k + 1] = odd;
  }
}
