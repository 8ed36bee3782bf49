import { type Candidates, CEILING_HZ, MOST_CANDIDATES } from './pitch-candidates.ts';

// Boersma's costs. Three differ from Praat's defaults (voicing 0.45, octave 0.01, voiced/unvoiced 0.14): without
// look-ahead a change is dearer, so these were fitted to agree with Praat's whole-file path.
/** Strength that a candidate needs to be voiced. */
const VOICING_THRESHOLD = 0.48;
/** Strength that a candidate one octave lower needs more. */
const OCTAVE_COST = 0.02;
/** Cost of moving by one octave from hop to hop. */
const OCTAVE_JUMP_COST = 0.35;
/** Cost of going from voiced to unvoiced or back. */
const VOICED_UNVOICED_COST = 0.11;

/** What a path's lead is worth a hop later: a stream has no last hop to settle an octave that it began wrongly. */
const MEMORY = 0.9;

const CEILING_OCTAVE = Math.log2(CEILING_HZ);
const next = new Float64Array(MOST_CANDIDATES);

/**
 * The best path through the candidates of the hops so far: the Viterbi search of Boersma (1993), read at its newest
 * hop, so without look-ahead. One channel's state: the octave and score of the paths that end in each candidate of the
 * last hop. Scores are relative to the best path that ends unvoiced, so that nothing grows with the stream.
 */
export class PitchPath {
  #count = 0;
  readonly #octave = new Float64Array(MOST_CANDIDATES);
  readonly #score = new Float64Array(MOST_CANDIDATES);
  /** The candidate in which the best voiced path ends; −1 when the hop has none. */
  best = -1;
  /** How much the best voiced path is better than the best unvoiced one; voiced when positive. */
  margin = -1;

  /** Extends the paths by one hop, whose level is `overSilence` times the silence threshold. */
  extend(found: Candidates, overSilence: number): void {
    const quiet = Math.max(0, 2 - overSilence * (1 + VOICING_THRESHOLD));
    let voiced = -Infinity;
    for (let i = 0; i < this.#count; i++) voiced = Math.max(voiced, this.#score[i]!);
    const unvoiced = Math.max(0, voiced - VOICED_UNVOICED_COST) + VOICING_THRESHOLD + quiet;
    this.best = -1;
    this.margin = -1;
    for (let i = 0; i < found.count; i++) {
      next[i] = this.#scoreBefore(found.octave[i]!) + localScore(found, i) - unvoiced;
      if (this.best < 0 || next[i]! > this.margin) {
        this.best = i;
        this.margin = next[i]!;
      }
    }
    this.#count = found.count;
    for (let i = 0; i < found.count; i++) {
      this.#octave[i] = found.octave[i]!;
      this.#score[i] = MEMORY * next[i]!;
    }
  }

  /** The best score with which a path can go on to a candidate at `octave`. */
  #scoreBefore(octave: number): number {
    let score = -VOICED_UNVOICED_COST;
    for (let j = 0; j < this.#count; j++) {
      score = Math.max(score, this.#score[j]! - OCTAVE_JUMP_COST * Math.abs(octave - this.#octave[j]!));
    }
    return score;
  }
}

function localScore(found: Candidates, i: number): number {
  return found.strength[i]! - OCTAVE_COST * (CEILING_OCTAVE - found.octave[i]!);
}
