import type { SequenceSide } from '../model.ts';
import { LegState } from './leg.ts';
import { SequenceNetwork } from './network.ts';
import { InputNormalisation, type SequenceNormalisation } from './normaliser.ts';
import type { SequenceShape } from './shape.ts';

/** A network with its normalisation, ready to hear legs. @param weights as `servedWeights` says */
export function sequenceSide(
  shape: SequenceShape,
  weights: Float32Array,
  normalisation: SequenceNormalisation,
): SequenceSide {
  const network = new SequenceNetwork(shape, weights);
  const inputs = new InputNormalisation(shape.inputs, normalisation);
  let logits = new Float32Array(0);
  return {
    listen: (grid) => new LegState(shape, inputs, grid, (leg) => network.settle(leg)),
    answer: (windows) => {
      const length = windows.length * shape.classes;
      if (logits.length < length) logits = new Float32Array(length);
      network.answer(windows, logits);
      return logits.subarray(0, length);
    },
  };
}
