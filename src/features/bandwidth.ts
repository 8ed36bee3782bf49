import { BIN_COUNT } from './fft.ts';
import { BIN_HZ } from './spectrum.ts';

/**
 * Spectral bandwidth (spread): the standard deviation of frequency about the centroid, weighted by amplitude.
 *
 * `bandwidthHz = √(Σ (f[k] − centroid)² |X[k]| / Σ |X[k]|)`, f[k] = 31.25 k Hz. Unit: Hz, 0 to 4000. Shape: one value.
 * Silence: 0.
 *
 * Reference: Peeters, _A large set of audio features for sound description_, IRCAM 2004, section 6.1.2.
 *
 * @param amplitude 257 bins of |X|
 * @param amplitudeSum their sum
 * @param centroid of the same spectrum, in Hz
 */
export function bandwidthHz(amplitude: Float64Array, amplitudeSum: number, centroid: number): number {
  if (amplitudeSum === 0) return 0;
  const centre = centroid / BIN_HZ;
  let moment = 0;
  for (let k = 0; k < BIN_COUNT; k++) {
    const away = k - centre;
    moment += away * away * amplitude[k]!;
  }
  return BIN_HZ * Math.sqrt(moment / amplitudeSum);
}
