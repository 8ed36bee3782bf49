import { HOP_SAMPLES, PITCH_FRAME_SAMPLES } from './format.ts';

/** Called once per hop with the 640 samples that end with it: a view, valid during the call. */
export type OnHop = (frame: Float32Array) => void;

/** Hops between two moves of the history to the front of the buffer. */
const HOPS_PER_TURN = 16;
const HISTORY = PITCH_FRAME_SAMPLES - HOP_SAMPLES;

/**
 * Cuts 16 kHz samples into hops of 160 and shows each with the 480 samples before it (zeros before the first sample),
 * contiguous. The hops are the same however the samples were chunked. Allocates nothing per hop: the buffer holds 16
 * hops, each place in it has its view, and the history moves to the front when the last was used.
 *
 * @example
 * const framer = new HopFramer();
 * framer.push(samples, (frame) => extractor.describe(frame, row));
 */
export class HopFramer {
  readonly #buffer = new Float32Array(HISTORY + HOPS_PER_TURN * HOP_SAMPLES);
  readonly #frames: readonly Float32Array[] = Array.from({ length: HOPS_PER_TURN }, (_, hop) =>
    this.#buffer.subarray(hop * HOP_SAMPLES, hop * HOP_SAMPLES + PITCH_FRAME_SAMPLES),
  );
  /** The hop being filled, 0 to 15, and how many of its samples are there. */
  #hop = 0;
  #filled = 0;

  push(samples: Float32Array, onHop: OnHop): void {
    let at = 0;
    while (at < samples.length) {
      const count = Math.min(HOP_SAMPLES - this.#filled, samples.length - at);
      const to = HISTORY + this.#hop * HOP_SAMPLES + this.#filled;
      // An element loop: subarray + set would allocate a view, and costs more for the few samples of a hop.
      for (let i = 0; i < count; i++) this.#buffer[to + i] = samples[at + i]!;
      at += count;
      this.#filled += count;
      if (this.#filled === HOP_SAMPLES) this.#complete(onHop);
    }
  }

  /** Completes the last hop with zeros; does nothing when no hop is begun. */
  flush(onHop: OnHop): void {
    if (this.#filled === 0) return;
    const from = HISTORY + this.#hop * HOP_SAMPLES;
    this.#buffer.fill(0, from + this.#filled, from + HOP_SAMPLES);
    this.#complete(onHop);
  }

  #complete(onHop: OnHop): void {
    const frame = this.#frames[this.#hop]!;
    this.#filled = 0;
    this.#hop++;
    try {
      onHop(frame);
    } finally {
      // After the call, because the move overwrites what the view shows.
      if (this.#hop === HOPS_PER_TURN) {
        this.#buffer.copyWithin(0, HOPS_PER_TURN * HOP_SAMPLES);
        this.#hop = 0;
      }
    }
  }
}
