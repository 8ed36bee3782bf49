import { BlockSums } from './block-sums.ts';
import { CausalNormaliser, type InputNormalisation } from './normaliser.ts';
import { HOP_MS, HOPS_PER_FRAME, type SequenceShape } from './shape.ts';

/** Hops of left context of the first layer. */
export const FRONT_CONTEXT = 4;
/** So many hops wait for a window at most; then they are taken into the sums without one. */
export const MOST_PENDING_HOPS = 64;

/** A window that is due, and waits to be answered. */
export interface HeardWindow {
  readonly leg: LegState;
  /** It ends after so many hops of the leg. */
  readonly hops: number;
  /** Mean and deviation of every channel over its frames, network after network, once those have gone through them. */
  pooled: Float64Array | undefined;
}

/** What one of the networks keeps of a leg. */
export interface MemberState {
  /** Of each dilated layer: its input in the frames before the next, oldest first. */
  readonly contexts: readonly Float32Array[];
  readonly sums: BlockSums;
}

/**
 * What the networks keep of one leg: hops that wait, the frames that its layers still look back to, and the sums of the pooling. All
 * of it depends on the leg's hops alone, never on how they came or on what else was computed with them.
 */
export class LegState {
  readonly #normaliser: CausalNormaliser;
  readonly #inputs: number;
  /** The first layer's left context, then the hops that wait; normalised. */
  readonly pending: Float32Array;
  /** Hops that wait. */
  pendingHops = 0;
  /** Of each network. */
  readonly states: readonly MemberState[];
  /** Windows whose frames have not all gone through the network, oldest first. */
  readonly waiting: HeardWindow[] = [];
  /** Hops heard. */
  hops = 0;
  /** Hops that have gone through the network. */
  doneHops = 0;
  /** The hop before the first, in stream time. */
  #origin: number;
  /** Makes room where too many hops wait. */
  readonly #settle: (leg: LegState) => void;

  constructor(
    { width, dilations, inputs }: SequenceShape,
    members: number,
    normalisation: InputNormalisation,
    grid: { readonly windowMs: number; readonly stepMs: number; readonly startMs?: number },
    settle: (leg: LegState) => void,
  ) {
    this.#normaliser = new CausalNormaliser(normalisation);
    this.#inputs = inputs.length;
    this.pending = new Float32Array((FRONT_CONTEXT + MOST_PENDING_HOPS) * inputs.length);
    this.states = Array.from({ length: members }, () => ({
      contexts: dilations.map((dilation) => new Float32Array(2 * dilation * width)),
      sums: new BlockSums(grid.windowMs / HOP_MS, grid.stepMs / HOP_MS, 6 * width),
    }));
    this.#origin = Math.floor((grid.startMs ?? 0) / HOP_MS);
    this.#settle = settle;
  }

  /** Memory of this state, bytes. */
  get bytes(): number {
    const kept = this.states.map(
      ({ contexts, sums }) => sums.bytes + contexts.reduce((total, { byteLength }) => total + byteLength, 0),
    );
    const own = this.pending.byteLength + 2 * 8 * this.#inputs;
    return kept.reduce((total, bytes) => total + bytes, own);
  }

  /** Takes in the next hop's descriptors. @param from where they begin in `row` */
  push(row: Float32Array, from = 0): void {
    if (this.pendingHops === MOST_PENDING_HOPS) this.#settle(this);
    this.#normaliser.push(row, from, this.pending, (FRONT_CONTEXT + this.pendingHops) * this.#inputs);
    this.pendingHops += 1;
    this.hops += 1;
  }

  /** Hops are passed over: those after it are so much later. */
  jump(hops: number): void {
    this.#settle(this);
    // A frame that is not complete begins before the jump and ends after it; its time is where it ends.
    this.#origin += hops;
  }

  /** The window that ends with the last hop pushed. */
  due(): HeardWindow {
    const window: HeardWindow = { leg: this, hops: this.hops, pooled: undefined };
    this.waiting.push(window);
    return window;
  }

  /** The block that the frame which ends with the `hops`-th hop is in. */
  blockOf(hops: number): number {
    return this.states[0]!.sums.blockOf(this.#origin + hops - 1);
  }

  /** The sums of the window that ends after so many hops, of one of the networks. */
  window(member: number, hops: number, out: Float64Array): void {
    this.states[member]!.sums.window(this.#origin + hops, out);
  }

  /** So many frames have gone through the network: what waits after them moves up behind their end. */
  forget(frames: number): void {
    const hops = frames * HOPS_PER_FRAME;
    this.pending.copyWithin(0, hops * this.#inputs, (FRONT_CONTEXT + this.pendingHops) * this.#inputs);
    this.pendingHops -= hops;
    this.doneHops += hops;
  }
}
