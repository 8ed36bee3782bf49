import { CHROMA_COUNT } from './descriptors.ts';
import { BIN_HZ } from './spectrum.ts';

export const CHROMA_LOW_HZ = 100;
export const CHROMA_HIGH_HZ = 5000;
const FIRST = Math.ceil(CHROMA_LOW_HZ / BIN_HZ);
const LAST = Math.floor(CHROMA_HIGH_HZ / BIN_HZ);
/** Pitch class of each bin from FIRST on; 0 is C, 9 is A, A4 is 440 Hz. */
const pitchClass = Int32Array.from({ length: LAST - FIRST + 1 }, (_, index) => {
  const semitonesAboveA4 = Math.round(12 * Math.log2(((FIRST + index) * BIN_HZ) / 440));
  return (semitonesAboveA4 + 9 + 10 * CHROMA_COUNT) % CHROMA_COUNT;
});
const profile = new Float64Array(CHROMA_COUNT);

/**
 * Chroma: the power in each of the 12 pitch classes, as a share of the strongest.
 *
 * `profile[c] = Σ |X[k]|²` over the bins k from 100 to 5000 Hz whose nearest equally tempered semitone (A4 = 440 Hz) is
 * of class c; `chroma[c] = profile[c] / max profile`. Class 0 is C. Unit: ratio, 0 to 1. Shape: 12. Silence: zeros.
 * A bin is 31 Hz wide, more than a semitone below 525 Hz: the low classes say where harmonics lie, not which note sounds.
 *
 * Reference: Fujishima, _Realtime chord recognition of musical sound: a system using Common Lisp Music_, ICMC 1999
 * (pitch class profile).
 *
 * @param power 257 bins of |X|²
 * @param out where 12 values are written, from `at` on
 */
export function writeChroma(power: Float64Array, out: Float32Array, at: number): void {
  profile.fill(0);
  for (let index = 0; index < pitchClass.length; index++) {
    const c = pitchClass[index]!;
    profile[c] = profile[c]! + power[FIRST + index]!;
  }
  let strongest = 0;
  for (let c = 0; c < CHROMA_COUNT; c++) strongest = Math.max(strongest, profile[c]!);
  const scale = strongest > 0 ? 1 / strongest : 0;
  for (let c = 0; c < CHROMA_COUNT; c++) out[at + c] = profile[c]! * scale;
}
