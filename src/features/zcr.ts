import { SPECTRAL_FRAME_SAMPLES } from './spectrum.ts';

const words = new Int32Array(SPECTRAL_FRAME_SAMPLES);
const samples = new Float32Array(words.buffer);

/**
 * Zero-crossing rate: how often the sign changes from one sample to the next.
 *
 * `zcr = #{n ≥ 1 : (x[n] < 0) ≠ (x[n − 1] < 0)} / 399`, of the frame less its mean, not windowed. Unit: crossings per
 * sample, 0 to 1; times 8000 is the frequency of a sine that crosses as often. Shape: one value. Silence: 0.
 *
 * Reference: Gouyon, Pachet and Delerue, _On the use of zero-crossing rate for an application of classification of
 * percussive sounds_, DAFx 2000.
 *
 * @param centred 400 samples, free of negative zeros
 */
export function zeroCrossingRate(centred: Float32Array): number {
  // A sign bit costs no branch, and in noise every other branch would be mispredicted.
  samples.set(centred);
  let crossings = 0;
  let previous = words[0]!;
  for (let n = 1; n < SPECTRAL_FRAME_SAMPLES; n++) {
    const current = words[n]!;
    crossings += (current ^ previous) >>> 31;
    previous = current;
  }
  return crossings / (SPECTRAL_FRAME_SAMPLES - 1);
}
