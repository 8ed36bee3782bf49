import type { SequenceShape } from '../../../src/inference/index.ts';
import { Random } from '../../../src/training/random.ts';
import { emptyBatch, type SequenceBatch } from '../../../src/training/sequence/batch.ts';

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
