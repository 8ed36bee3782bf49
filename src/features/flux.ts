import { BIN_COUNT } from './fft.ts';

/**
 * Spectral flux: how much the shape of the spectrum changed since the hop before.
 *
 * `flux = ‖X_h / ‖X_h‖ − X_{h−1} / ‖X_{h−1}‖ ‖`, the Euclidean distance of the amplitude spectra of the two hops, each
 * scaled to length 1 (silence stays 0). Unit: ratio, 0 (the same but for loudness) to √2 (no bin in common); 1 from or
 * to silence, as at the first hop of a stream, 0 between silent hops. Shape: one value.
 *
 * Reference: Scheirer and Slaney, _Construction and evaluation of a robust multifeature speech/music discriminator_,
 * ICASSP 1997; Peeters 2004, section 6.2 (spectral variation is half the square of this).
 */
export class Flux {
  readonly #previous = new Float64Array(BIN_COUNT);
  #previousPowerSum = 0;

  /**
   * @param amplitude 257 bins of |X|; kept for the next hop
   * @param powerSum sum of their squares
   */
  update(amplitude: Float64Array, powerSum: number): number {
    const previous = this.#previous;
    const previousPowerSum = this.#previousPowerSum;
    let product = 0;
    for (let k = 0; k < BIN_COUNT; k++) product += amplitude[k]! * previous[k]!;
    previous.set(amplitude);
    this.#previousPowerSum = powerSum;
    if (powerSum === 0 || previousPowerSum === 0) return powerSum === previousPowerSum ? 0 : 1;
    // ‖a − b‖² = 2 − 2 a·b for vectors of length 1; rounding may take it below 0.
    return Math.sqrt(Math.max(0, 2 - (2 * product) / Math.sqrt(powerSum * previousPowerSum)));
  }
}
