import type { ClipPrediction } from './predictions.ts';

/** What is left, and how much of it is right, where the least certain guesses are withheld. */
export interface CoveragePoint {
  /** A guess stands where its probability is at least this. */
  readonly threshold: number;
  readonly coverage: number;
  readonly accuracy: number;
}

const POINTS = 20;

/**
 * Accuracy against coverage (El-Yaniv and Wiener 2010, risk-coverage): from all guesses to a twentieth of them, the least
 * certain withheld. Guesses of equal probability stand or fall together.
 */
export function coverageCurve(rows: readonly ClipPrediction[], labels: readonly string[]): readonly CoveragePoint[] {
  const guesses = rows
    .map(({ truth, guess, probabilities }) => ({
      score: probabilities[labels.indexOf(guess)]!,
      right: truth === guess,
    }))
    .sort((a, b) => b.score - a.score);
  const points: CoveragePoint[] = [];
  for (let step = POINTS; step >= 1; step--) {
    const threshold = guesses[Math.ceil((step / POINTS) * guesses.length) - 1]?.score;
    if (threshold === undefined || points.at(-1)?.threshold === threshold) continue;
    const kept = guesses.filter(({ score }) => score >= threshold);
    points.push({
      threshold,
      coverage: kept.length / guesses.length,
      accuracy: kept.filter(({ right }) => right).length / kept.length,
    });
  }
  return points;
}
