import { ROW_LENGTH } from '../../features/index.ts';
import { InputNormalisation, LegState, SequenceNetwork } from '../../inference/index.ts';
import type { TrainedSequence } from './fit-sequence.ts';

/** Windows of one clip, by their ends, rising. */
export interface ClipWindowEnds {
  /** `ROW_LENGTH` descriptors of each hop. */
  readonly hops: Float32Array;
  readonly endHops: readonly number[];
}

/** Clips that are heard at a time. */
const TOGETHER = 32;

/** Logits of windows, clip after clip, as a stream of each clip would have them: by the network that is served. */
export function predictSequence(
  { shape, weights, normalisation }: TrainedSequence,
  clips: readonly ClipWindowEnds[],
  grid: { readonly windowMs: number; readonly stepMs: number },
): Float32Array {
  const network = new SequenceNetwork(shape, weights);
  const inputs = new InputNormalisation(shape.inputs, normalisation);
  const out = new Float32Array(clips.reduce((total, { endHops }) => total + endHops.length, 0) * shape.classes);
  let at = 0;
  for (let first = 0; first < clips.length; first += TOGETHER) {
    const windows = clips.slice(first, first + TOGETHER).flatMap(({ hops, endHops }) => {
      const leg = new LegState(shape, inputs, grid, (full) => network.settle(full));
      let next = 0;
      return endHops.map((end) => {
        for (; next < end; next++) leg.push(hops, next * ROW_LENGTH);
        return leg.due();
      });
    });
    network.answer(windows, out.subarray(at));
    at += windows.length * shape.classes;
  }
  return out;
}
