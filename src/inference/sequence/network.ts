import { Kernel } from './kernel.ts';
import { FRONT_CONTEXT, type HeardWindow, type LegState } from './leg.ts';
import { LEG_FRAMES, Member, PASS_FRAMES, PASS_LEGS, type Part, type Scratch, scratchFor } from './member.ts';
import { HOPS_PER_FRAME, type SequenceShape } from './shape.ts';

/** Below this variance a channel is taken to be constant. */
export const LEAST_VARIANCE = 1e-5;

/**
 * The network as it is served: one, or several of the same shape that hear the same and whose logits are averaged. The windows of all
 * legs that are due go through each layer together.
 */
export class SequenceNetwork {
  readonly shape: SequenceShape;
  readonly #kernel = new Kernel();
  readonly #scratch: Scratch;
  readonly #members: readonly Member[];
  readonly #sums: Float64Array;
  readonly #logits: Float64Array;

  /** @param members the weights of each, as `servedWeights` says */
  constructor(shape: SequenceShape, members: readonly Float32Array[]) {
    this.shape = shape;
    this.#scratch = scratchFor(this.#kernel, shape);
    this.#members = members.map((weights, index) => new Member(this.#kernel, this.#scratch, shape, weights, index));
    this.#sums = new Float64Array(6 * shape.width);
    this.#logits = new Float64Array(shape.classes);
  }

  /**
   * Logits of windows, of any number of legs; `classes` each.
   *
   * @param out written from 0 on
   */
  answer(windows: readonly HeardWindow[], out: Float32Array): void {
    this.#advance([...new Set(windows.map(({ leg }) => leg))]);
    const logits = this.#logits;
    windows.forEach(({ pooled }, row) => {
      logits.fill(0);
      this.#members.forEach((member, index) => {
        member.decide(pooled!, index * 4 * this.shape.width, logits);
      });
      for (let label = 0; label < logits.length; label++) {
        out[row * logits.length + label] = logits[label]! / this.#members.length;
      }
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
      const { width } = this.shape;
      const pooled = new Float64Array(4 * width * this.#members.length);
      this.#members.forEach((_, index) => {
        leg.window(index, next.hops, this.#sums);
        poolSums(this.#sums, 2 * width, pooled.subarray(4 * width * index));
      });
      next.pooled = pooled;
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
    const { floats } = this.#kernel;
    let to = this.#scratch.hops / 4;
    for (const { leg, frames } of parts) {
      const length = (FRONT_CONTEXT + frames * HOPS_PER_FRAME) * this.shape.inputs.length;
      floats.set(leg.pending.subarray(0, length), to);
      to += length;
    }
    for (const member of this.#members) member.run(parts, total);
    for (const { leg, frames } of parts) leg.forget(frames);
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
