import { HOP_MS, HOP_SAMPLES, HopFramer } from '../audio/index.ts';
import type { Aside, GapSignal, HopSignal, JumpSignal, SamplesSignal } from './signals.ts';
import type { Block } from './stage.ts';

type Framed = HopSignal | JumpSignal | Aside;

const SILENCE = new Float32Array(HOP_SAMPLES);

/**
 * Samples → frames, one every hop, on absolute positions. A gap is heard as silence for the length of a window, so that what
 * came before it leaves the windows as it should; the rest of it is jumped over, without windows.
 */
export class Frame implements Block<SamplesSignal | GapSignal | Aside, Framed> {
  readonly #framers: readonly HopFramer[];
  readonly #windowSamples: number;
  readonly #onHop: readonly ((frame: Float32Array) => void)[];
  /** Of the call that runs; kept here so that no function is made per packet. */
  #emit: (item: Framed) => void = () => {};
  readonly #out: HopSignal = { kind: 'hop', channel: 0, frame: new Float32Array(0) };

  constructor(channels: number, windowMs: number) {
    this.#framers = Array.from({ length: channels }, () => new HopFramer());
    this.#onHop = this.#framers.map((_, channel) => (frame) => this.#send(channel, frame));
    this.#windowSamples = (windowMs / HOP_MS) * HOP_SAMPLES;
  }

  next(signal: SamplesSignal | GapSignal | Aside, emit: (item: Framed) => void): void {
    switch (signal.kind) {
      case 'samples':
        this.#push(signal.channel, signal.samples, emit);
        return;
      case 'gap':
        this.#gap(signal.samples, emit);
        return;
      default:
        emit(signal);
    }
  }

  flush(emit: (item: Framed) => void): void {
    this.#emit = emit;
    this.#framers.forEach((framer, channel) => {
      framer.flush(this.#onHop[channel]!);
    });
  }

  #gap(length: number, emit: (item: Framed) => void): void {
    const heard = Math.min(length, this.#windowSamples);
    const hops = Math.floor((length - heard) / HOP_SAMPLES);
    const samples = length - hops * HOP_SAMPLES;
    for (let sent = 0; sent < samples; sent += HOP_SAMPLES) {
      const block = samples - sent < HOP_SAMPLES ? SILENCE.subarray(0, samples - sent) : SILENCE;
      for (let channel = 0; channel < this.#framers.length; channel += 1) this.#push(channel, block, emit);
    }
    if (hops > 0) emit({ kind: 'jump', hops });
  }

  #push(channel: number, samples: Float32Array, emit: (item: Framed) => void): void {
    this.#emit = emit;
    this.#framers[channel]!.push(samples, this.#onHop[channel]!);
  }

  #send(channel: number, frame: Float32Array): void {
    this.#out.channel = channel;
    this.#out.frame = frame;
    this.#emit(this.#out);
  }
}
