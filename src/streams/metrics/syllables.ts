/** A peak rises and falls by this much, dB. */
const DIP_DB = 2;
/** And lies within this of the loudest speech of late, dB; that falls by so much a hop. */
const RANGE_DB = 25;
const FADE_DB = 0.01;
/** Weights of the smoothed power over five hops (sum 1): 50 ms, about what Praat's intensity averages over. */
const SMOOTHING = [1 / 9, 2 / 9, 3 / 9, 2 / 9, 1 / 9] as const;
const DELAY = 2;

/**
 * Counts syllable nuclei: voiced peaks of the level with a dip on both sides (de Jong & Wempe 2009, "Praat script to detect
 * syllable nuclei and measure speech rate automatically"), hop by hop and without looking ahead. A nucleus is counted when
 * the level has fallen after it.
 */
export class SyllableCounter {
  /** The last five powers and whether they were voiced; the newest stands at `#next` − 1. */
  readonly #power = new Float64Array(SMOOTHING.length);
  readonly #voiced = new Uint8Array(SMOOTHING.length);
  #next = 0;
  #loudestDb = Number.NEGATIVE_INFINITY;
  #valleyDb = Number.POSITIVE_INFINITY;
  /** The peak that has risen from the valley; none while −∞. */
  #peakDb = Number.NEGATIVE_INFINITY;
  #peakVoiced = false;

  /** Takes a hop; true where it shows that a nucleus was just passed. */
  push(levelDb: number, voiced: boolean): boolean {
    const size = SMOOTHING.length;
    this.#power[this.#next] = 10 ** (levelDb / 10);
    this.#voiced[this.#next] = voiced ? 1 : 0;
    this.#next = (this.#next + 1) % size;
    let power = 1e-12;
    for (let age = 0; age < size; age += 1) power += SMOOTHING[age]! * this.#power[(this.#next + age) % size]!;
    const smoothDb = 10 * Math.log10(power);
    return this.#pass(smoothDb, this.#voiced[(this.#next + DELAY) % size] === 1);
  }

  #pass(levelDb: number, voiced: boolean): boolean {
    this.#loudestDb = Math.max(levelDb, this.#loudestDb - FADE_DB);
    if (this.#peakDb === Number.NEGATIVE_INFINITY) {
      this.#valleyDb = Math.min(this.#valleyDb, levelDb);
      if (levelDb < this.#valleyDb + DIP_DB || levelDb < this.#loudestDb - RANGE_DB) return false;
      this.#peakDb = levelDb;
      this.#peakVoiced = voiced;
      return false;
    }
    if (levelDb > this.#peakDb) {
      this.#peakDb = levelDb;
      this.#peakVoiced = voiced;
    }
    if (levelDb > this.#peakDb - DIP_DB) return false;
    this.#peakDb = Number.NEGATIVE_INFINITY;
    this.#valleyDb = levelDb;
    return this.#peakVoiced;
  }
}
