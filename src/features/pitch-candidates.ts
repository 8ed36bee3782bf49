import { autocorrelate, SPAN } from './pitch-fft.ts';

/** Samples of the pitch frame: 40 ms at 16 kHz, three periods of the lowest pitch. */
export const PITCH_FRAME = 640;
const SAMPLE_RATE_HZ = 16_000;
export const FLOOR_HZ = 75;
export const CEILING_HZ = 500;
const SHORTEST_LAG = SAMPLE_RATE_HZ / CEILING_HZ;
const LONGEST_LAG = Math.floor(SAMPLE_RATE_HZ / FLOOR_HZ);
/** Samples of one period of the lowest pitch. */
const PERIOD = Math.round(SAMPLE_RATE_HZ / FLOOR_HZ);

/** Peaks lower than this are no candidates (half the voicing threshold, as in Praat). */
const LEAST_STRENGTH = 0.225;
/** Candidates a hop keeps: the strongest, octave cost counted. */
export const MOST_CANDIDATES = 8;
const OCTAVE_COST = 0.01;

/** Interpolation between lags: a sinc of 2 · REACH taps under a raised cosine, in PHASES steps of a lag. */
const REACH = 12;
const PHASES = 64;
const LAGS = LONGEST_LAG + REACH + 2;

/** Boersma's Hann window over the frame, symmetric about its centre, 20 ms before its end. */
const window = Float64Array.from(
  { length: PITCH_FRAME },
  (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / PITCH_FRAME),
);
/** One over the normalised autocorrelation of the window, per lag. */
const correction = Float64Array.from({ length: LAGS }, (_, lag) => {
  let energy = 0;
  let shifted = 0;
  for (let i = 0; i < PITCH_FRAME; i++) {
    energy += window[i]! * window[i]!;
    if (i + lag < PITCH_FRAME) shifted += window[i]! * window[i + lag]!;
  }
  return energy / shifted;
});
/** Row `phase`: the taps for a lag (phase − PHASES / 2) / PHASES past the centre tap. */
const taps = Float64Array.from({ length: (PHASES + 1) * (2 * REACH + 1) }, (_, index) => {
  const phase = Math.floor(index / (2 * REACH + 1));
  const distance = (index % (2 * REACH + 1)) - REACH - (phase - PHASES / 2) / PHASES;
  if (Math.abs(distance) >= REACH + 0.5) return 0;
  if (distance === 0) return 1;
  const angle = Math.PI * distance;
  return (Math.sin(angle) / angle) * (0.5 + 0.5 * Math.cos(angle / (REACH + 0.5)));
});

const windowed = new Float64Array(PITCH_FRAME);
const lags = new Float64Array(LAGS);

/** What a frame says about its pitch; shared by all channels, valid until the next frame. */
export interface Candidates {
  count: number;
  /** Hz, strength (0 to 1) and octaves above 1 Hz of each candidate. */
  readonly hz: Float64Array;
  readonly strength: Float64Array;
  readonly octave: Float64Array;
  /** Largest magnitude within half a period of the lowest pitch around the centre, without the local mean. */
  peak: number;
}

export const candidates: Candidates = {
  count: 0,
  hz: new Float64Array(MOST_CANDIDATES),
  strength: new Float64Array(MOST_CANDIDATES),
  octave: new Float64Array(MOST_CANDIDATES),
  peak: 0,
};
const rank = new Float64Array(MOST_CANDIDATES);

/** Finds the candidates of a frame of 640 samples and leaves them in `candidates`. */
export function findCandidates(frame: Float32Array): void {
  candidates.count = 0;
  windowFrame(frame);
  autocorrelate(windowed, lags);
  const energy = lags[0]!;
  if (!(energy > 1e-20)) return;
  const scale = 1 / energy;
  for (let lag = 1; lag < LAGS; lag++) lags[lag] = lags[lag]! * scale * correction[lag]!;
  lags[0] = 1;
  let before = lags[SHORTEST_LAG - 1]!;
  let here = lags[SHORTEST_LAG]!;
  for (let lag = SHORTEST_LAG; lag <= LONGEST_LAG; lag++) {
    const after = lags[lag + 1]!;
    if (here > LEAST_STRENGTH && here > before && here >= after) keepPeak(lag, before, here, after);
    before = here;
    here = after;
  }
}

function windowFrame(frame: Float32Array): void {
  const centre = PITCH_FRAME / 2;
  let mean = 0;
  for (let i = centre - PERIOD; i < centre + PERIOD; i++) mean += frame[i]!;
  mean /= 2 * PERIOD;
  for (let i = 0; i < PITCH_FRAME; i++) windowed[i] = (frame[i]! - mean) * window[i]!;
  let peak = 0;
  for (let i = centre - (PERIOD >> 1); i < centre + (PERIOD >> 1); i++) {
    const magnitude = Math.abs(windowed[i]!);
    if (magnitude > peak) peak = magnitude;
  }
  candidates.peak = peak;
}

/** Interpolates the peak at `lag` and keeps it, in the place of the weakest if there are too many. */
function keepPeak(lag: number, before: number, here: number, after: number): void {
  const offset = (0.5 * (after - before)) / (2 * here - before - after);
  const hz = SAMPLE_RATE_HZ / (lag + offset);
  if (hz < FLOOR_HZ || hz > CEILING_HZ) return;
  const strength = interpolate(lag, offset);
  const octave = Math.log2(hz);
  const merit = strength + OCTAVE_COST * octave;
  let place = candidates.count;
  if (place < MOST_CANDIDATES) candidates.count++;
  else {
    place = 0;
    for (let i = 1; i < MOST_CANDIDATES; i++) if (rank[i]! < rank[place]!) place = i;
    if (merit <= rank[place]!) return;
  }
  rank[place] = merit;
  candidates.hz[place] = hz;
  candidates.strength[place] = strength;
  candidates.octave[place] = octave;
}

/** The band-limited autocorrelation between lags; noise in short frames can lift it over 1, and is then folded back. */
function interpolate(lag: number, offset: number): number {
  let tap = Math.round((offset + 0.5) * PHASES) * (2 * REACH + 1);
  let sum = 0;
  for (let i = lag - REACH; i <= lag + REACH; i++, tap++) sum += lags[i]! * taps[tap]!;
  return sum > 1 ? 1 / sum : sum;
}

if (PITCH_FRAME + LAGS > SPAN) throw new RangeError('the transform is too short for the longest lag');
