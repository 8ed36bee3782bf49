import { candidates, findCandidates } from './pitch-candidates.ts';
import { PitchPath, pathCosts } from './pitch-path.ts';

export interface PitchResult {
  /** Fundamental frequency in Hz, 75 to 500; 0 when unvoiced. */
  f0Hz: number;
  /** Probability that the hop is voiced, 0 to 1; over 0.5 when `voiced`. */
  voicing: number;
  /** Harmonics-to-noise ratio in dB, −20 to 40. */
  hnrDb: number;
  voiced: boolean;
}

export const tuning = { silence: 0.03, startPeak: 0.1, leastPeak: 0.02, decay: 0.9995, temperature: 0.1 };

export class PitchTracker {
  readonly #path = new PitchPath();
  #runningPeak = tuning.startPeak;

  track(frame: Float32Array, out: PitchResult): void {
    findCandidates(frame);
    const { peak } = candidates;
    this.#runningPeak = Math.max(peak, tuning.leastPeak, this.#runningPeak * tuning.decay);
    const intensity = peak / this.#runningPeak;
    const quiet = Math.max(0, 2 - (intensity * (1 + pathCosts.voicing)) / tuning.silence);
    this.#path.extend(candidates, quiet);
    const { best, margin } = this.#path;
    out.voicing = 1 / (1 + Math.exp(-margin / tuning.temperature));
    out.voiced = margin > 0;
    out.f0Hz = out.voiced ? candidates.hz[best]! : 0;
    out.hnrDb = best < 0 ? -20 : harmonicsToNoiseDb(candidates.strength[best]!);
  }
}

/** 10 log10(r / (1 − r)), held between −20 and 40 dB. */
function harmonicsToNoiseDb(strength: number): number {
  return Math.min(40, Math.max(-20, 10 * Math.log10(strength / Math.max(1e-12, 1 - strength))));
}
