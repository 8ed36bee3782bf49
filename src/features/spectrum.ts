import { BIN_COUNT, FFT_SIZE, powerSpectrum } from './fft.ts';

export const SAMPLE_RATE_HZ = 16_000;
/** Samples of the frame that comes in, 40 ms: the pitch frame. */
export const PITCH_FRAME_SAMPLES = 640;
/** Samples of the spectral frame, 25 ms: the last of the pitch frame. */
export const SPECTRAL_FRAME_SAMPLES = 400;
export const BIN_HZ: number = SAMPLE_RATE_HZ / FFT_SIZE;
/** A frame whose mean square is not above this is silent: −100 dB re full scale, a third of a 16-bit step. */
export const SILENCE_MEAN_SQUARE = 1e-10;
/**
 * The least power of a bin where a logarithm or a ratio is taken: about the rounding noise of 16-bit samples, whose
 * power is 150 / (12 · 32768²) = 1.2 · 10⁻⁸. Below it lies only what a resampler left over.
 */
export const POWER_FLOOR = 1e-8;

/** Periodic Hann window, `w[n] = 0.5 − 0.5 cos(2π n / 400)`. */
const hann = Float64Array.from(
  { length: SPECTRAL_FRAME_SAMPLES },
  (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / SPECTRAL_FRAME_SAMPLES),
);

// Places of the sums.
const MEAN_SQUARE = 0;
const AMPLITUDE = 1;
const POWER = 2;

/**
 * The spectrum of a hop, which all spectral descriptors share. Its arrays are overwritten by the next `analyze`.
 *
 * The frame is the last 400 samples (25 ms) of the pitch frame, less their mean: a line with a DC offset must not read
 * as loud, nor hide its zero crossings. There is no pre-emphasis: it would only add a constant to every log-mel band.
 * The frame is windowed (periodic Hann) and zero-padded to 512. Nothing is normalised: a full-scale sine has a power
 * of 10⁴ in its bin, and white noise 150 times its variance.
 *
 * A silent frame (at most −100 dB) has a spectrum of zeros, so that the descriptors of rounding noise are defined.
 */
export class Spectrum {
  /** The 400 samples less their mean, not windowed. */
  readonly centred: Float32Array = new Float32Array(SPECTRAL_FRAME_SAMPLES);
  /** |X|², 257 bins. */
  readonly power: Float64Array = new Float64Array(BIN_COUNT);
  /** |X|, 257 bins. */
  readonly amplitude: Float64Array = new Float64Array(BIN_COUNT);
  /** Numbers in an array: as fields they would be objects, a new one at every step of a loop that adds to them. */
  readonly #sums = new Float64Array(3);
  readonly #windowed = new Float64Array(FFT_SIZE);

  /** Mean of the squares of `centred`, from 0 to 1. */
  get meanSquare(): number {
    return this.#sums[MEAN_SQUARE]!;
  }

  /** Sum of `amplitude`. */
  get amplitudeSum(): number {
    return this.#sums[AMPLITUDE]!;
  }

  /** Sum of `power`. */
  get powerSum(): number {
    return this.#sums[POWER]!;
  }

  /** @param frame 640 samples at 16 kHz, the 40 ms that end with the hop; normally from −1 to 1 */
  analyze(frame: Float32Array): void {
    this.#centre(frame);
    if (this.meanSquare <= SILENCE_MEAN_SQUARE) {
      this.#silence();
      return;
    }
    powerSpectrum(this.#windowed, this.power);
    addUp(this.power, this.amplitude, this.#sums);
  }

  #centre(frame: Float32Array): void {
    const skipped = PITCH_FRAME_SAMPLES - SPECTRAL_FRAME_SAMPLES;
    let sum = 0;
    for (let n = 0; n < SPECTRAL_FRAME_SAMPLES; n++) sum += frame[skipped + n]!;
    const mean = sum / SPECTRAL_FRAME_SAMPLES;
    const centred = this.centred;
    const windowed = this.#windowed;
    let squares = 0;
    for (let n = 0; n < SPECTRAL_FRAME_SAMPLES; n++) {
      // The + 0 makes a negative zero positive: the zero-crossing rate reads sign bits.
      const sample = frame[skipped + n]! - mean + 0;
      centred[n] = sample;
      windowed[n] = sample * hann[n]!;
      squares += sample * sample;
    }
    this.#sums[MEAN_SQUARE] = squares / SPECTRAL_FRAME_SAMPLES;
  }

  #silence(): void {
    this.centred.fill(0);
    this.power.fill(0);
    this.amplitude.fill(0);
    this.#sums.fill(0);
  }
}

/** Amplitudes from powers, and the sums of both. */
function addUp(power: Float64Array, amplitude: Float64Array, sums: Float64Array): void {
  let powerSum = power[0]!;
  let amplitudeSum = Math.sqrt(powerSum);
  amplitude[0] = amplitudeSum;
  for (let k = 1; k < BIN_COUNT; k++) {
    const squared = power[k]!;
    const magnitude = Math.sqrt(squared);
    amplitude[k] = magnitude;
    powerSum += squared;
    amplitudeSum += magnitude;
  }
  sums[POWER] = powerSum;
  sums[AMPLITUDE] = amplitudeSum;
}
