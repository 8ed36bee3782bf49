import { FRONT_CONTEXT, FRONT_HOPS, HOPS_PER_FRAME, Kernel, type SequenceShape, TAPS } from '../../inference/index.ts';
import type { Random } from '../random.ts';
import type { SequenceBatch } from './batch.ts';
import { Head } from './head.ts';
import { type ClipRows, dropout, NormalisedLayer } from './normalised-layer.ts';
import { type Layout, layoutOf } from './parameters.ts';

export interface DescentOptions {
  /** Share of the values of every layer of frames that are left out. */
  readonly dropout: number;
  /** Share of the pooled values that are left out. */
  readonly headDropout: number;
}

/** What a batch says: its mean loss, the slope of that by every parameter, and the means and variances of its normalisations. */
export interface BatchResult {
  readonly loss: number;
  readonly gradient: Float32Array;
  readonly statistics: Float32Array;
}

/**
 * The loss of a batch and its gradient, by hand: products of matrices over the clips' frames where they lie, so that a convolution
 * needs no copies, in a memory of its own.
 */
export class Descent {
  readonly #shape: SequenceShape;
  readonly #layout: Layout;
  readonly #kernel = new Kernel();
  readonly #front: NormalisedLayer;
  readonly #body: readonly NormalisedLayer[];
  readonly #wide: NormalisedLayer;
  readonly #head: Head;
  /** Rows of zeros before every clip and after the last: the look back from its first frame, and forward from its last. */
  readonly #padding: number;
  readonly #rows: number;
  readonly #parameters: number;
  readonly #gradient: number;
  readonly #input: number;
  /** Inputs of the dilated layers, then of the wide one. */
  readonly #inputs: readonly number[];
  readonly #hidden: number;
  readonly #weights: number;
  readonly #slope: number;
  readonly #g: number;
  readonly #wideSlope: number;
  readonly #packed: number;
  readonly #sums: number;
  readonly #result: { loss: number; readonly gradient: Float32Array; readonly statistics: Float32Array };

