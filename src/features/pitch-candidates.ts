import { type Kernel, kernel } from './kernel.ts';
import { autocorrelate, pitchFrame } from './pitch-fft.ts';

/** Samples of the pitch frame: 40 ms at 16 kHz, three periods of the lowest pitch. */
export const PITCH_FRAME = 640;
const SAMPLE_RATE_HZ = 16_000;
export const FLOOR_HZ = 75;
export const CEILING_HZ = 500;
const SHORTEST_LAG = SAMPLE_RATE_HZ / CEILING_HZ;
const LONGEST_LAG = Math.ceil(SAMPLE_RATE_HZ / FLOOR_HZ);
const CENTRE = PITCH_FRAME / 2;
/** Samples of one period of the lowest pitch, even. */
const PERIOD = 212;
/** Sum of squares below which a frame is digital silence. */
const LEAST_ENERGY = 1e-20;

/**
 * What lies a little beyond an end of the range counts as that end. More at the top, where a voice that begins is
 * measured too high, and would be taken for one an octave lower.
 */
const LOWEST_HZ = FLOOR_HZ * 0.998;
const HIGHEST_HZ = CEILING_HZ * 1.01;
/** Peaks lower than this are no candidates (half the voicing threshold, as in Praat). */
const LEAST_STRENGTH = 0.225;
/** Candidates a hop keeps: the strongest, octave cost counted. */
export const MOST_CANDIDATES = 8;
const OCTAVE_BONUS = 0.02;

/** Interpolation between lags: a sinc of 2 · REACH taps under a raised cosine, in PHASES steps of a lag. */
const REACH = 12;
const PHASES = 64;
const TAPS = 2 * REACH + 1;
const FIRST_LAG = SHORTEST_LAG - REACH;
const LAGS = LONGEST_LAG + REACH + 1;

/** Hann, symmetric about the centre of the frame. */
const window = Float64Array.from(
  { length: PITCH_FRAME },
  (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / PITCH_FRAME),
);
/** One over the window's own autocorrelation, lag 0 being 1. */
const correction = Float64Array.from(window.subarray(0, LAGS), (_, lag) => {
  let shifted = 0;
  for (let i = lag; i < PITCH_FRAME; i++) shifted += window[i]! * window[i - lag]!;
  return (0.375 * PITCH_FRAME) / shifted;
});
/** A row of taps per phase, for the value at (phase − PHASES / 2) / PHASES past the centre tap. */
const taps = Float64Array.from({ length: (PHASES + 1) * TAPS }, (_, index) => {
  const phase = Math.floor(index / TAPS);
  const distance = (index % TAPS) - REACH - (phase - PHASES / 2) / PHASES;
  if (distance === 0) return 1;
  const angle = Math.PI * distance;
  return (Math.sin(angle) / angle) * (0.5 + 0.5 * Math.cos(angle / (REACH + 0.5)));
});

const windowed = pitchFrame;
const lags = new Float64Array(LAGS);
const merit = new Float64Array(MOST_CANDIDATES);

/** What a frame says about its pitch. */
export interface Candidates {
  count: number;
  /** Of each candidate its frequency, */
  readonly hz: Float64Array;
  /** its octaves above 1 Hz */
  readonly octave: Float64Array;
  /** and its strength: the autocorrelation at its period, at most 1. */
  readonly strength: Float64Array;
  /** The greatest strength, 0 without candidates. */
  strongest: number;
  /** The greatest magnitude within half a period of the lowest pitch around the centre, less the local mean. */
  peak: number;
}

/** The candidates of the last frame, of whichever channel: read them before the next. */
export const candidates: Candidates = {
  count: 0,
  hz: new Float64Array(MOST_CANDIDATES),
  octave: new Float64Array(MOST_CANDIDATES),
  strength: new Float64Array(MOST_CANDIDATES),
  strongest: 0,
  peak: 0,
};

