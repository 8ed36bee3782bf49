import { ANALYSIS_RATE_HZ, type AudioFormat, StreamingResampler } from '../audio/index.ts';
import type { Aside, GapSignal, SamplesSignal } from './signals.ts';
import type { Block } from './stage.ts';

type Signal = SamplesSignal | GapSignal | Aside;

/** Whole samples before a moment. */
export const samplesUntil = (ms: number, rateHz: number): number => Math.floor((ms * rateHz) / 1000);

/** Any rate → 16 kHz, one resampler a channel. A gap ends what they hold and starts them afresh. */
export class Resample implements Block<Signal, Signal> {
  readonly #format: AudioFormat;
  #resamplers: readonly StreamingResampler[];
  /** Samples of a channel so far: at the input's rate, and at 16 kHz. */
  #received: number;
  #produced: number;
  readonly #out: SamplesSignal = { kind: 'samples', channel: 0, samples: new Float32Array(0) };

  /** @param startMs where the first sample stands. */
  constructor(format: AudioFormat, startMs = 0) {
    this.#format = format;
    this.#received = samplesUntil(startMs, format.sampleRateHz);
    this.#produced = samplesUntil(startMs, ANALYSIS_RATE_HZ);
    this.#resamplers = this.#fresh();
  }

  next(signal: Signal, emit: (item: Signal) => void): void {
    switch (signal.kind) {
      case 'samples':
        if (signal.channel === 0) this.#received += signal.samples.length;
        this.#send(signal.channel, this.#resamplers[signal.channel]!.push(signal.samples), emit);
        return;
      case 'gap':
        this.flush(emit);
        this.#resamplers = this.#fresh();
        this.#skip(signal.samples, emit);
        return;
      default:
        emit(signal);
    }
  }

  flush(emit: (item: Signal) => void): void {
    this.#resamplers.forEach((resampler, channel) => {
      this.#send(channel, resampler.flush(), emit);
    });
  }

  #skip(samples: number, emit: (item: Signal) => void): void {
    this.#received += samples;
    const position = Math.round((this.#received * ANALYSIS_RATE_HZ) / this.#format.sampleRateHz);
    emit({ kind: 'gap', samples: position - this.#produced });
    this.#produced = position;
  }

  #send(channel: number, samples: Float32Array, emit: (item: Signal) => void): void {
    if (samples.length === 0) return;
    if (channel === 0) this.#produced += samples.length;
    this.#out.channel = channel;
    this.#out.samples = samples;
    emit(this.#out);
  }

  #fresh(): StreamingResampler[] {
    return Array.from(
      { length: this.#format.channels },
      () => new StreamingResampler(this.#format.sampleRateHz, ANALYSIS_RATE_HZ),
    );
  }
}