  /** @param clips of a batch, and `mostFrames` of each of them at most. */
  constructor(shape: SequenceShape, clips: number, mostFrames: number) {
    this.#shape = shape;
    this.#layout = layoutOf(shape);
    const { width, dilations, attention, inputs } = shape;
    const kernel = this.#kernel;
    this.#padding = 2 * Math.max(1, ...dilations);
    const rows = clips * (mostFrames + this.#padding) + this.#padding;
    this.#rows = rows;
    this.#front = new NormalisedLayer(kernel, rows, width);
    this.#body = dilations.map(() => new NormalisedLayer(kernel, rows, width));
    this.#wide = new NormalisedLayer(kernel, rows, 2 * width);
    this.#head = new Head(shape, this.#layout, clips);
    this.#parameters = kernel.allocate(this.#layout.length);
    this.#gradient = kernel.allocate(this.#layout.length);
    this.#input = kernel.allocate(clips * (FRONT_CONTEXT + HOPS_PER_FRAME * mostFrames) * inputs.length);
    this.#inputs = [this.#front.out, ...dilations.map(() => kernel.allocate(rows * width))];
    this.#hidden = kernel.allocate(rows * attention);
    this.#weights = kernel.allocate(rows * 2 * width);
    this.#slope = kernel.allocate(rows * width);
    this.#g = kernel.allocate(rows * width);
    this.#wideSlope = kernel.allocate(rows * 2 * width);
    const largest = Math.max(FRONT_HOPS * inputs.length * width, TAPS * width * width, 2 * width * width);
    this.#packed = kernel.allocate(Math.max(largest, 2 * width * Math.max(attention, mostFrames)));
    this.#sums = kernel.allocate(clips * 6 * width + 6 * width);
    this.#result = {
      loss: 0,
      gradient: new Float32Array(this.#layout.length),
      statistics: new Float32Array(this.#layout.statisticsLength),
    };
  }

  /** The result is valid until the next call. @param random draws what is left out */
  run(parameters: Float32Array, batch: SequenceBatch, options: DescentOptions, random: Random): BatchResult {
    const { floats, run } = this.#kernel;
    floats.set(parameters, this.#parameters / 4);
    floats.fill(0, this.#gradient / 4, this.#gradient / 4 + this.#layout.length);
    const [a = 1, b = 1, c = 1, d = 1] = Array.from({ length: 4 }, () => 1 + random.index(0x7ffffffe));
    run.seed(a, b, c, d);
    const clips = this.#place(batch);
    this.#forward(batch, clips, options);
    const pooled = floats.subarray(this.#sums / 4, this.#sums / 4 + batch.clips * 6 * this.#shape.width);
    const gradient = floats.subarray(this.#gradient / 4, this.#gradient / 4 + this.#layout.length);
    const { statistics } = this.#result;
    const { targets, clips: count } = batch;
    this.#result.loss = this.#head.run(
      { parameters, gradient, statistics },
      pooled,
      targets,
      count,
      options.headDropout,
      random,
    );
    this.#backward(batch, clips, options);
    this.#result.gradient.set(gradient);
    return this.#result;
  }

  /** Where the clips' frames stand; everything between them is 0. */
  #place({ clips, frames, input }: SequenceBatch): ClipRows[] {
    this.#kernel.floats.set(input, this.#input / 4);
    let first = this.#padding;
    const placed: ClipRows[] = [];
    for (let clip = 0; clip < clips; clip++) {
      placed.push({ first, rows: frames[clip]! });
      first += frames[clip]! + this.#padding;
    }
    const { width } = this.#shape;
    for (const buffer of [...this.#inputs, this.#g]) this.#clearBetween(buffer, width, placed);
    return placed;
  }

  #clearBetween(buffer: number, columns: number, clips: readonly ClipRows[]): void {
    const { floats } = this.#kernel;
    let from = 0;
    for (const { first, rows } of [...clips, { first: this.#end(clips), rows: 0 }]) {
      floats.fill(0, buffer / 4 + from * columns, buffer / 4 + first * columns);
      from = first + rows;
    }
  }

  #end(clips: readonly ClipRows[]): number {
    const last = clips.at(-1)!;
    return Math.min(this.#rows, last.first + last.rows + this.#padding);
  }

  #address(name: string, base = this.#parameters): number {
    return base + this.#layout.parameters.get(name)!.at * 4;
  }

  #view(name: string, base = this.#parameters): Float32Array {
    const { at, columns } = this.#layout.parameters.get(name)!;
    return this.#kernel.floats.subarray(base / 4 + at, base / 4 + at + columns);
  }

  #statistics(name: string): [mean: Float32Array, variance: Float32Array] {
    const { mean, variance, channels } = this.#layout.statistics.get(name)!;
    const { statistics } = this.#result;
    return [statistics.subarray(mean, mean + channels), statistics.subarray(variance, variance + channels)];
  }

  #pack(name: string, k: number, n: number): number {
    this.#kernel.run.pack(this.#address(name), n * 4, k, n, this.#packed);
    return this.#packed;
  }

  #normalise(layer: NormalisedLayer, name: string, clips: readonly ClipRows[], share: number, from = 0, to = 0): void {
    const [mean, variance] = this.#statistics(name);
    const gain = this.#view(`${name}/gain`);
    layer.forward(clips, gain, this.#view(`${name}/shift`), dropout(share), mean, variance, from, to);
  }

  #forward(batch: SequenceBatch, clips: readonly ClipRows[], { dropout: share }: DescentOptions): void {
    const { run, floats } = this.#kernel;
    const { width, dilations, attention, inputs } = this.#shape;
    const row = width * 4;
    const hop = inputs.length * 4;
    let packed = this.#pack('front/kernel', FRONT_HOPS * inputs.length, width);
    clips.forEach(({ first, rows }, clip) => {
      const from = this.#input + clip * batch.clipStride * 4;
      const to = this.#front.z + first * row;
      run.convolve(from, 4 * hop, 1, 0, FRONT_HOPS * inputs.length, packed, to, row, rows, width, 0);
    });
    this.#normalise(this.#front, 'front', clips, share);
    dilations.forEach((dilation, index) => {
      const layer = this.#body[index]!;
      const input = this.#inputs[index]!;
      packed = this.#pack(`body${index + 1}/kernel`, TAPS * width, width);
      for (const { first, rows } of clips) {
        const from = input + (first - 2 * dilation) * row;
        run.convolve(from, row, TAPS, dilation * row, width, packed, layer.z + first * row, row, rows, width, 0);
      }
      this.#normalise(layer, `body${index + 1}`, clips, share, input, this.#inputs[index + 1]!);
    });
    const { first: start, rows: total } = spanOf(clips);
    packed = this.#pack('wide/kernel', width, 2 * width);
    const from = this.#inputs.at(-1)! + start * row;
    run.convolve(from, row, 1, 0, width, packed, this.#wide.z + 2 * start * row, 2 * row, total, 2 * width, 0);
    this.#normalise(this.#wide, 'wide', clips, share);
    const hidden = this.#hidden + start * attention * 4;
    const values = this.#wide.out + 2 * start * row;
    const weights = this.#weights + 2 * start * row;
    this.#clearBetween(this.#wide.out, 2 * width, clips);
    packed = this.#pack('attention/kernel', 2 * width, attention);
    run.convolve(values, 2 * row, 1, 0, 2 * width, packed, hidden, attention * 4, total, attention, 0);
    run.squash(hidden, this.#address('attention/bias'), total, attention);
    packed = this.#pack('weights/kernel', attention, 2 * width);
    run.convolve(hidden, attention * 4, 1, 0, attention, packed, weights, 2 * row, total, 2 * width, 0);
    floats.fill(0, this.#sums / 4, this.#sums / 4 + batch.clips * 6 * width);
    clips.forEach(({ first, rows }, clip) => {
      const skipped = batch.pooledFrom[clip]!;
      const at = (first + skipped) * 2 * row;
      const sums = this.#sums + clip * 6 * width * 4;
      run.weigh(this.#weights + at, this.#wide.out + at, rows - skipped, 2 * width, sums);
    });
  }

  #backward(batch: SequenceBatch, clips: readonly ClipRows[], options: DescentOptions): void {
    this.#backThroughPooling(batch, clips);
    this.#backThroughAttention(clips);
    const { width, dilations } = this.#shape;
    const last = this.#inputs.at(-1)!;
    const wideSlope = this.#wideSlope;
    this.#denormalise(this.#wide, 'wide', clips, wideSlope, wideSlope, options.dropout);
    this.#kernelSlope('wide/kernel', clips, last, width, wideSlope, 2 * width);
    this.#inputSlope('wide/kernel', clips, wideSlope, 2 * width, this.#slope, width, false);
    for (let index = dilations.length - 1; index >= 0; index--) {
      const name = `body${index + 1}`;
      this.#denormalise(this.#body[index]!, name, clips, this.#slope, this.#g, options.dropout);
      this.#dilatedSlopes(index, dilations[index]!, clips);
    }
    this.#denormalise(this.#front, 'front', clips, this.#slope, this.#g, options.dropout);
    const { run } = this.#kernel;
    const inputs = this.#shape.inputs.length;
    const slope = this.#address('front/kernel', this.#gradient);
    clips.forEach(({ first, rows }, clip) => {
      run.pack(this.#g + first * width * 4, width * 4, rows, width, this.#packed);
      const from = this.#input + clip * batch.clipStride * 4;
      run.gram(from, 4 * inputs * 4, rows, this.#packed, slope, width * 4, FRONT_HOPS * inputs, width);
    });
  }

  /** Pooled slopes → slopes by the values that were pooled (`#wideSlope`) and by the weights' logits (`#weights`). */
  #backThroughPooling(batch: SequenceBatch, clips: readonly ClipRows[]): void {
    const { run, floats } = this.#kernel;
    const channels = 2 * this.#shape.width;
    const scratch = this.#sums + batch.clips * 3 * channels * 4;
    const { first: start, rows: total } = spanOf(clips);
    // Frames that are not pooled, and the rows between the clips, have no slope of their own.
    floats.fill(0, this.#wideSlope / 4 + start * channels, this.#wideSlope / 4 + (start + total) * channels);
    const kept = floats.subarray(scratch / 4, scratch / 4 + 3 * channels);
    let from = start;
    clips.forEach(({ first, rows }, clip) => {
      const pooled = first + batch.pooledFrom[clip]!;
      floats.fill(0, this.#weights / 4 + from * channels, this.#weights / 4 + pooled * channels);
      from = first + rows;
      this.#head.poolingSlopes(clip, kept);
      const at = pooled * channels * 4;
      run.unweigh(
        this.#weights + at,
        this.#wide.out + at,
        scratch,
        scratch + channels * 4,
        scratch + 2 * channels * 4,
        this.#wideSlope + at,
        rows - batch.pooledFrom[clip]!,
        channels,
      );
    });
  }

  #backThroughAttention(clips: readonly ClipRows[]): void {
    const { run } = this.#kernel;
    const { attention, width } = this.#shape;
    const { first: start, rows: total } = spanOf(clips);
    this.#kernelSlope('weights/kernel', clips, this.#hidden, attention, this.#weights, 2 * width);
    const slope = this.#g + start * attention * 4;
    // The buffer of the frames' slopes is free until then; the attention is not wider than a frame.
    const hidden = this.#hidden + start * attention * 4;
    const packed = this.#packTransposed('weights/kernel', attention, 2 * width);
    const weights = this.#weights + start * 2 * width * 4;
    run.convolve(weights, 2 * width * 4, 1, 0, 2 * width, packed, slope, attention * 4, total, attention, 0);
    run.unsquash(slope, hidden, total * attention);
    this.#kernelSlope('attention/kernel', clips, this.#wide.out, 2 * width, this.#g, attention);
    const bias = this.#address('attention/bias', this.#gradient);
    run.moments(slope, total, attention, bias, this.#sums);
    this.#inputSlope('attention/kernel', clips, this.#g, attention, this.#wideSlope, 2 * width, true);
    this.#clearBetween(this.#g, width, clips);
  }

  #denormalise(
    layer: NormalisedLayer,
    name: string,
    clips: readonly ClipRows[],
    slope: number,
    g: number,
    share: number,
  ): void {
    const gain = this.#view(`${name}/gain`, this.#gradient);
    const shift = this.#view(`${name}/shift`, this.#gradient);
    layer.backward(clips, slope, g, this.#view(`${name}/gain`), dropout(share), gain, shift);
  }

  /** kernel slope += inputᵀ · slope, of a layer that sees one frame. */
  #kernelSlope(name: string, clips: readonly ClipRows[], input: number, k: number, slope: number, n: number): void {
    const { run } = this.#kernel;
    for (const { first, rows } of clips) {
      run.pack(slope + first * n * 4, n * 4, rows, n, this.#packed);
      run.gram(input + first * k * 4, k * 4, rows, this.#packed, this.#address(name, this.#gradient), n * 4, k, n);
    }
  }

  /** input slope (+)= slope · kernelᵀ, of a layer that sees one frame (k inputs, n outputs). */
  #inputSlope(
    name: string,
    clips: readonly ClipRows[],
    slope: number,
    n: number,
    out: number,
    k: number,
    add: boolean,
  ): void {
    const { first: start, rows: total } = spanOf(clips);
    const packed = this.#packTransposed(name, k, n);
    const from = slope + start * n * 4;
    this.#kernel.run.convolve(from, n * 4, 1, 0, n, packed, out + start * k * 4, k * 4, total, k, Number(add));
  }

  #packTransposed(name: string, k: number, n: number): number {
    this.#kernel.run.packTransposed(this.#address(name), n * 4, n, k, this.#packed);
    return this.#packed;
  }

  /** A dilated layer: its kernel's slope, and its input's added to `#slope`, which the residual has brought there. */
  #dilatedSlopes(index: number, dilation: number, clips: readonly ClipRows[]): void {
    const { run } = this.#kernel;
    const { width } = this.#shape;
    const row = width * 4;
    const input = this.#inputs[index]!;
    const kernelSlope = this.#address(`body${index + 1}/kernel`, this.#gradient);
    for (const { first, rows } of clips) {
      run.pack(this.#g + first * row, row, rows, width, this.#packed);
      for (let tap = 0; tap < TAPS; tap++) {
        const from = input + (first - (TAPS - 1 - tap) * dilation) * row;
        run.gram(from, row, rows, this.#packed, kernelSlope + tap * width * row, row, width, width);
      }
    }
    // A frame is seen by itself and by those one and two dilations later, through the last, middle and first tap.
    const kernel = this.#address(`body${index + 1}/kernel`);
    let panel = this.#packed;
    for (let column = 0; column < width; column += 8) {
      for (let tap = TAPS - 1; tap >= 0; tap--) {
        run.packTransposed(kernel + (tap * width + column) * row, row, width, 8, panel);
        panel += width * 8 * 4;
      }
    }
    for (const { first, rows } of clips) {
      const from = this.#g + first * row;
      run.convolve(
        from,
        row,
        TAPS,
        dilation * row,
        width,
        this.#packed,
        this.#slope + first * row,
        row,
        rows,
        width,
        1,
      );
    }
  }
}

/** All clips with what lies between them. */
function spanOf(clips: readonly ClipRows[]): ClipRows {
  const first = clips[0]!.first;
  const last = clips.at(-1)!;
  return { first, rows: last.first + last.rows - first };
}
