import { HOP_SAMPLES } from '../audio/index.ts';
import { DescriptorExtractor } from '../features/index.ts';
import type { Aside, HopSignal, JumpSignal, RowSignal } from './signals.ts';
import type { Block } from './stage.ts';

type Described = RowSignal | JumpSignal | Aside;

/** Digital full scale: μ-law's largest value is 0.980. */
const FULL_SCALE = 0.98;

/** A frame → one row of low-level descriptors. */
export class Describe implements Block<HopSignal | JumpSignal | Aside, Described> {
  readonly #extractors: readonly DescriptorExtractor[];
  readonly #out: RowSignal;

  constructor(channels: number, meyda: readonly string[]) {
    this.#extractors = Array.from({ length: channels }, () => new DescriptorExtractor({ meyda }));
    const rowLength = this.#extractors[0]?.rowLength ?? 0;
    this.#out = { kind: 'row', channel: 0, row: new Float32Array(rowLength), clipped: 0 };
  }

  next(signal: HopSignal | JumpSignal | Aside, emit: (item: Described) => void): void {
    if (signal.kind !== 'hop') {
      emit(signal);
      return;
    }
    const { channel, frame } = signal;
    this.#extractors[channel]!.describe(frame, this.#out.row);
    this.#out.channel = channel;
    this.#out.clipped = countClipped(frame);
    emit(this.#out);
  }
}

function countClipped(frame: Float32Array): number {
  let clipped = 0;
  for (let index = frame.length - HOP_SAMPLES; index < frame.length; index += 1) {
    if (Math.abs(frame[index]!) >= FULL_SCALE) clipped += 1;
  }
  return clipped;
}
