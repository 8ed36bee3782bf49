import type { SequenceSide } from '../model.ts';
import { LegState } from './leg.ts';
import { SequenceNetwork } from './network.ts';
import { InputNormalisation, type SequenceNormalisation } from './normaliser.ts';
import type { SequenceShape } from './shape.ts';

/** Networks with their normalisation, ready to hear legs. @param members the weights of each, as `servedWeights` says */
export function sequenceSide(
  shape: SequenceShape,
  members: readonly Float32Array[],
  normalisation: SequenceNormalisation,
): SequenceSide {
  const network = new SequenceNetwork(shape, members);
  const inputs = new InputNormalisation(shape.inputs, normalisation);
  let logits = new Float32Array(0);
  return {
    listen: (grid) => new LegState(shape, members.length, inputs, grid, (leg) => network.settle(leg)),
    answer: (windows) => {
      const length = windows.length * shape.classes;
      if (logits.length < length) logits = new Float32Array(length);
      network.answer(windows, logits);
      return logits.subarray(0, length);
    },
  };
}
