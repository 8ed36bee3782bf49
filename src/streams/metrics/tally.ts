import { EMOTIONS } from '../../emotions.ts';
import type { MoodAverage } from '../../protocol/index.ts';
import type { MeteredWindow } from './metered-window.ts';

/**
 * Sums over windows, as one row of numbers: the call so far, the last 30 s, a slot of time and the first 20 s of speech are
 * all sums of the same rows. A mean is one column over another.
 */
export type Tally = Float64Array;

const MS = 0;
const LABELLED_MS = 1;
const AROUSAL = 2;
const VALENCE = 3;
const EMOTION = 4;
const LEVEL_MS = EMOTION + EMOTIONS.length;
const LEVEL = LEVEL_MS + 1;
const PITCH_MS = LEVEL + 1;
const PITCH = PITCH_MS + 1;
const RATE_MS = PITCH + 1;
const SYLLABLES = RATE_MS + 1;
export const TALLY_LENGTH = SYLLABLES + 1;

export const newTally = (): Tally => new Float64Array(TALLY_LENGTH);

/** The row of a window that added `addedMs` to the one before it, written over `out`. */
export function tallyWindow(window: MeteredWindow, addedMs: number, out: Tally): void {
  out.fill(0);
  out[MS] = addedMs;
  if (window.label !== 'unknown') {
    out[LABELLED_MS] = addedMs;
    out[AROUSAL] = window.arousal * addedMs;
    out[VALENCE] = window.valence * addedMs;
    out[EMOTION + EMOTIONS.indexOf(window.label)] = addedMs;
  }
  const { added } = window;
  if (added === undefined || added.speechMs === 0) return;
  if (added.levelDb !== null) {
    out[LEVEL_MS] = added.speechMs;
    out[LEVEL] = added.levelDb * added.speechMs;
  }
  if (added.pitchSemitones !== null) {
    out[PITCH_MS] = added.speechMs;
    out[PITCH] = added.pitchSemitones * added.speechMs;
  }
  out[RATE_MS] = added.speechMs;
  out[SYLLABLES] = added.syllables;
}

/** sum += share · row, which stands in `rows` from `offset` on. */
export function accumulate(sum: Tally, rows: Float64Array, share = 1, offset = 0): void {
  for (let column = 0; column < TALLY_LENGTH; column += 1) sum[column]! += share * rows[offset + column]!;
}

/** The sum of several. */
export function total(tallies: readonly Tally[]): Tally {
  const sum = newTally();
  for (const tally of tallies) accumulate(sum, tally);
  return sum;
}

const ratio = (tally: Tally, sum: number, weight: number): number | null =>
  tally[weight]! > 0 ? tally[sum]! / tally[weight]! : null;

/** Labelled time over time; 0 where there is none. */
export const coverageOf = (tally: Tally): number => ratio(tally, LABELLED_MS, MS) ?? 0;

export const speechMsOf = (tally: Tally): number => tally[RATE_MS]!;

export function moodOf(tally: Tally): MoodAverage {
  const labelledMs = tally[LABELLED_MS]!;
  const shares = EMOTIONS.flatMap((emotion, index) => {
    const ms = tally[EMOTION + index]!;
    return ms > 0 ? [[emotion, ms / labelledMs] as const] : [];
  });
  return {
    labelledMs,
    arousal: ratio(tally, AROUSAL, LABELLED_MS),
    valence: ratio(tally, VALENCE, LABELLED_MS),
    shares: Object.fromEntries(shares),
  };
}

export interface VoiceMeans {
  readonly levelDb: number | null;
  readonly pitchSemitones: number | null;
  readonly syllablesPerSecond: number | null;
}

export function voiceOf(tally: Tally): VoiceMeans {
  const perMs = ratio(tally, SYLLABLES, RATE_MS);
  return {
    levelDb: ratio(tally, LEVEL, LEVEL_MS),
    pitchSemitones: ratio(tally, PITCH, PITCH_MS),
    syllablesPerSecond: perMs === null ? null : perMs * 1000,
  };
}
