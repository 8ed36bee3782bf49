import { BIN_COUNT } from './fft.ts';
import { BIN_HZ } from './spectrum.ts';

export const ROLLOFF_SHARE = 0.85;

/**
 * Spectral roll-off: the frequency below which 85 % of the amplitude lies.
 *
 * `rolloffHz = f[min{K : Σ_{k ≤ K} |X[k]| ≥ 0.85 Σ |X[k]|}]`, f[k] = 31.25 k Hz. Unit: Hz, 0 to 8000. Shape: one value.
 * Silence: 0.
 *
 * Reference: Scheirer and Slaney, _Construction and evaluation of a robust multifeature speech/music discriminator_,
 * ICASSP 1997; the share, and amplitude for power, as in librosa.
 *
 * @param amplitude 257 bins of |X|
 * @param amplitudeSum their sum
 */
export function rolloffHz(amplitude: Float64Array, amplitudeSum: number): number {
  if (amplitudeSum === 0) return 0;
  const threshold = ROLLOFF_SHARE * amplitudeSum;
  let sum = 0;
  let k = 0;
  for (; k < BIN_COUNT - 1; k++) {
    sum += amplitude[k]!;
    if (sum >= threshold) break;
  }
  return k * BIN_HZ;
}
