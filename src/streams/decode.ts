import { type AudioFormat, bytesPerSampleFrame, SampleDecoder } from '../audio/index.ts';
import type { Aside, GapSignal, SamplesSignal, StreamInput } from './signals.ts';
import type { Block } from './stage.ts';

type Decoded = SamplesSignal | GapSignal | Aside;

/** Blocks of 10 ms: short enough that all channels of a stream reach a window's end before any of them reaches the next. */
const BLOCKS_PER_SECOND = 100;

/**
 * Bytes → samples, a channel at a time in blocks of at most 10 ms, so that the order of events does not depend on how the
 * bytes were chunked, and no buffer grows with the chunk.
 */
export class Decode implements Block<StreamInput, Decoded> {
  readonly #format: AudioFormat;
  readonly #decoder: SampleDecoder;
  readonly #blockBytes: number;
  readonly #out: SamplesSignal = { kind: 'samples', channel: 0, samples: new Float32Array(0) };

  constructor(format: AudioFormat) {
    this.#format = format;
    this.#decoder = new SampleDecoder(format);
    this.#blockBytes = Math.floor(format.sampleRateHz / BLOCKS_PER_SECOND) * bytesPerSampleFrame(format);
  }

  next(input: StreamInput, emit: (item: Decoded) => void): void {
    if (input.kind !== 'audio') {
      emit(input);
      return;
    }
    const { bytes } = input;
    for (let offset = 0; offset < bytes.length; offset += this.#blockBytes) {
      const end = Math.min(offset + this.#blockBytes, bytes.length);
      if (this.#decoder.push(bytes, offset, end) === 0) continue;
      for (let channel = 0; channel < this.#format.channels; channel += 1) {
        this.#out.channel = channel;
        this.#out.samples = this.#decoder.channel(channel);
        emit(this.#out);
      }
    }
  }

  flush(emit: (item: Decoded) => void): void {
    const { pendingBytes } = this.#decoder;
    if (pendingBytes === 0) return;
    emit({
      kind: 'status',
      code: 'half-sample',
      message:
        pendingBytes === 1
          ? 'The audio ended 1 byte into a sample; it was left out.'
          : `The audio ended ${pendingBytes} bytes into a sample; they were left out.`,
    });
  }
}
