import type { Emotion } from '../emotions.ts';
import { UndertoneError } from '../errors.ts';
import { featureSet } from '../features/index.ts';
import type { Normaliser } from '../inference/index.ts';
import type { Clip } from './clips.ts';
import type { WindowSet } from './feature-cache.ts';
import { CLASS_LABELS, type ClassLabel, isEmotion } from './labels.ts';

/** One window, by where it is. */
export interface WindowRow {
  readonly set: WindowSet;
  readonly index: number;
}

/** The classes that some clip has, in our order. */
export function labelsOf(clips: readonly Clip[]): readonly ClassLabel[] {
  const found = new Set(clips.map((clip) => clip.label));
  return CLASS_LABELS.filter((label) => found.has(label));
}

/**
 * The classes of a model that is to be served: emotions only, for that is what events may say.
 *
 * @throws `usage` where a clip has another class.
 */
export function emotionsOf(clips: readonly Clip[]): readonly Emotion[] {
  const labels = labelsOf(clips);
  const other = labels.find((label) => !isEmotion(label));
  if (other !== undefined) {
    const detail = `A model that is served knows emotions only, and "${other}" is none; it can be kept where classifiers are compared.`;
    throw new UndertoneError('usage', { detail });
  }
  return labels.filter(isEmotion);
}

/** The windows with enough speech of the clips that are wanted. */
export function rowsOf(
  sets: readonly WindowSet[],
  minSpeechRatio: number,
  wanted: (clip: Clip) => boolean,
): WindowRow[] {
  return sets.flatMap((set) => {
    const rows: WindowRow[] = [];
    for (let index = 0; index < set.count; index++) {
      if (set.speechRatio[index]! >= minSpeechRatio && wanted(clipOf({ set, index }))) rows.push({ set, index });
    }
    return rows;
  });
}

export const clipOf = ({ set, index }: WindowRow): Clip => set.clips[set.streamOf[index]!]!;

const FEATURES = featureSet.length;
/** Wide enough to keep what is rare, narrow enough that one wild feature does not decide. */
const CLIP = 5;

/** Mean and deviation of each feature over the rows; what is not defined does not count. */
export function normalisationOf(rows: readonly WindowRow[]): { mean: number[]; deviation: number[]; clip: number } {
  const count = new Float64Array(FEATURES);
  const mean = new Float64Array(FEATURES);
  const squares = new Float64Array(FEATURES);
  for (const { set, index } of rows) {
    const from = index * FEATURES;
    for (let feature = 0; feature < FEATURES; feature++) {
      const value = set.features[from + feature]!;
      if (!Number.isFinite(value)) continue;
      // Welford 1962: no cancellation, however far the mean is from 0.
      count[feature]! += 1;
      const delta = value - mean[feature]!;
      mean[feature]! += delta / count[feature]!;
      squares[feature]! += delta * (value - mean[feature]!);
    }
  }
  const deviation = Array.from(squares, (sum, feature) => Math.sqrt(sum / Math.max(1, count[feature]!)));
  return {
    mean: Array.from(mean),
    // A feature that never changes says nothing: its z-score is kept at 0 or thereabouts.
    deviation: deviation.map((value) => (value > 1e-6 ? value : 1)),
    clip: CLIP,
  };
}

/** Copies rows, normalised, one after the other into `out`. */
export function gather(
  rows: readonly { readonly set: Pick<WindowSet, 'features'>; readonly index: number }[],
  normaliser: Normaliser,
  out: Float32Array,
): void {
  rows.forEach(({ set, index }, place) => {
    normaliser.apply(set.features, 1, out.subarray(place * FEATURES, (place + 1) * FEATURES), index);
  });
}
