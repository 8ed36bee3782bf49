import { BIN_COUNT } from './fft.ts';
import { BIN_HZ } from './spectrum.ts';

/**
 * Spectral centroid: the mean frequency, weighted by amplitude.
 *
 * `centroidHz = Σ f[k] |X[k]| / Σ |X[k]|`, f[k] = 31.25 k Hz. Unit: Hz, 0 to 8000. Shape: one value. Silence: 0.
 *
 * Reference: Peeters, _A large set of audio features for sound description_, IRCAM 2004, section 6.1.1.
 *
 * @param amplitude 257 bins of |X|
 * @param amplitudeSum their sum
 */
export function centroidHz(amplitude: Float64Array, amplitudeSum: number): number {
  if (amplitudeSum === 0) return 0;
  let moment = 0;
  for (let k = 1; k < BIN_COUNT; k++) moment += k * amplitude[k]!;
  return (BIN_HZ * moment) / amplitudeSum;
}
