import { from } from 'rxjs';
import type { ModelManifest } from '../inference/index.ts';
import { decision, type Prediction } from '../streams/index.ts';

/** The windows of one stream, as the model answered them. */
export interface PredictedStream {
  readonly endMs: readonly number[];
  readonly speechRatio: readonly number[];
  /** One row per window. */
  readonly logits: Float32Array;
}

/** What `decision` needs of a manifest. */
export type DecisionSettings = Pick<ModelManifest, 'labels' | 'calibration' | 'smoothing' | 'analysis'>;

/** A window's result, with classes as numbers. */
export interface Decision {
  /** −1 is `unknown`. */
  readonly label: number;
  /** The class that was most probable, after smoothing. */
  readonly top: number;
  readonly reason: 'silence' | 'noise' | 'low-confidence' | undefined;
  readonly score: number;
  readonly confidence: number;
}

const NOTHING = new Float32Array(0);

/** The decisions of a stream that starts anew: those of the serving pipeline's own expression. */
export function decide(settings: DecisionSettings, { endMs, speechRatio, logits }: PredictedStream): Decision[] {
  const { labels, analysis } = settings;
  const predictions = endMs.map(
    (end, seq): Prediction => ({
      kind: 'prediction',
      logits: logits.slice(seq * labels.length, (seq + 1) * labels.length),
      window: {
        kind: 'window',
        channel: 0,
        seq,
        startMs: Math.max(0, end - analysis.windowMs),
        endMs: end,
        features: NOTHING,
        speechRatio: speechRatio[seq]!,
        openTurn: null,
        added: { speechMs: 0, levelDb: null, pitchSemitones: null, syllables: 0 },
        quality: { levelDb: 0, clippedRatio: 0 },
        arrivedAtMs: 0,
      },
    }),
  );
  const decisions: Decision[] = [];
  from(predictions)
    .pipe(decision(settings as ModelManifest))
    .subscribe((item) => {
      if (item.kind !== 'decided') return;
      const { label, reason, score, confidence, probabilities } = item;
      let top = 0;
      labels.forEach((name, index) => {
        if (probabilities[name]! > probabilities[labels[top]!]!) top = index;
      });
      decisions.push({ label: label === 'unknown' ? -1 : labels.indexOf(label), top, reason, score, confidence });
    });
  return decisions;
}
