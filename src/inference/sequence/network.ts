import { Kernel } from './kernel.ts';
import { FRONT_CONTEXT, type HeardWindow, type LegState } from './leg.ts';
import { FRONT_HOPS, HOPS_PER_FRAME, type SequenceShape, servedWeights, TAPS } from './shape.ts';

/** Frames of one pass through the layers at most, of all legs; bounds the scratch memory. */
const PASS_FRAMES = 512;
/** Legs of one pass at most. */
const PASS_LEGS = 64;
/** Frames of one leg in a pass at most. */
const LEG_FRAMES = 32;
/** Below this variance a channel is taken to be constant. */
export const LEAST_VARIANCE = 1e-5;

interface Layer {
  readonly kernel: number;
  readonly bias: number;
}

/** One leg's part of a pass. */
interface Part {
  readonly leg: LegState;
  readonly frames: number;
}

/**
 * The network as it is served. All legs go through one layer before any goes through the next, so that its weights are read once;
 * a leg's numbers come out the same, to the last bit, whatever else is in the pass.
 */
export class SequenceNetwork {
  readonly shape: SequenceShape;
  readonly #kernel = new Kernel();
  readonly #front: Layer;
  readonly #body: readonly Layer[];
  readonly #wide: Layer;
  readonly #attention: Layer;
  readonly #weights: number;
  readonly #head: Float32Array;
  readonly #headBias: Float32Array;
  readonly #scratch: {
    readonly hops: number;
    readonly z: number;
    readonly a: number;
    readonly b: number;
    readonly sums: number;
    readonly gates: number;
  };
  readonly #sums: Float64Array;

  /** @param weights as `servedWeights` says */
  constructor(shape: SequenceShape, weights: Float32Array) {
    this.shape = shape;
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
    const { width, dilations, inputs } = shape;
    const rows = PASS_FRAMES + PASS_LEGS * 2 * Math.max(0, ...dilations);
    this.#scratch = {
      hops: this.#kernel.allocate((PASS_FRAMES * HOPS_PER_FRAME + PASS_LEGS * FRONT_CONTEXT) * inputs.length),
      z: this.#kernel.allocate(PASS_FRAMES * 2 * width),
      a: this.#kernel.allocate(rows * 2 * width),
      b: this.#kernel.allocate(rows * 2 * width),
      sums: this.#kernel.allocate(6 * width),
      gates: this.#kernel.allocate(LEG_FRAMES),
    };
    this.#sums = new Float64Array(6 * width);
  }

  /** Numbers that were learned. */
  get parameters(): number {
    return servedWeights(this.shape).length;
  }

  /**
   * Logits of windows, of any number of legs; `classes` each.
   *
   * @param out written from 0 on
   */
  answer(windows: readonly HeardWindow[], out: Float32Array): void {
    this.#advance([...new Set(windows.map(({ leg }) => leg))]);
    windows.forEach(({ pooled }, row) => {
      this.#decide(pooled!, out, row * this.shape.classes);
    });
  }

  /** Takes all complete frames of a leg into its sums; its windows that wait are read on the way. */
  settle(leg: LegState): void {
    this.#advance([leg]);
    for (let left = Math.floor(leg.pendingHops / HOPS_PER_FRAME); left > 0; left -= LEG_FRAMES) {
      this.#pass([{ leg, frames: Math.min(left, LEG_FRAMES) }]);
    }
  }

  /** Until no window of the legs waits. */
  #advance(legs: readonly LegState[]): void {
    for (let waiting = legs.filter((leg) => this.#read(leg)); waiting.length > 0; ) {
      // A pass of a leg ends with a window, so that nothing of what comes after it is in its sums.
      this.#pass(
        waiting.map((leg) => {
          const frames = Math.floor((leg.waiting[0]!.hops - leg.doneHops) / HOPS_PER_FRAME);
          return { leg, frames: Math.min(frames, LEG_FRAMES) };
        }),
      );
      waiting = waiting.filter((leg) => this.#read(leg));
    }
  }

  /** Reads the windows of a leg whose frames are in its sums; tells whether others wait. */
  #read(leg: LegState): boolean {
    for (let next = leg.waiting[0]; next !== undefined; next = leg.waiting[0]) {
      if (next.hops - leg.doneHops >= HOPS_PER_FRAME) return true;
      next.pooled = new Float64Array(4 * this.shape.width);
      leg.window(next.hops, this.#sums);
      poolSums(this.#sums, 2 * this.shape.width, next.pooled);
      leg.waiting.shift();
    }
    return false;
  }

  #pass(all: readonly Part[]): void {
    for (let first = 0; first < all.length; ) {
      let frames = 0;
      let last = first;
      while (last < all.length && last - first < PASS_LEGS && frames + all[last]!.frames <= PASS_FRAMES) {
        frames += all[last]!.frames;
        last += 1;
      }
      this.#layers(all.slice(first, last), frames);
      first = last;
    }
  }

  #layers(parts: readonly Part[], total: number): void {
    const { run } = this.#kernel;
    const { width, dilations, attention } = this.shape;
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
      leg.forget(frames);
      row += frames;
    }
  }

  /** Hops → frames. Each leg's rows in `out` come after room for the context of the next layer. */
  #first(parts: readonly Part[], dilation: number, out: number): void {
    const { run, floats } = this.#kernel;
    const { hops, z } = this.#scratch;
    const { width } = this.shape;
    const inputs = this.shape.inputs.length;
    let from = hops;
    let to = out;
    for (const { leg, frames } of parts) {
      const length = (FRONT_CONTEXT + frames * HOPS_PER_FRAME) * inputs;
      floats.set(leg.pending.subarray(0, length), from / 4);
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
    const rowBytes = this.shape.width * 4;
    const { kernel, bias } = this.#body[index]!;
    let from = input;
    let to = output;
    for (const { leg, frames } of parts) {
      const context = leg.contexts[index]!;
      floats.set(context, from / 4);
      run.convolve(
        from,
        rowBytes,
        TAPS,
        dilation * rowBytes,
        this.shape.width,
        kernel,
        z,
        rowBytes,
        frames,
        this.shape.width,
        0,
      );
      const own = from + 2 * dilation * rowBytes;
      to += 2 * nextDilation * rowBytes;
      run.rectify(z, bias, own, to, frames, this.shape.width);
      const rest = (from + frames * rowBytes) / 4;
      context.set(floats.subarray(rest, rest + context.length));
      from = own + frames * rowBytes;
      to += frames * rowBytes;
    }
  }

  /** Adds frames to the sums of their blocks. */
  #pool(leg: LegState, frames: number, weights: number, values: number, sums: number): void {
    const { run, floats } = this.#kernel;
    const { gates } = this.#scratch;
    const columns = 2 * this.shape.width;
    leg.gates(frames, floats, gates / 4);
    for (let first = 0; first < frames; ) {
      const block = leg.blockOf(leg.doneHops + (first + 1) * HOPS_PER_FRAME);
      let last = first + 1;
      while (last < frames && leg.blockOf(leg.doneHops + (last + 1) * HOPS_PER_FRAME) === block) last += 1;
      const kept = leg.sums.block(block);
      floats.set(kept, sums / 4);
      run.weigh(
        weights + first * columns * 4,
        values + first * columns * 4,
        gates + first * 4,
        last - first,
        columns,
        sums,
      );
      kept.set(floats.subarray(sums / 4, sums / 4 + kept.length));
      first = last;
    }
  }

  /** Mean and deviation of every channel → logits. */
  #decide(pooled: Float64Array, out: Float32Array, at: number): void {
    const { classes } = this.shape;
    for (let label = 0; label < classes; label++) {
      let logit = this.#headBias[label]!;
      for (let index = 0; index < pooled.length; index++)
        logit += pooled[index]! * this.#head[index * classes + label]!;
      out[at + label] = logit;
    }
  }
}

/** Σw, Σwh and Σwh² of `channels` channels, one after the other → their means, then their deviations. */
export function poolSums(sums: Float64Array | Float32Array, channels: number, out: Float64Array): void {
  for (let channel = 0; channel < channels; channel++) {
    const weight = sums[channel]!;
    const mean = weight > 0 ? sums[channels + channel]! / weight : 0;
    const variance = weight > 0 ? sums[2 * channels + channel]! / weight - mean * mean : 0;
    out[channel] = mean;
    out[channels + channel] = Math.sqrt(Math.max(variance, LEAST_VARIANCE));
  }
}
