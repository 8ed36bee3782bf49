import type { Kernel } from './kernel.ts';
import { FRONT_CONTEXT, type LegState } from './leg.ts';
import { FRONT_HOPS, HOPS_PER_FRAME, type SequenceShape, servedWeights, TAPS } from './shape.ts';

/** Frames of one pass through the layers at most, of all legs; bounds the scratch memory. */
export const PASS_FRAMES = 512;
/** Legs of one pass at most. */
export const PASS_LEGS = 64;
/** Frames of one leg in a pass at most. */
export const LEG_FRAMES = 16;

interface Layer {
  readonly kernel: number;
  readonly bias: number;
}

/** One leg's part of a pass. */
export interface Part {
  readonly leg: LegState;
  readonly frames: number;
}

/** Addresses of what a pass writes and nobody keeps. */
export interface Scratch {
  /** The parts' hops, each with its context before it. */
  readonly hops: number;
  readonly z: number;
  readonly a: number;
  readonly b: number;
  readonly sums: number;
}

export function scratchFor(kernel: Kernel, { width, dilations, inputs }: SequenceShape): Scratch {
  const rows = PASS_FRAMES + PASS_LEGS * 2 * Math.max(0, ...dilations);
  return {
    hops: kernel.allocate((PASS_FRAMES * HOPS_PER_FRAME + PASS_LEGS * FRONT_CONTEXT) * inputs.length),
    z: kernel.allocate(PASS_FRAMES * 2 * width),
    a: kernel.allocate(rows * 2 * width),
    b: kernel.allocate(rows * 2 * width),
    sums: kernel.allocate(6 * width),
  };
}

/**
 * One of the networks that are asked together. All legs go through one layer before any goes through the next, so that its weights are
 * read once; a leg's numbers come out the same, to the last bit, whatever else is in the pass.
 */
export class Member {
  readonly #kernel: Kernel;
  readonly #shape: SequenceShape;
  readonly #scratch: Scratch;
  /** Which of a leg's states is its. */
  readonly #index: number;
  readonly #front: Layer;
  readonly #body: readonly Layer[];
  readonly #wide: Layer;
  readonly #attention: Layer;
  readonly #weights: number;
  readonly #head: Float32Array;
  readonly #headBias: Float32Array;

