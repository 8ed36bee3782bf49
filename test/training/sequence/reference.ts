import type { SequenceShape } from '../../../src/inference/index.ts';
import type { SequenceBatch } from '../../../src/training/sequence/batch.ts';
import { layoutOf } from '../../../src/training/sequence/parameters.ts';

type Matrix = readonly Float64Array[];

/** The mean loss of a batch as the definition says it, in double precision and plain loops; no dropout. */
export function referenceLoss(shape: SequenceShape, parameters: Float64Array, batch: SequenceBatch): number {
  const { parameters: places } = layoutOf(shape);
  const value = (name: string, index: number): number => parameters[places.get(name)!.at + index]!;
  const inputs = shape.inputs.length;
  const clips = Array.from({ length: batch.clips }, (_, clip) => clip);
  const product = (row: ArrayLike<number>, name: string, columns: number): Float64Array =>
    Float64Array.from({ length: columns }, (_, column) => {
      let sum = 0;
      for (let k = 0; k < row.length; k++) sum += row[k]! * value(`${name}/kernel`, k * columns + column);
      return sum;
    });
  /** Normalised over all rows of all clips, scaled, shifted. */
  const normalised = (rows: readonly Matrix[], name: string): Matrix[] => {
    const all = rows.flat();
    const columns = all[0]!.length;
    const mean = Array.from({ length: columns }, (_, c) => all.reduce((sum, row) => sum + row[c]!, 0) / all.length);
    const variance = mean.map((m, c) => all.reduce((sum, row) => sum + (row[c]! - m) ** 2, 0) / all.length);
    return rows.map((clip) =>
      clip.map((row) =>
        row.map((x, c) => {
          const unit = (x - mean[c]!) / Math.sqrt(variance[c]! + 1e-5);
          return unit * value(`${name}/gain`, c) + value(`${name}/shift`, c);
        }),
      ),
    );
  };
  const rectified = (rows: readonly Matrix[]): Matrix[] =>
    rows.map((clip) => clip.map((row) => row.map((x) => Math.max(0, x))));

  let frames = rectified(
    normalised(
      clips.map((clip) =>
        Array.from({ length: batch.frames[clip]! }, (_, frame) => {
          const from = clip * batch.clipStride + frame * 4 * inputs;
          return product(batch.input.subarray(from, from + 8 * inputs), 'front', shape.width);
        }),
      ),
      'front',
    ),
  );
  const nothing = new Float64Array(shape.width);
  shape.dilations.forEach((dilation, index) => {
    const name = `body${index + 1}`;
    const seen = frames.map((clip) =>
      clip.map((_, frame) => {
        const rows = [2, 1, 0].map((back) => clip[frame - back * dilation] ?? nothing);
        return product(Float64Array.from(rows.flatMap((row) => [...row])), name, shape.width);
      }),
    );
    const added = rectified(normalised(seen, name));
    frames = frames.map((clip, b) => clip.map((row, t) => row.map((x, c) => x + added[b]![t]![c]!)));
  });
  const channels = 2 * shape.width;
  const wide = rectified(
    normalised(
      frames.map((clip) => clip.map((row) => product(row, 'wide', channels))),
      'wide',
    ),
  );
  const pooled = wide.map((clip, b): Matrix => {
    const rows = clip.slice(batch.pooledFrom[b]!);
    const weights = rows.map((row) => {
      const hidden = product(row, 'attention', shape.attention).map((x, c) =>
        Math.tanh(x + value('attention/bias', c)),
      );
      return product(hidden, 'weights', channels).map((x) => Math.exp(x));
    });
    const out = new Float64Array(2 * channels);
    for (let c = 0; c < channels; c++) {
      const total = weights.reduce((sum, w) => sum + w[c]!, 0);
      const mean = rows.reduce((sum, row, t) => sum + weights[t]![c]! * row[c]!, 0) / total;
      const square = rows.reduce((sum, row, t) => sum + weights[t]![c]! * row[c]! ** 2, 0) / total;
      out[c] = mean;
      out[channels + c] = Math.sqrt(Math.max(square - mean * mean, 1e-5));
    }
    return [out];
  });
  let loss = 0;
  normalised(pooled, 'head').forEach(([row], clip) => {
    const logits = product(row!, 'head', shape.classes).map((x, c) => x + value('head/bias', c));
    const total = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
    logits.forEach((x, c) => {
      loss -= (batch.targets[clip * shape.classes + c]! * (x - total)) / batch.clips;
    });
  });
  return loss;
}
