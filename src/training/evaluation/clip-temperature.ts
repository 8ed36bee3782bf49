import { softmax } from '../calibration.ts';
import type { PredictedStream } from '../decide.ts';

/** A clip whose windows have logits, and its true class. */
export interface JudgedClip {
  readonly stream: PredictedStream;
  readonly truth: number;
}

/** So little that only a clip without any speech is decided by it (`Smooth` of streams). */
const LEAST_WEIGHT = 1e-6;
const GRID = Array.from({ length: 41 }, (_, step) => 10 ** (step / 20 - 1));

/**
 * The temperature from 0.1 to 10 that makes the true classes of whole clips most likely (Guo et al. 2017, section 4.2, with the
 * mean over a clip's windows in the place of one answer): the best of a grid, then golden-section search beside it.
 */
export function clipTemperature(clips: readonly JudgedClip[], classes: number): number {
  if (clips.length === 0) return 1;
  const loss = (temperature: number): number => clipLoss(clips, classes, temperature);
  const losses = GRID.map(loss);
  const best = losses.indexOf(Math.min(...losses));
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [Math.log(GRID[Math.max(0, best - 1)]!), Math.log(GRID[Math.min(GRID.length - 1, best + 1)]!)];
  while (high - low > 1e-3) {
    const [left, right] = [high - golden * (high - low), low + golden * (high - low)];
    if (loss(Math.exp(left)) < loss(Math.exp(right))) high = right;
    else low = left;
  }
  return Math.exp((low + high) / 2);
}

/** Mean negative log-likelihood of the true classes of whole clips. */
export function clipLoss(clips: readonly JudgedClip[], classes: number, temperature: number): number {
  const probabilities = new Float64Array(classes);
  let total = 0;
  for (const { stream, truth } of clips) {
    let [likelihood, weights] = [0, 0];
    stream.speechRatio.forEach((speechRatio, window) => {
      softmax(stream.logits, temperature, probabilities, window * classes, classes);
      const weight = Math.max(LEAST_WEIGHT, speechRatio);
      likelihood += weight * probabilities[truth]!;
      weights += weight;
    });
    total -= Math.log(Math.max(likelihood / weights, 1e-12));
  }
  return total / clips.length;
}