  /** @param weights as `servedWeights` says */
  constructor(kernel: Kernel, scratch: Scratch, shape: SequenceShape, weights: Float32Array, index: number) {
    this.#kernel = kernel;
    this.#scratch = scratch;
    this.#shape = shape;
    this.#index = index;
    const { list, length } = servedWeights(shape);
    if (weights.length !== length) throw new RangeError(`${weights.length} weights; the network has ${length}`);
    const of = (name: string): Float32Array => {
      const { at, rows, columns } = list.find((each) => each.name === name)!;
      return weights.subarray(at, at + rows * columns);
    };
    const packed = (name: string): number => {
      const { rows, columns } = list.find((each) => each.name === `${name}/kernel`)!;
      return this.#kernel.putPacked(of(`${name}/kernel`), rows, columns);
    };
    const layer = (name: string): Layer => ({ kernel: packed(name), bias: this.#kernel.put(of(`${name}/bias`)) });
    this.#front = layer('front');
    this.#body = shape.dilations.map((_, index) => layer(`body${index + 1}`));
    this.#wide = layer('wide');
    this.#attention = layer('attention');
    this.#weights = packed('weights');
    this.#head = of('head/kernel').slice();
    this.#headBias = of('head/bias').slice();
  }

  /** Hops of the scratch → frames, added to the sums of the legs. @param total frames of all parts */
  run(parts: readonly Part[], total: number): void {
    const { run } = this.#kernel;
    const { width, dilations, attention } = this.#shape;
    const { z, sums } = this.#scratch;
    let [input, output] = [this.#scratch.a, this.#scratch.b];
    this.#first(parts, dilations[0] ?? 0, input);
    dilations.forEach((dilation, index) => {
      this.#dilated(parts, index, dilation, dilations[index + 1] ?? 0, input, output);
      [input, output] = [output, input];
    });
    run.convolve(input, width * 4, 1, 0, width, this.#wide.kernel, z, 2 * width * 4, total, 2 * width, 0);
    run.rectify(z, this.#wide.bias, 0, output, total, 2 * width);
    const wide = output;
    run.convolve(wide, 2 * width * 4, 1, 0, 2 * width, this.#attention.kernel, z, attention * 4, total, attention, 0);
    run.squash(z, this.#attention.bias, total, attention);
    run.convolve(z, attention * 4, 1, 0, attention, this.#weights, input, 2 * width * 4, total, 2 * width, 0);
    let row = 0;
    for (const { leg, frames } of parts) {
      this.#pool(leg, frames, input + row * 2 * width * 4, wide + row * 2 * width * 4, sums);
      row += frames;
    }
  }

  /** Hops → frames. Each leg's rows in `out` come after room for the context of the next layer. */
  #first(parts: readonly Part[], dilation: number, out: number): void {
    const { run } = this.#kernel;
    const { hops, z } = this.#scratch;
    const { width } = this.#shape;
    const inputs = this.#shape.inputs.length;
    let from = hops;
    let to = out;
    for (const { frames } of parts) {
      const length = (FRONT_CONTEXT + frames * HOPS_PER_FRAME) * inputs;
      run.convolve(
        from,
        HOPS_PER_FRAME * inputs * 4,
        1,
        0,
        FRONT_HOPS * inputs,
        this.#front.kernel,
        z,
        width * 4,
        frames,
        width,
        0,
      );
      to += 2 * dilation * width * 4;
      run.rectify(z, this.#front.bias, 0, to, frames, width);
      to += frames * width * 4;
      from += length * 4;
    }
  }

  #dilated(
    parts: readonly Part[],
    index: number,
    dilation: number,
    nextDilation: number,
    input: number,
    output: number,
  ): void {
    const { run, floats } = this.#kernel;
    const { z } = this.#scratch;
    const rowBytes = this.#shape.width * 4;
    const { kernel, bias } = this.#body[index]!;
    let from = input;
    let to = output;
    for (const { leg, frames } of parts) {
      const context = leg.states[this.#index]!.contexts[index]!;
      floats.set(context, from / 4);
      run.convolve(
        from,
        rowBytes,
        TAPS,
        dilation * rowBytes,
        this.#shape.width,
        kernel,
        z,
        rowBytes,
        frames,
        this.#shape.width,
        0,
      );
      const own = from + 2 * dilation * rowBytes;
      to += 2 * nextDilation * rowBytes;
      run.rectify(z, bias, own, to, frames, this.#shape.width);
      const rest = (from + frames * rowBytes) / 4;
      context.set(floats.subarray(rest, rest + context.length));
      from = own + frames * rowBytes;
      to += frames * rowBytes;
    }
  }

  /** Adds frames to the sums of their blocks. */
  #pool(leg: LegState, frames: number, weights: number, values: number, sums: number): void {
    const { run, floats } = this.#kernel;
    const columns = 2 * this.#shape.width;
    for (let first = 0; first < frames; ) {
      const block = leg.blockOf(leg.doneHops + (first + 1) * HOPS_PER_FRAME);
      let last = first + 1;
      while (last < frames && leg.blockOf(leg.doneHops + (last + 1) * HOPS_PER_FRAME) === block) last += 1;
      const kept = leg.states[this.#index]!.sums.block(block);
      floats.set(kept, sums / 4);
      run.weigh(weights + first * columns * 4, values + first * columns * 4, last - first, columns, sums);
      kept.set(floats.subarray(sums / 4, sums / 4 + kept.length));
      first = last;
    }
  }

  /** Adds the logits of a window. @param pooled means and deviations of the channels, from `from` on */
  decide(pooled: Float64Array, from: number, logits: Float64Array): void {
    const { classes, width } = this.#shape;
    for (let label = 0; label < classes; label++) {
      let logit = this.#headBias[label]!;
      for (let index = 0; index < 4 * width; index++) {
        logit += pooled[from + index]! * this.#head[index * classes + label]!;
      }
      logits[label]! += logit;
    }
  }
}
