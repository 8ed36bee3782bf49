import { from } from 'rxjs';
import type { ModelManifest } from '../inference/index.ts';
import { decision, type Prediction, smoothed } from '../streams/index.ts';

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

/** The decisions of a stream that starts anew: those of the serving pipeline's own expression. */
export function decide(settings: DecisionSettings, stream: PredictedStream): Decision[] {
  const { labels, analysis } = settings;
  const decisions: Decision[] = [];
  from(predictionsOf(stream, analysis.windowMs))
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

/**
 * The probabilities of each class over a whole clip: the serving pipeline's own smoothing, from a state as new as a stream's, with
 * a time constant without end. That is the mean over the clip's windows, weighted by the speech they hold.
 *
 * @param temperature the logits are divided by it.
 * @returns undefined for a clip without windows.
 */
export function wholeClip(stream: PredictedStream, temperature: number): Float32Array | undefined {
  let last: Float32Array | undefined;
  const settings = {
    calibration: { temperature, confidence: { score: [0, 1], accuracy: [0, 1] }, threshold: 0, minSpeechRatio: 0 },
    smoothing: { timeConstantMs: Number.POSITIVE_INFINITY, hysteresis: 0 },
  };
  from(predictionsOf(stream, 0))
    .pipe(smoothed(settings))
    .subscribe((item) => {
      if (item.kind === 'smoothed') last = item.probabilities;
    });
  return last;
}

const NOTHING = new Float32Array(0);

/** What the batcher would hand on for each window. */
function predictionsOf({ endMs, speechRatio, logits }: PredictedStream, windowMs: number): Prediction[] {
  const classes = endMs.length === 0 ? 0 : logits.length / endMs.length;
  return endMs.map((end, seq) => ({
    kind: 'prediction',
    logits: logits.slice(seq * classes, (seq + 1) * classes),
    window: {
      kind: 'window',
      channel: 0,
      seq,
      startMs: Math.max(0, end - windowMs),
      endMs: end,
      features: NOTHING,
      speechRatio: speechRatio[seq]!,
      openTurn: null,
      added: { speechMs: 0, levelDb: null, pitchSemitones: null, syllables: 0 },
      quality: { levelDb: 0, clippedRatio: 0 },
      arrivedAtMs: 0,
    },
  }));
}
