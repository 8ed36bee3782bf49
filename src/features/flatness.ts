import { BIN_COUNT } from './fft.ts';
import { POWER_FLOOR } from './spectrum.ts';

/** The least amplitude in the geometric mean: one empty bin must not make the whole 0. */
const FLOOR = Math.sqrt(POWER_FLOOR);

/**
 * Spectral flatness: the geometric over the arithmetic mean of the amplitudes; near 0 for tones, 0.85 for white noise.
 *
 * `flatness = exp((1/257) Σ ln |X[k]|) / ((1/257) Σ |X[k]|)`, with |X| of at least 10⁻⁴ in the logarithm. Unit: ratio,
 * 0 to 1. Shape: one value. Silence: 0.
 *
 * Reference: Johnston, _Transform coding of audio signals using perceptual noise criteria_, IEEE J-SAC 6(2), 1988; on
 * amplitudes, as in Meyda, rather than powers.
 *
 * @param amplitude 257 bins of |X|
 * @param amplitudeSum their sum
 */
export function flatness(amplitude: Float64Array, amplitudeSum: number): number {
  if (amplitudeSum === 0) return 0;
  let logSum = Math.log(floored(amplitude[0]!));
  // One logarithm for four bins: from floats of any size, four amplitudes multiply to at most 10¹⁶⁴.
  for (let k = 1; k < BIN_COUNT; k += 4) {
    const lower = floored(amplitude[k]!) * floored(amplitude[k + 1]!);
    const upper = floored(amplitude[k + 2]!) * floored(amplitude[k + 3]!);
    logSum += Math.log(lower * upper);
  }
  return (Math.exp(logSum / BIN_COUNT) * BIN_COUNT) / amplitudeSum;
}

const floored = (amplitude: number): number => Math.max(amplitude, FLOOR);
