import { type PitchResult, PitchTracker } from '../../src/features/pitch.ts';

const HOP = 160;
const FRAME = 640;

export const emptyResult = (): PitchResult => ({ f0Hz: 0, voicing: 0, hnrDb: 0, voiced: false });

/** The 640 samples that end with each whole hop; zeros before the first sample. */
export function framesOf(samples: Float32Array): Float32Array[] {
  const padded = new Float32Array(FRAME - HOP + samples.length);
  padded.set(samples, FRAME - HOP);
  const hops = Math.floor(samples.length / HOP);
  return Array.from({ length: hops }, (_, hop) => padded.subarray(hop * HOP, hop * HOP + FRAME));
}

/** What a fresh tracker says of every hop of a sound at 16 kHz. */
export function trackOf(samples: Float32Array): PitchResult[] {
  const tracker = new PitchTracker();
  return framesOf(samples).map((frame) => {
    const result = emptyResult();
    tracker.track(frame, result);
    return result;
  });
}

/** The results whose frames lie wholly inside a sound that goes on. */
export const settled = (results: readonly PitchResult[]): readonly PitchResult[] => results.slice(FRAME / HOP);

export const share = <T>(items: readonly T[], holds: (item: T) => boolean): number =>
  items.filter(holds).length / items.length;

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
