import { MEL_BANDS } from '../../features/index.ts';
import type { SequenceInput } from '../../inference/index.ts';
import type { SequenceFitOptions } from './fit-sequence.ts';

/** Half of what a stream's spectrum differs from the training's is its speaker and line, as far as is known; the rest is left. */
const BAND_ADAPTATION = 0.5;

/** What the network sees of a hop. */
export const SEQUENCE_INPUTS: readonly SequenceInput[] = [
  ...Array.from({ length: MEL_BANDS }, (_, band) => ({ descriptor: `logMel${band}`, adapt: BAND_ADAPTATION })),
  // The pitch twice: as it is, and against the speaker's own.
  { descriptor: 'f0Semitones', adapt: 0 },
  { descriptor: 'f0Semitones', adapt: 1 },
  { descriptor: 'voicing', adapt: 0 },
  { descriptor: 'hnrDb', adapt: 0 },
  { descriptor: 'zcr', adapt: 0 },
  { descriptor: 'levelDb', adapt: 1 },
  { descriptor: 'speech', adapt: 0 },
  { descriptor: 'flux', adapt: 0 },
];

/** Networks whose logits are averaged: as many as the bars for parameters and cost leave room for. */
export const SEQUENCE_MEMBERS = 3;

/** The recipe; docs/decisions say what else was tried. */
export const SEQUENCE_FIT: SequenceFitOptions = {
  inputs: SEQUENCE_INPUTS,
  width: 96,
  dilations: [1, 2, 3, 4],
  attention: 64,
  epochs: 80,
  batchClips: 32,
  optimiser: { learningRate: 2e-3, weightDecay: 1e-2, mostSlope: 5, averaging: 0.99 },
  draw: {
    windowHops: [120, 400],
    minSpeechRatio: 0.3,
    speedShare: 0.7,
    speed: [0.85, 1.18],
    bandShift: 2,
    masks: 2,
    maskBands: 8,
    maskHops: 14,
    gain: 0.1,
    labelSmoothing: 0.1,
    mixup: 0.2,
  },
  descent: { dropout: 0.15, headDropout: 0.3 },
};

/** Less of everything, to see that it works. */
export const QUICK_SEQUENCE_FIT: SequenceFitOptions = {
  ...SEQUENCE_FIT,
  width: 32,
  dilations: [1, 2],
  attention: 16,
  epochs: 12,
  optimiser: { ...SEQUENCE_FIT.optimiser, learningRate: 5e-3, averaging: 0.9 },
  draw: { ...SEQUENCE_FIT.draw, windowHops: [80, 160] },
};