/** Finds the candidates of a frame of 640 samples and leaves them in `candidates`. */
export function findCandidates(frame: Float32Array): void {
  candidates.count = 0;
  candidates.strongest = 0;
  candidates.peak = windowFrame(frame);
  autocorrelate(windowed, lags);
  const energy = lags[0]!;
  if (energy < LEAST_ENERGY) return;
  const scale = 1 / energy;
  for (let lag = FIRST_LAG; lag < LAGS; lag++) lags[lag] = lags[lag]! * scale * correction[lag]!;
  let before = lags[SHORTEST_LAG - 1]!;
  let here = lags[SHORTEST_LAG]!;
  for (let lag = SHORTEST_LAG; lag <= LONGEST_LAG; lag++) {
    const after = lags[lag + 1]!;
    if (here > LEAST_STRENGTH && here > before && here >= after) keepPeak(lag);
    before = here;
    here = after;
  }
}

/** Takes the mean of the two longest periods around the centre off, applies the window and returns the peak. */
export const windowFrame: (frame: Float32Array) => number =
  kernel === undefined ? windowFrameInTypeScript : throughKernel(kernel);

function throughKernel({ view, view32, windowFrame }: Kernel): (frame: Float32Array) => number {
  view('WINDOW', PITCH_FRAME).set(window);
  const sound = view32('SOUND', PITCH_FRAME);
  return (frame) => {
    sound.set(frame);
    return windowFrame();
  };
}

/** The same where there is no SIMD; what the kernel is tested against. */
export function windowFrameInTypeScript(frame: Float32Array): number {
  // Four at a time: one sum would wait for each addition, and the window takes half as long so.
  let mean0 = 0;
  let mean1 = 0;
  let mean2 = 0;
  let mean3 = 0;
  for (let i = CENTRE - PERIOD; i < CENTRE + PERIOD; i += 4) {
    mean0 += frame[i]!;
    mean1 += frame[i + 1]!;
    mean2 += frame[i + 2]!;
    mean3 += frame[i + 3]!;
  }
  const mean = (mean0 + mean1 + mean2 + mean3) / (2 * PERIOD);
  for (let i = 0; i < PITCH_FRAME; i += 4) {
    windowed[i] = (frame[i]! - mean) * window[i]!;
    windowed[i + 1] = (frame[i + 1]! - mean) * window[i + 1]!;
    windowed[i + 2] = (frame[i + 2]! - mean) * window[i + 2]!;
    windowed[i + 3] = (frame[i + 3]! - mean) * window[i + 3]!;
  }
  let peak = 0;
  for (let i = CENTRE - PERIOD / 2; i < CENTRE + PERIOD / 2; i++) peak = Math.max(peak, Math.abs(windowed[i]!));
  return peak;
}

/** Interpolates the peak at `lag` and keeps it, in the place of the least if there are too many. */
function keepPeak(lag: number): void {
  const before = lags[lag - 1]!;
  const here = lags[lag]!;
  const after = lags[lag + 1]!;
  const offset = (0.5 * (after - before)) / (2 * here - before - after);
  const found = SAMPLE_RATE_HZ / (lag + offset);
  if (found < LOWEST_HZ || found > HIGHEST_HZ) return;
  const hz = Math.min(CEILING_HZ, Math.max(FLOOR_HZ, found));
  const strength = interpolate(lag, offset);
  const octave = Math.log2(hz);
  const value = strength + OCTAVE_BONUS * octave;
  let place = candidates.count;
  if (place < MOST_CANDIDATES) candidates.count++;
  else {
    place = 0;
    for (let i = 1; i < MOST_CANDIDATES; i++) if (merit[i]! < merit[place]!) place = i;
    if (value <= merit[place]!) return;
  }
  merit[place] = value;
  candidates.hz[place] = hz;
  candidates.octave[place] = octave;
  candidates.strength[place] = strength;
  candidates.strongest = Math.max(candidates.strongest, strength);
}

/** The band-limited autocorrelation at lag + offset; the correction can lift it over 1, and it is then folded back. */
function interpolate(lag: number, offset: number): number {
  let tap = Math.round((offset + 0.5) * PHASES) * TAPS;
  let sum = 0;
  for (let i = lag - REACH; i <= lag + REACH; i++, tap++) sum += lags[i]! * taps[tap]!;
  return sum > 1 ? 1 / sum : sum;
}
