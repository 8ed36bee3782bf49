import { candidates, findCandidates } from './pitch-candidates.ts';
import { PitchLevel } from './pitch-level.ts';
import { PitchPath } from './pitch-path.ts';

/** The pitch of one hop. The caller owns and reuses it. */
export interface PitchResult {
  /** Fundamental frequency in Hz, 75 to 500; 0 when unvoiced. */
  f0Hz: number;
  /** Probability that the hop is voiced, 0 to 1; above 0.5 when `voiced`. */
  voicing: number;
  /** Harmonics-to-noise ratio in dB, −20 to 40; of a hop without any periodicity −20. */
  hnrDb: number;
  voiced: boolean;
}

/** Margin of the path per unit of log odds: fitted so that `voicing` is the share of hops Praat calls voiced. */
const MARGIN_PER_LOG_ODDS = 0.1;
const LEAST_HNR_DB = -20;
const MOST_HNR_DB = 40;

/**
 * F0 (Hz), voicing probability (0 to 1) and harmonics-to-noise ratio (dB) of one channel, one hop of 10 ms after
 * another, at 16 kHz.
 *
 * The method is that of P. Boersma, "Accurate short-term analysis of the fundamental frequency and the
 * harmonics-to-noise ratio of a sampled sound", IFA Proceedings 17 (1993), 97–110, made causal:
 * - frame: the 40 ms that end with the hop, less their local mean, under a Hann window w. The values are those of its
 *   centre, 20 ms before the end of the hop. Look-ahead past the end of the hop: none;
 * - autocorrelation r(τ) = [r_xw(τ) / r_xw(0)] / [r_w(τ) / r_w(0)], its maxima between 1/500 and 1/75 s interpolated:
 *   candidates of frequency 1/τ and strength r(τ);
 * - path: the candidate, or unvoiced, in which the best path of the Viterbi search so far ends; never revised;
 * - voicing = 1 / (1 + exp(−margin / 0.1)), margin being the score of that best voiced path less the best unvoiced one;
 * - harmonics-to-noise ratio = 10 log10(r / (1 − r)), r at the period of the best voiced candidate.
 *
 * @example
 * const tracker = new PitchTracker();
 * const result = { f0Hz: 0, voicing: 0, hnrDb: 0, voiced: false };
 * tracker.track(frame, result); // 640 samples; allocates nothing
 */
export class PitchTracker {
  readonly #path = new PitchPath();
  readonly #level = new PitchLevel();

  /** Takes the 640 samples that end with the next hop and writes its pitch into `out`. */
  track(frame: Float32Array, out: PitchResult): void {
    findCandidates(frame);
    this.#path.extend(candidates, this.#level.overSilence(candidates.peak, candidates.strongest));
    const { best, margin } = this.#path;
    out.voiced = margin > 0;
    out.voicing = 1 / (1 + Math.exp(-margin / MARGIN_PER_LOG_ODDS));
    out.f0Hz = out.voiced ? candidates.hz[best]! : 0;
    out.hnrDb = best < 0 ? LEAST_HNR_DB : harmonicsToNoiseDb(candidates.strength[best]!);
  }
}

function harmonicsToNoiseDb(strength: number): number {
  if (strength >= 1) return MOST_HNR_DB;
  return Math.min(MOST_HNR_DB, Math.max(LEAST_HNR_DB, 10 * Math.log10(strength / (1 - strength))));
}
