import { type Candidates, CEILING_HZ, MOST_CANDIDATES } from './pitch-candidates.ts';

/** Costs of the path, per hop of 10 ms. */
export const pathCosts = {
  /** Strength that a candidate needs to beat silence. */
  voicing: 0.45,
  octave: 0.01,
  octaveJump: 0.35,
  voicedUnvoiced: 0.14,
};
const CEILING_OCTAVE = Math.log2(CEILING_HZ);

/**
 * The most likely path through the candidates of the hops so far: the Viterbi search of Boersma (1993), read at its
 * newest hop, so without look-ahead. State of one channel: a score per candidate of the last hop and one for unvoiced.
 */
export class PitchPath {
  #count = 0;
  readonly #octave = new Float64Array(MOST_CANDIDATES);
  readonly #score = new Float64Array(MOST_CANDIDATES);
  #unvoiced = 0;
  /** How much better the best voiced path is than the best unvoiced one. */
  margin = 0;
  /** The candidate that the best voiced path ends in, −1 when there is none. */
  best = -1;

  /** Extends the paths by one hop; `quiet` is what being unvoiced gains over the voicing threshold. */
  extend(found: Candidates, quiet: number): void {
    const { voicedUnvoiced, octaveJump } = pathCosts;
    let fromVoiced = -Infinity;
    for (let i = 0; i < this.#count; i++) if (this.#score[i]! > fromVoiced) fromVoiced = this.#score[i]!;
    const unvoiced = Math.max(this.#unvoiced, fromVoiced - voicedUnvoiced) + pathCosts.voicing + quiet;
    const onset = this.#unvoiced - voicedUnvoiced;
    let top = -Infinity;
    this.best = -1;
    for (let i = 0; i < found.count; i++) {
      const octave = found.octave[i]!;
      let score = onset;
      for (let j = 0; j < this.#count; j++) {
        const continued = this.#score[j]! - octaveJump * Math.abs(octave - this.#octave[j]!);
        if (continued > score) score = continued;
      }
      score += found.strength[i]! - pathCosts.octave * (CEILING_OCTAVE - octave);
      next[i] = score;
      if (score > top) {
        top = score;
        this.best = i;
      }
    }
    // Only differences count; the unvoiced path is the origin, so that nothing grows with the stream.
    this.#count = found.count;
    for (let i = 0; i < found.count; i++) {
      this.#score[i] = next[i]! - unvoiced;
      this.#octave[i] = found.octave[i]!;
    }
    this.#unvoiced = 0;
    this.margin = this.best < 0 ? -1 : top - unvoiced;
  }
}

const next = new Float64Array(MOST_CANDIDATES);
