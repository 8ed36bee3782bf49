import { FRONT_HOPS, HOPS_PER_FRAME, type SequenceShape, servedWeights, TAPS } from '../../src/inference/index.ts';

type Rows = readonly (readonly number[])[];

/**
 * Logits of a window as the definition says them, over a whole stream at once, in double precision and plain loops.
 *
 * @param hops normalised inputs of the stream from its beginning @param first the window's first frame @param last the one after its last
 */
export function referenceLogits(
  shape: SequenceShape,
  weights: Float32Array,
  hops: Rows,
  first: number,
  last: number,
): number[] {
  const places = new Map(servedWeights(shape).list.map((each) => [each.name, each]));
  const product = (row: readonly number[], name: string): number[] => {
    const { at, columns } = places.get(`${name}/kernel`)!;
    const bias = places.get(`${name}/bias`);
    return Array.from({ length: columns }, (_, column) =>
      row.reduce((sum, x, k) => sum + x * weights[at + k * columns + column]!, bias ? weights[bias.at + column]! : 0),
    );
  };
  const relu = (row: readonly number[]): number[] => row.map((x) => Math.max(0, x));
  const silence = shape.inputs.map(() => 0);
  let frames: Rows = Array.from({ length: last }, (_, frame) => {
    const seen = Array.from({ length: FRONT_HOPS }, (_, index) => {
      const hop = (frame + 1) * HOPS_PER_FRAME - FRONT_HOPS + index;
      return hop < 0 ? silence : hops[hop]!;
    });
    return relu(product(seen.flat(), 'front'));
  });
  const nothing = Array.from({ length: shape.width }, () => 0);
  shape.dilations.forEach((dilation, index) => {
    const before = frames;
    frames = before.map((row, frame) => {
      const seen = Array.from({ length: TAPS }, (_, tap) => before[frame - (TAPS - 1 - tap) * dilation] ?? nothing);
      const added = relu(product(seen.flat(), `body${index + 1}`));
      return row.map((x, channel) => x + added[channel]!);
    });
  });
  const wide = frames.slice(first).map((row) => relu(product(row, 'wide')));
  const shares = wide.map((row) =>
    product(
      product(row, 'attention').map((x) => Math.tanh(x)),
      'weights',
    ).map((x) => Math.exp(x)),
  );
  const channels = 2 * shape.width;
  const sum = (value: (row: readonly number[], share: readonly number[], channel: number) => number): number[] =>
    Array.from({ length: channels }, (_, c) => wide.reduce((all, row, t) => all + value(row, shares[t]!, c), 0));
  const total = sum((_, share, c) => share[c]!);
  const mean = sum((row, share, c) => share[c]! * row[c]!).map((x, c) => x / total[c]!);
  const square = sum((row, share, c) => share[c]! * row[c]! ** 2).map((x, c) => x / total[c]!);
  const deviation = square.map((x, c) => Math.sqrt(Math.max(1e-5, x - mean[c]! ** 2)));
  return product([...mean, ...deviation], 'head');
}
