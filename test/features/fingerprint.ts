import { framesOf, speechLike } from '../../bench/speech-like.ts';
import { DescriptorExtractor, descriptorIndex, featureSet, ROW_LENGTH, WindowState } from '../../src/features/index.ts';

/** What the feature set makes of three seconds of a synthetic sound: a value per descriptor and per functional. */
export interface Fingerprint {
  readonly hash: string;
  /** Mean of the probability of speech over the hops, to six digits. */
  readonly speech: number;
  /** The functionals of the whole, to six digits, were every hop speech; null for what is not defined. */
  readonly functionals: readonly (number | null)[];
}

export function fingerprint(): Fingerprint {
  const frames = framesOf(speechLike(3));
  const extractor = new DescriptorExtractor();
  const state = new WindowState(frames.length);
  const row = new Float32Array(ROW_LENGTH);
  const speechIndex = descriptorIndex('speech');
  let speech = 0;
  for (const frame of frames) {
    extractor.describe(frame, row);
    speech += row[speechIndex]! / frames.length;
    // The synthetic sound need not pass for speech, but its functionals must count.
    row[speechIndex] = 1;
    state.push(row);
  }
  const functionals = new Float32Array(featureSet.length);
  state.functionals(functionals);
  const digits = (value: number): number => Number(value.toPrecision(6));
  return {
    hash: featureSet.hash,
    speech: digits(speech),
    functionals: Array.from(functionals, (value) => (Number.isFinite(value) ? digits(value) : null)),
  };
}
