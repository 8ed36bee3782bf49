/** The loudest a stream is taken to be before it has spoken, and the least it is ever taken to be (full scale is 1). */
const START_PEAK = 0.02;
const LEAST_PEAK = 0.015;
/** Per hop: the peak is forgotten with a time constant of 50 s. */
const PEAK_DECAY = 0.9998;
/** A hop raises the peak only when its autocorrelation is at least this: clicks and bursts of noise do not. */
const PERIODIC = 0.5;
/** Silence is below this share of the peak, or below NOISE_MARGIN times the noise floor, which counts up to NOISE_CAP. */
const SILENCE = 0.035;
const NOISE_MARGIN = 1.75;
const NOISE_CAP = 0.25;
/** The noise floor falls to a lower level in about 6 hops and rises by 1.7 dB a second; fast in the first half second. */
const FLOOR_FALL = 0.15;
const FLOOR_RISE = 1.002;
const FIRST_RISE = 1.15;
const FIRST_HOPS = 50;
const LEAST_FLOOR = 1e-4;

/**
 * How loud a channel has been: a running peak in place of Praat's peak of the whole sound, which a stream does not know
 * yet, and a running noise floor, so that the murmur of an office between words is no voice. Levels are magnitudes.
 */
export class PitchLevel {
  #peak = START_PEAK;
  #floor = LEAST_FLOOR;
  #hops = 0;

  /** Takes one hop's peak and its best autocorrelation, and returns its level as a multiple of the silence threshold. */
  overSilence(level: number, strongest: number): number {
    const decayed = Math.max(LEAST_PEAK, this.#peak * PEAK_DECAY);
    this.#peak = strongest > PERIODIC ? Math.max(level, decayed) : decayed;
    const rise = this.#hops < FIRST_HOPS ? FIRST_RISE : FLOOR_RISE;
    if (this.#hops < FIRST_HOPS) this.#hops++;
    const floor =
      level < this.#floor ? this.#floor + FLOOR_FALL * (level - this.#floor) : Math.min(level, this.#floor * rise);
    this.#floor = Math.max(LEAST_FLOOR, floor);
    const noise = Math.min(NOISE_MARGIN * this.#floor, NOISE_CAP * this.#peak);
    return level / Math.max(SILENCE * this.#peak, noise);
  }
}
