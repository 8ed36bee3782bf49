import type { Emotion } from '../emotions.ts';
import type { ModelManifest } from '../inference/index.ts';
import type { Probabilities, UnknownReason } from '../protocol/index.ts';
import { placeOf } from './circumplex.ts';
import type { Beside, DueWindow, Smoothed } from './signals.ts';
import type { Block } from './stage.ts';

/** Below this level a window without speech is silence, at or above it noise; dB relative to full scale. */
const SILENCE_DB = -60;

/** A window's result, before it is put on a timeline. */
export interface DecidedWindow {
  readonly kind: 'decided';
  readonly window: DueWindow;
  readonly label: Emotion | 'unknown';
  readonly reason?: UnknownReason;
  readonly score: number;
  readonly confidence: number;
  readonly probabilities: Probabilities;
  readonly raw: Probabilities;
  readonly arousal: number;
  readonly valence: number;
}

/**
 * Smoothed probabilities → label. The label of a channel changes only to an emotion that leads it by the hysteresis; a
 * window without enough speech, or whose label is not likely enough to be right, is `unknown` and says why. Speech has a hysteresis
 * too: a label outlasts a short pause, for it takes less speech to keep one than to get one.
 */
export class Label implements Block<Smoothed | Beside, DecidedWindow | Beside> {
  readonly #manifest: ModelManifest;
  /** The current label of each channel, as an index. */
  readonly #current: number[] = [];
  /** Whether the last window of each channel held enough speech. */
  readonly #spoke: boolean[] = [];

  constructor(manifest: ModelManifest) {
    this.#manifest = manifest;
  }

  next(item: Smoothed | Beside, emit: (item: DecidedWindow | Beside) => void): void {
    if (item.kind !== 'smoothed') {
      emit(item);
      return;
    }
    const { window, probabilities } = item;
    const { labels, calibration } = this.#manifest;
    const speech = this.#speaks(window);
    const top = indexOfHighest(probabilities);
    const chosen = speech ? this.#choose(window.channel, top, probabilities) : top;
    const confidence = interpolate(
      calibration.confidence.score,
      calibration.confidence.accuracy,
      probabilities[chosen]!,
    );
    const reason = speech ? lowConfidence(confidence, calibration.threshold) : quiet(window);
    const shown = reason === undefined ? chosen : top;
    emit({
      kind: 'decided',
      window,
      label: reason === undefined ? labels[chosen]! : 'unknown',
      ...(reason !== undefined && { reason }),
      score: probabilities[shown]!,
      confidence:
        shown === chosen
          ? confidence
          : interpolate(calibration.confidence.score, calibration.confidence.accuracy, probabilities[shown]!),
      probabilities: named(labels, probabilities),
      raw: named(labels, item.raw),
      ...placeOf(labels, probabilities),
    });
  }

  #speaks({ channel, speechRatio }: DueWindow): boolean {
    const { minSpeechRatio, keepSpeechRatio = minSpeechRatio } = this.#manifest.calibration;
    const speaks = speechRatio >= (this.#spoke[channel] ? keepSpeechRatio : minSpeechRatio);
    this.#spoke[channel] = speaks;
    return speaks;
  }

  #choose(channel: number, top: number, probabilities: Float32Array): number {
    const current = this.#current[channel];
    const stays =
      current !== undefined && probabilities[top]! - probabilities[current]! < this.#manifest.smoothing.hysteresis;
    const chosen = stays ? current : top;
    this.#current[channel] = chosen;
    return chosen;
  }
}

const lowConfidence = (confidence: number, threshold: number): UnknownReason | undefined =>
  confidence < threshold ? 'low-confidence' : undefined;

const quiet = (window: DueWindow): UnknownReason => (window.quality.levelDb < SILENCE_DB ? 'silence' : 'noise');

function indexOfHighest(values: Float32Array): number {
  let highest = 0;
  for (let index = 1; index < values.length; index += 1) if (values[index]! > values[highest]!) highest = index;
  return highest;
}

function named(labels: readonly Emotion[], values: Float32Array): Probabilities {
  const out: { [label in Emotion]?: number } = {};
  for (let index = 0; index < labels.length; index += 1) out[labels[index]!] = values[index]!;
  return out;
}

/** Piecewise linear through the points (x, y), x rising; constant outside. */
export function interpolate(x: readonly number[], y: readonly number[], at: number): number {
  const after = x.findIndex((value) => value > at);
  if (after === 0) return y[0]!;
  if (after < 0) return y[y.length - 1]!;
  const share = (at - x[after - 1]!) / (x[after]! - x[after - 1]!);
  return y[after - 1]! + share * (y[after]! - y[after - 1]!);
}
