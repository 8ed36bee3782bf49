import type { ModelManifest } from '../../../inference/index.ts';
import type { PredictedStream } from '../../decide.ts';

/** What decides how a live timeline behaves, beside the model. */
export interface StreamSettings {
  readonly windowMs: number;
  readonly stepMs: number;
  readonly timeConstantMs: number;
  readonly hysteresis: number;
  /** Of the smoothed probability of the label. */
  readonly threshold: number;
  readonly minSpeechRatio: number;
  /** Never more than `minSpeechRatio`. */
  readonly keepSpeechRatio: number;
}

/**
 * The score, a smoothed probability, that a threshold of confidence comes to: the lowest whose confidence reaches it. The map rises.
 */
export function scoreThreshold({
  confidence: { score, accuracy },
  threshold,
}: Pick<ModelManifest['calibration'], 'confidence' | 'threshold'>): number {
  if (accuracy[0]! >= threshold) return 0;
  const after = accuracy.findIndex((value) => value >= threshold);
  if (after < 0) return 1;
  const [a0, a1, s0, s1] = [accuracy[after - 1]!, accuracy[after]!, score[after - 1]!, score[after]!];
  return s0 + ((threshold - a0) / (a1 - a0)) * (s1 - s0);
}

/** All streams are heard at this step; a longer one, a multiple of it, leaves windows out. */
export const FINEST_STEP_MS = 250;

/** The windows of a stream that a longer step has: those on its grid, and the last. */
export function atStep(stream: PredictedStream, stepMs: number): PredictedStream {
  const { endMs, speechRatio, logits } = stream;
  const kept = endMs.flatMap((end, index) => (end % stepMs === 0 || index === endMs.length - 1 ? [index] : []));
  if (kept.length === endMs.length) return stream;
  const classes = logits.length / endMs.length;
  const out = new Float32Array(kept.length * classes);
  kept.forEach((index, place) => {
    out.set(logits.subarray(index * classes, (index + 1) * classes), place * classes);
  });
  return {
    endMs: kept.map((index) => endMs[index]!),
    speechRatio: kept.map((index) => speechRatio[index]!),
    logits: out,
  };
}
