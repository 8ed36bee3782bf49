import { BIN_HZ, POWER_FLOOR } from './spectrum.ts';

export const SLOPE_LOW_HZ = 300;
export const SLOPE_HIGH_HZ = 3400;
const FIRST = Math.ceil(SLOPE_LOW_HZ / BIN_HZ);
const LAST = Math.floor(SLOPE_HIGH_HZ / BIN_HZ);
const CENTRE = (FIRST + LAST) / 2;
/** Least squares over equidistant points: a weighted sum of the values. These weights take ln power to dB per kHz. */
const weights = Float64Array.from({ length: LAST - FIRST + 1 }, (_, index) => FIRST + index - CENTRE);
const spread = weights.reduce((sum, weight) => sum + weight * weight, 0);
const scale = (10 / Math.LN10 / (spread * BIN_HZ)) * 1000;

/**
 * Spectral slope: how fast the spectrum falls, in dB per kHz.
 *
 * `slope = Σ (f[k] − f̄)(L[k] − L̄) / Σ (f[k] − f̄)²`, the least-squares line through the levels
 * `L[k] = 10 log10 max(10⁻⁸, |X[k]|²)` of the bins from 300 to 3400 Hz, f in kHz: the band that a telephone passes,
 * so that a call and a studio recording are comparable. Unit: dB per kHz, normally −40 to 40. Shape: one value.
 * Silence: 0.
 *
 * Reference: Peeters, _A large set of audio features for sound description_, IRCAM 2004, section 6.1.6; in dB as in
 * Eyben et al., _The Geneva minimalistic acoustic parameter set_, IEEE Trans. Affective Computing 7(2), 2016.
 *
 * @param power 257 bins of |X|²
 */
export function slope(power: Float64Array): number {
  // Bins equally far from the centre have opposite weights: one logarithm of their ratio serves both.
  let sum = 0;
  for (let low = FIRST, high = LAST; low < high; low++, high--) {
    const ratio = Math.max(power[high]!, POWER_FLOOR) / Math.max(power[low]!, POWER_FLOOR);
    sum += (high - CENTRE) * Math.log(ratio);
  }
  return sum * scale;
}
