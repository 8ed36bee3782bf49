import { descriptorIndex, ROW_LENGTH, SPEECH_THRESHOLD } from '../../features/index.ts';
import {
  CausalNormaliser,
  InputNormalisation,
  type SequenceInput,
  type SequenceNormalisation,
} from '../../inference/index.ts';

/** A clip to learn from. */
export interface SequenceClip {
  /** `ROW_LENGTH` descriptors of each of its hops; the same recording in several conditions, one of which is drawn each time. */
  readonly variants: readonly Float32Array[];
  readonly label: number;
}

/** Clips as the network sees them, in memory that threads share. */
export interface SequenceData {
  readonly clips: number;
  readonly inputs: number;
  /** Per clip, and one more: its first variant. */
  readonly firstVariant: Int32Array<SharedArrayBuffer>;
  /** Normalised inputs of all hops, variant after variant. */
  readonly values: Float32Array<SharedArrayBuffer>;
  /** Per variant, and one more: its first hop. */
  readonly firstHop: Int32Array<SharedArrayBuffer>;
  /** Per hop, and one more: hops with speech before it. */
  readonly speechBefore: Int32Array<SharedArrayBuffer>;
  /** Per clip. */
  readonly labels: Int32Array<SharedArrayBuffer>;
}

const SPEECH = descriptorIndex('speech');
/** What is further from the mean counts as so many deviations. */
const CLIP = 5;

/** Mean and deviation of each input over the hops with speech; what is not defined does not count. */
export function normalisationOf(
  clips: readonly SequenceClip[],
  inputs: readonly SequenceInput[],
): SequenceNormalisation & { readonly mean: number[]; readonly deviation: number[] } {
  const columns = inputs.map(({ descriptor }) => descriptorIndex(descriptor));
  const count = columns.map(() => 0);
  const mean = columns.map(() => 0);
  const squares = columns.map(() => 0);
  for (const hops of clips.flatMap(({ variants }) => variants)) {
    for (let from = 0; from < hops.length; from += ROW_LENGTH) {
      if (hops[from + SPEECH]! < SPEECH_THRESHOLD) continue;
      columns.forEach((column, input) => {
        const value = hops[from + column]!;
        if (!Number.isFinite(value)) return;
        // Welford 1962: no cancellation, however far the mean is from 0.
        count[input]! += 1;
        const delta = value - mean[input]!;
        mean[input]! += delta / count[input]!;
        squares[input]! += delta * (value - mean[input]!);
      });
    }
  }
  const deviation = squares.map((sum, input) => Math.sqrt(sum / Math.max(1, count[input]!)));
  return { mean, deviation: deviation.map((value) => (value > 1e-6 ? value : 1)), clip: CLIP };
}

/** Normalises clips, each variant as a stream that begins with it. */
export function sequenceData(
  clips: readonly SequenceClip[],
  inputs: readonly SequenceInput[],
  normalisation: SequenceNormalisation,
): SequenceData {
  const all = clips.flatMap(({ variants }) => variants);
  const total = all.reduce((sum, hops) => sum + hops.length / ROW_LENGTH, 0);
  const values = new Float32Array(new SharedArrayBuffer(total * inputs.length * 4));
  const firstVariant = new Int32Array(new SharedArrayBuffer((clips.length + 1) * 4));
  const firstHop = new Int32Array(new SharedArrayBuffer((all.length + 1) * 4));
  const speechBefore = new Int32Array(new SharedArrayBuffer((total + 1) * 4));
  const labels = new Int32Array(new SharedArrayBuffer(clips.length * 4));
  const normaliser = new CausalNormaliser(new InputNormalisation(inputs, normalisation));
  let hop = 0;
  clips.forEach(({ variants, label }, clip) => {
    firstVariant[clip + 1] = firstVariant[clip]! + variants.length;
    labels[clip] = label;
  });
  all.forEach((hops, variant) => {
    firstHop[variant] = hop;
    normaliser.reset();
    for (let from = 0; from < hops.length; from += ROW_LENGTH, hop++) {
      normaliser.push(hops, from, values, hop * inputs.length);
      speechBefore[hop + 1] = speechBefore[hop]! + Number(hops[from + SPEECH]! >= SPEECH_THRESHOLD);
    }
  });
  firstHop[all.length] = hop;
  return { clips: clips.length, inputs: inputs.length, firstVariant, values, firstHop, speechBefore, labels };
}
