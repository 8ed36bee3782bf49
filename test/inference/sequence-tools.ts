import { descriptorIndex, ROW_LENGTH } from '../../src/features/index.ts';
import {
  InputNormalisation,
  LegState,
  SequenceNetwork,
  type SequenceShape,
  servedWeights,
} from '../../src/inference/index.ts';
import { Random } from '../../src/training/random.ts';

export const SHAPE: SequenceShape = {
  inputs: ['logMel0', 'logMel1', 'logMel2', 'f0Semitones', 'voicing'].map((descriptor) => ({ descriptor, adapt: 0.5 })),
  width: 16,
  dilations: [1, 2, 3],
  attention: 8,
  classes: 4,
};

const NORMALISATION = { mean: [-5, -4, -4, 30, 0.5], deviation: [3, 3, 3, 5, 0.3], clip: 5 };

/** Weights that neither fade nor grow from layer to layer, so that every hop is seen in the logits. */
export function someWeights(shape: SequenceShape, seed = 'weights'): Float32Array {
  const random = new Random(seed);
  const weights = new Float32Array(servedWeights(shape).length);
  for (const { name, at, rows, columns } of servedWeights(shape).list) {
    const gain = name === 'head/kernel' ? 0.1 : 1.2;
    const scale = name.endsWith('/bias') ? 0.2 : gain / Math.sqrt(rows);
    for (let index = at; index < at + rows * columns; index++) weights[index] = scale * random.normal();
  }
  return weights;
}

/** Hops of something between speech and silence, `ROW_LENGTH` values each. */
export function someHops(count: number, seed: string): Float32Array {
  const random = new Random(seed);
  const rows = new Float32Array(count * ROW_LENGTH);
  for (let hop = 0; hop < count; hop++) {
    const from = hop * ROW_LENGTH;
    const speech = 0.5 + 0.5 * Math.sin(hop / 30 + random.next());
    for (let at = from; at < from + ROW_LENGTH; at++) rows[at] = random.normal() - 5 + 4 * speech;
    rows[from + descriptorIndex('f0Semitones')] = random.next() < 0.4 ? Number.NaN : 30 + 4 * random.normal();
    rows[from + descriptorIndex('voicing')] = random.next();
    rows[from + descriptorIndex('speech')] = speech;
  }
  return rows;
}

/** A network, and legs of it. */
export function aNetwork(shape = SHAPE, members = [someWeights(shape)], normalisation = NORMALISATION) {
  const network = new SequenceNetwork(shape, members);
  const inputs = new InputNormalisation(shape.inputs, normalisation);
  const leg = (grid = { windowMs: 3000, stepMs: 500 }): LegState =>
    new LegState(shape, members.length, inputs, grid, (full) => network.settle(full));
  return { network, inputs, leg, members };
}
