import type { SequenceShape } from '../../../src/inference/index.ts';
import { Random } from '../../../src/training/random.ts';
import { emptyBatch, type SequenceBatch } from '../../../src/training/sequence/batch.ts';
import type { SequenceFitOptions } from '../../../src/training/sequence/fit-sequence.ts';

export const SMALL: SequenceShape = {
  inputs: ['logMel0', 'logMel1', 'logMel2', 'f0Semitones', 'voicing'].map((descriptor) => ({ descriptor, adapt: 0.5 })),
  width: 8,
  dilations: [1, 2],
  attention: 8,
  classes: 3,
};

/** Clips of other lengths, some with frames that are not pooled. */
export function aBatch(shape: SequenceShape, frames: readonly number[], seed = 'batch'): SequenceBatch {
  const random = new Random(seed);
  const batch = emptyBatch(frames.length, Math.max(...frames), shape.inputs.length, shape.classes);
  frames.forEach((count, clip) => {
    batch.frames[clip] = count;
    batch.pooledFrom[clip] = clip % 2 === 0 ? 0 : Math.floor(count / 3);
    const from = clip * batch.clipStride;
    for (let at = from; at < from + (4 + 4 * count) * shape.inputs.length; at++) batch.input[at] = random.normal();
    const shares = Array.from({ length: shape.classes }, () => random.next());
    const total = shares.reduce((sum, share) => sum + share, 0);
    shares.forEach((share, label) => {
      batch.targets[clip * shape.classes + label] = share / total;
    });
  });
  return batch;
}

/** A network that learns toy clips in seconds. */
export const QUICK: SequenceFitOptions = {
  inputs: Array.from({ length: 8 }, (_, band) => ({ descriptor: `logMel${band}`, adapt: 0.5 })),
  width: 16,
  dilations: [1, 2],
  attention: 8,
  epochs: 30,
  batchClips: 12,
  optimiser: { learningRate: 1e-2, weightDecay: 1e-2, mostSlope: 5, averaging: 0.9 },
  draw: {
    windowHops: [60, 120],
    minSpeechRatio: 0.2,
    speedShare: 0,
    speed: [1, 1],
    bandShift: 0,
    masks: 1,
    maskBands: 1,
    maskHops: 5,
    gain: 0.1,
    labelSmoothing: 0.1,
    mixup: 0.2,
  },
  descent: { dropout: 0.1, headDropout: 0.1 },
};
