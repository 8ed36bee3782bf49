import { HOP_SAMPLES } from '../audio/index.ts';

/** A hop of a clean recording: no speech, speech, or too near the border to say. */
export type Activity = 0 | 1 | 2;
export const UNSURE = 2;

/** A hop this far below the recording's loud ones holds no speech. */
const RANGE_DB = 35;
/** Speech stands at least this far above the recording's quietest hops, but anything within `SURE_DB` is speech. */
const ABOVE_FLOOR_DB = 8;
const SURE_DB = 20;
const UNSURE_DB = 5;
/** Hops: gaps of stops and between words; what is shorter is a click; the hang-over. */
const LONGEST_GAP = 20;
const SHORTEST_SPEECH = 5;
const HANG_OVER = 6;

/**
 * Which hops of a clean recording hold speech, by their level relative to its loud hops (the 95th percentile), so that
 * the gain does not matter. Gaps up to 200 ms count as speech, and 60 ms after its end.
 */
export function speechActivity(samples: Float32Array): Uint8Array {
  const levels = hopLevels(samples);
  const sorted = [...levels].sort((a, b) => a - b);
  const loud = sorted[Math.floor(0.95 * (sorted.length - 1))]!;
  const quiet = sorted[Math.floor(0.1 * (sorted.length - 1))]!;
  const threshold = Math.max(loud - RANGE_DB, Math.min(quiet + ABOVE_FLOOR_DB, loud - SURE_DB));
  const active = Uint8Array.from(levels, (level) => (level >= threshold ? 1 : 0));
  replaceRuns(active, 1, SHORTEST_SPEECH, 0);
  replaceRuns(active, 0, LONGEST_GAP, 1);
  for (let hop = active.length - 1; hop >= 0; hop--) {
    if (active[hop] !== 1 || active[hop + 1] !== 0) continue;
    active.fill(1, hop + 1, hop + 1 + HANG_OVER);
  }
  return active.map((value, hop) => (value === 0 && levels[hop]! > threshold - UNSURE_DB ? UNSURE : value));
}

/** dB of every whole hop. */
function hopLevels(samples: Float32Array): Float64Array {
  return Float64Array.from({ length: Math.floor(samples.length / HOP_SAMPLES) }, (_, hop) => {
    let sum = 1e-12;
    for (let i = hop * HOP_SAMPLES; i < (hop + 1) * HOP_SAMPLES; i++) sum += samples[i]! ** 2;
    return 10 * Math.log10(sum / HOP_SAMPLES);
  });
}

/** Replaces runs of a value that are shorter than `length` and lie between others. */
function replaceRuns(values: Uint8Array, value: number, length: number, by: number): void {
  let start = 0;
  while (start < values.length) {
    let end = start;
    while (end < values.length && values[end] === values[start]) end++;
    const inside = start > 0 && end < values.length;
    if (values[start] === value && end - start < length && (inside || value === 1)) values.fill(by, start, end);
    start = end;
  }
}
