import { BIN_COUNT } from './fft.ts';
import { POWER_FLOOR } from './spectrum.ts';

/** The greatest power in the geometric mean: far above any audio, so that no product of a group overflows even when floats are not. */
export const FLATNESS_CEILING = 1e37;
/** Bins whose powers are multiplied before one logarithm is taken. */
const GROUP = 8;

/**
 * Spectral flatness: the geometric over the arithmetic mean of the amplitudes; near 0 for tones, 0.85 for white noise.
 *
 * `flatness = exp((1/257) Σ ln |X[k]|) / ((1/257) Σ |X[k]|)`, with |X| of at least 10⁻⁴ in the logarithm. Unit: ratio,
 * 0 to 1. Shape: one value. Silence: 0.
 *
 * Reference: Johnston, _Transform coding of audio signals using perceptual noise criteria_, IEEE J-SAC 6(2), 1988; on
 * amplitudes, as in Meyda, rather than powers.
 *
 * @param power 257 bins of |X|²
 * @param amplitudeSum sum of |X|
 */
export function flatness(power: Float64Array, amplitudeSum: number): number {
  if (amplitudeSum === 0) return 0;
  let logSum = Math.log(Math.max(power[0]!, POWER_FLOOR));
  for (let k = 1; k < BIN_COUNT; k += GROUP) {
    let product = 1;
    for (let j = k; j < k + GROUP; j++) product *= Math.min(Math.max(power[j]!, POWER_FLOOR), FLATNESS_CEILING);
    logSum += Math.log(product);
  }
  // Half, because these are logarithms of powers.
  return (Math.exp(logSum / (2 * BIN_COUNT)) * BIN_COUNT) / amplitudeSum;
}
