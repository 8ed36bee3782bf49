import { createHash } from 'node:crypto';
import { CHROMA_HIGH_HZ, CHROMA_LOW_HZ } from './chroma.ts';
import { CONTRAST_LOW_HZ, CONTRAST_QUANTILE } from './contrast.ts';
import { descriptors } from './descriptors.ts';
import { SEMITONE_ORIGIN_HZ } from './extractor.ts';
import { FFT_SIZE } from './fft.ts';
import { functionalNames, PERCENTILE_BINS } from './functionals.ts';
import { LEVEL_FLOOR_DB } from './level.ts';
import { LOG_MEL_FLOOR, MEL_HIGH_HZ, MEL_LOW_HZ } from './mel.ts';
import { CEILING_HZ, FLOOR_HZ } from './pitch-candidates.ts';
import { ROLLOFF_SHARE } from './rolloff.ts';
import { SLOPE_HIGH_HZ, SLOPE_LOW_HZ } from './slope.ts';
import {
  PITCH_FRAME_SAMPLES,
  POWER_FLOOR,
  SAMPLE_RATE_HZ,
  SILENCE_MEAN_SQUARE,
  SPECTRAL_FRAME_SAMPLES,
} from './spectrum.ts';
import { speechDeterminants } from './speech.ts';
import { SPEECH_THRESHOLD } from './window-state.ts';

/** What a model is trained on and served with: one vector per window. */
export interface FeatureSet {
  readonly name: string;
  /** SHA-256 in hex of everything that determines a value; a model of another hash does not fit. */
  readonly hash: string;
  /** Values of a vector. */
  readonly length: number;
  /** Their names, in order: `<descriptor>.<functional>`. */
  readonly names: readonly string[];
}

/** Raise this when code changes a value but none of the constants below does, and train the models again. */
const REVISION = 1;

const determinants = {
  revision: REVISION,
  descriptors,
  functionalNames,
  frame: {
    SAMPLE_RATE_HZ,
    SPECTRAL_FRAME_SAMPLES,
    PITCH_FRAME_SAMPLES,
    FFT_SIZE,
    SILENCE_MEAN_SQUARE,
    POWER_FLOOR,
    window: 'hann',
  },
  mel: { MEL_LOW_HZ, MEL_HIGH_HZ, LOG_MEL_FLOOR },
  chroma: { CHROMA_LOW_HZ, CHROMA_HIGH_HZ },
  contrast: { CONTRAST_LOW_HZ, CONTRAST_QUANTILE },
  shape: { LEVEL_FLOOR_DB, ROLLOFF_SHARE, SLOPE_LOW_HZ, SLOPE_HIGH_HZ },
  pitch: { FLOOR_HZ, CEILING_HZ, SEMITONE_ORIGIN_HZ },
  speech: speechDeterminants,
  functionals: { PERCENTILE_BINS, SPEECH_THRESHOLD },
};

/** The features of this version. Meyda's extras are not among them: no model sees those. */
export const featureSet: FeatureSet = {
  name: 'undertone-f1',
  hash: createHash('sha256').update(JSON.stringify(determinants)).digest('hex'),
  length: functionalNames.length,
  names: functionalNames,
};
