/**
 * Filters of the resampler: a linear-phase low-pass, a sinc under a Kaiser window (J. F. Kaiser, "Nonrecursive digital
 * filter design using the I0-sinh window function", 1974), cut into phases (polyphase form).
 */
export interface ResamplerTable {
  /** Output samples per `decimation` input samples, in lowest terms. */
  readonly interpolation: number;
  readonly decimation: number;
  /** Input samples that an output sample needs from each side of its position. */
  readonly halfTaps: number;
  /** Phases in `taps`: `interpolation` of them, or fewer, between which one interpolates (see `exact`). */
  readonly phases: number;
  readonly exact: boolean;
  /** Phase after phase, `2 · halfTaps` each. One phase more than `phases` when not exact. */
  readonly taps: Float64Array;
  /** Per phase the first tap that is not zero, and the one after the last. */
  readonly firstTap: Int32Array;
  readonly endTap: Int32Array;
}

/** Stop band in dB: 70 dB are promised; the rest is margin for what folds in from several sides. */
const ATTENUATION_DB = 78;
/** The pass band ends at 0.85 of the lower Nyquist frequency and the stop band begins at 1.15 of it. */
const TRANSITION = 0.3;
/** More phases than this are interpolated: the table stays below 700 KiB from any rate of the wire to 16 kHz. */
const MAX_EXACT_PHASES = 640;
/** Linear interpolation between 512 phases errs by at most (π / 512)² / 8 of a tap: −106 dB. */
const INTERPOLATED_PHASES = 512;
/** Tables are shared by all streams of the two rates; odd rates must not fill the memory. */
const MAX_CACHED = 24;

const cache = new Map<string, ResamplerTable>();

/** The table for two rates, shared: the 24 pairs used last are kept. */
export function resamplerTable(fromHz: number, toHz: number): ResamplerTable {
  const key = `${fromHz}>${toHz}`;
  const table = cache.get(key) ?? design(fromHz, toHz);
  cache.delete(key); // to the end: the first key is the one used longest ago
  cache.set(key, table);
  for (const oldest of cache.keys()) {
    if (cache.size <= MAX_CACHED) break;
    cache.delete(oldest);
  }
  return table;
}

function design(fromHz: number, toHz: number): ResamplerTable {
  const divisor = greatestCommonDivisor(fromHz, toHz);
  const interpolation = toHz / divisor;
  const decimation = fromHz / divisor;
  // Lower Nyquist frequency and width of the transition, in cycles per input sample.
  const cutoff = Math.min(fromHz, toHz) / 2 / fromHz;
  const width = TRANSITION * cutoff;
  // Kaiser's estimate of the length: (A − 7.95) / (2.285 · 2π · width).
  const halfLength = (ATTENUATION_DB - 7.95) / (2.285 * 4 * Math.PI * width);
  const halfTaps = Math.ceil(halfLength);
  const beta = 0.1102 * (ATTENUATION_DB - 8.7);

  const exact = interpolation <= MAX_EXACT_PHASES;
  const phases = exact ? interpolation : INTERPOLATED_PHASES;
  const rows = exact ? phases : phases + 1;
  const taps = new Float64Array(rows * 2 * halfTaps);
  const firstTap = new Int32Array(rows);
  const endTap = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const phase = taps.subarray(row * 2 * halfTaps, (row + 1) * 2 * halfTaps);
    fillPhase(phase, row / phases, cutoff, halfLength, beta);
    firstTap[row] = phase.findIndex((tap) => tap !== 0);
    endTap[row] = phase.findLastIndex((tap) => tap !== 0) + 1;
  }
  return { interpolation, decimation, halfTaps, phases, exact, taps, firstTap, endTap };
}

/** Taps for an output sample that lies `fraction` of an input sample after the tap at index `halfTaps − 1`. */
function fillPhase(taps: Float64Array, fraction: number, cutoff: number, halfLength: number, beta: number): void {
  const halfTaps = taps.length / 2;
  let sum = 0;
  for (let index = 0; index < taps.length; index++) {
    const time = index - (halfTaps - 1) - fraction;
    const position = time / halfLength;
    const inside = 1 - position * position;
    taps[index] = inside <= 0 ? 0 : sinc(2 * cutoff * time) * besselI0(beta * Math.sqrt(inside));
    sum += taps[index]!;
  }
  // Each phase passes a constant unchanged; otherwise a constant would come out with images of the input rate.
  for (let index = 0; index < taps.length; index++) taps[index] = taps[index]! / sum;
}

/** sin(πx) / πx, exactly 0 at the whole numbers: from 8 to 16 kHz that makes every second output sample a copy. */
function sinc(x: number): number {
  if (x === 0) return 1;
  return Number.isInteger(x) ? 0 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function besselI0(x: number): number {
  const quarterSquare = (x * x) / 4;
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= quarterSquare / (k * k);
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
