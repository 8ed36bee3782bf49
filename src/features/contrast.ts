import { CONTRAST_BANDS } from './descriptors.ts';
import { BIN_COUNT } from './fft.ts';
import { BIN_HZ, POWER_FLOOR } from './spectrum.ts';

export const CONTRAST_LOW_HZ = 200;
export const CONTRAST_QUANTILE = 0.02;

/**
 * First bin of each band: below 200 Hz, the octaves from 200, 400, … and from 6400 Hz to Nyquist. As in librosa a band
 * begins one bin before its edge, and the one before it ends there.
 */
const starts = Int32Array.from({ length: CONTRAST_BANDS + 1 }, (_, band) => {
  if (band === CONTRAST_BANDS) return BIN_COUNT;
  return band === 0 ? 0 : Math.ceil((CONTRAST_LOW_HZ * 2 ** (band - 1)) / BIN_HZ) - 1;
});
/** Whether the quantile of a band is its two outermost bins; in the others it is the outermost. */
const takesTwo = Array.from({ length: CONTRAST_BANDS }, (_, band) => {
  const bins = starts[band + 1]! - starts[band]! + (band < CONTRAST_BANDS - 1 ? 1 : 0);
  return Math.round(CONTRAST_QUANTILE * bins) > 1;
});

/**
 * Spectral contrast: how far the peaks of a band stand above its valleys, in seven bands.
 *
 * `contrast[b] = 10 log10(peak / valley)`, where peak and valley are the means of the strongest and the weakest 2 % of
 * the band's |X|² (at least one bin; at least 10⁻⁸). Bands: below 200 Hz, then octaves from 200 Hz; the last is cut off at Nyquist
 * (6400 to 8000 Hz). Bands and counts are those of librosa's `spectral_contrast`, which by default takes |X| for |X|²
 * and so gives half the dB. Unit: dB. Shape: 7. Silence: zeros.
 *
 * Reference: Jiang et al., _Music type classification by spectral contrast feature_, ICME 2002.
 *
 * @param power 257 bins of |X|²
 * @param out where 7 values are written, from `at` on
 */
export function writeContrast(power: Float64Array, out: Float32Array, at: number): void {
  for (let band = 0; band < CONTRAST_BANDS; band++) {
    const ratio = takesTwo[band]
      ? ratioOfTwo(power, starts[band]!, starts[band + 1]!)
      : ratioOfOne(power, starts[band]!, starts[band + 1]!);
    out[at + band] = 10 * Math.log10(ratio);
  }
}

function ratioOfOne(power: Float64Array, from: number, end: number): number {
  let least = power[from]!;
  let most = least;
  for (let k = from + 1; k < end; k++) {
    const value = power[k]!;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return Math.max(most, POWER_FLOOR) / Math.max(least, POWER_FLOOR);
}

/** Keeps the two least and the two greatest in order: selection in one pass. */
function ratioOfTwo(power: Float64Array, from: number, end: number): number {
  let least = power[from]!;
  let second = Number.POSITIVE_INFINITY;
  let most = least;
  let runnerUp = 0;
  for (let k = from + 1; k < end; k++) {
    const value = power[k]!;
    if (value < second) {
      second = Math.max(least, value);
      least = Math.min(least, value);
    }
    if (value > runnerUp) {
      runnerUp = Math.min(most, value);
      most = Math.max(most, value);
    }
  }
  return Math.max((most + runnerUp) / 2, POWER_FLOOR) / Math.max((least + second) / 2, POWER_FLOOR);
}
