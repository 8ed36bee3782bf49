import { ANALYSIS_RATE_HZ } from './format.ts';
import { type ResamplerTable, resamplerTable } from './resampler-table.ts';
import { SampleBuffer } from './sample-buffer.ts';

/** Input samples taken at a time, so that the history stays small after a long push. */
const BLOCK = 2048;
const NOTHING = new Float32Array(0);

/**
 * Any rate to 16 kHz, or between any two whole rates, while the audio streams in. Linear phase and compensated: output
 * sample k is the audio at k / toHz. ±0.1 dB up to 0.85 of the lower Nyquist frequency, at least 70 dB down from 1.15 of
 * it, 2.1 ms of look-ahead at 8 kHz and half of that from 16 kHz on. The output has the same bits for any chunking; equal
 * rates pass through.
 *
 * @example
 * const resampler = new StreamingResampler(8000);
 * const first = resampler.push(samples); // valid until the next call
 * const last = resampler.flush(); // in all ceil(n · toHz / fromHz) samples
 */
export class StreamingResampler {
  readonly fromHz: number;
  readonly toHz: number;
  readonly #table: ResamplerTable | undefined;
  readonly #output = new SampleBuffer();
  /** Input that outputs to come need, the oldest first. Float64: the dot products then convert nothing. */
  readonly #history: Float64Array;
  #length = 0;
  /** Where in the history the taps of the next output sample begin, and its phase in units of 1 / interpolation. */
  #start = 0;
  #phase = 0;
  /** Samples taken in and given out since the start. */
  #received = 0;
  #produced = 0;

  /** @throws RangeError when a rate is not a whole number above 0 */
  constructor(fromHz: number, toHz: number = ANALYSIS_RATE_HZ) {
    for (const rate of [fromHz, toHz]) {
      if (!Number.isInteger(rate) || rate <= 0) throw new RangeError(`${rate} Hz is no whole sample rate.`);
    }
    this.fromHz = fromHz;
    this.toHz = toHz;
    this.#table = fromHz === toHz ? undefined : resamplerTable(fromHz, toHz);
    // A block, the taps before it (and at most a step of the input beside them), and the zeros of flush.
    const table = this.#table;
    this.#history = new Float64Array(table ? BLOCK + 4 * table.halfTaps + Math.ceil(fromHz / toHz) : 0);
    this.#rewind();
  }

  /** How much later than its own time a sample comes out, in ms: the part of the filter that lies ahead. */
  get lookAheadMs(): number {
    return this.#table ? (1000 * this.#table.halfTaps) / this.fromHz : 0;
  }

  /** The output samples that this input completes: a view, valid until the next call. */
  push(samples: Float32Array): Float32Array {
    const table = this.#table;
    if (table === undefined) return samples;
    this.#received += samples.length;
    const atMost = Math.ceil(this.#received * (table.interpolation / table.decimation)) + 1 - this.#produced;
    const out = this.#output.reserve(Math.max(0, atMost));
    let count = 0;
    for (let at = 0; at < samples.length; at += BLOCK) {
      const end = Math.min(samples.length, at + BLOCK);
      for (let i = at; i < end; i++) this.#history[this.#length++] = samples[i]!;
      count = this.#produce(table, out, count);
    }
    this.#produced += count;
    return this.#output.view(count);
  }

  /** What the look-ahead held back, as if zeros followed; the resampler is then as new. */
  flush(): Float32Array {
    const table = this.#table;
    if (table === undefined) return NOTHING;
    const rest = Math.ceil((this.#received * table.interpolation) / table.decimation) - this.#produced;
    const out = this.#output.reserve(rest + 2);
    this.#history.fill(0, this.#length, this.#length + table.halfTaps);
    this.#length += table.halfTaps;
    this.#produce(table, out, 0);
    this.#rewind();
    return this.#output.view(rest);
  }

  /** Zeros before the first sample; output 0 lies on input 0, which is tap `halfTaps − 1` of its phase. */
  #rewind(): void {
    this.#length = this.#table ? this.#table.halfTaps - 1 : 0;
    this.#history.fill(0, 0, this.#length);
    this.#start = 0;
    this.#phase = 0;
    this.#received = 0;
    this.#produced = 0;
  }

  /** Writes every output sample whose taps are all there, from `out[count]` on; gives the new count. */
  #produce(table: ResamplerTable, out: Float32Array, count: number): number {
    const { interpolation, halfTaps, phases, exact, taps, firstTap, endTap } = table;
    const tapCount = 2 * halfTaps;
    const wholeStep = Math.floor(table.decimation / interpolation);
    const phaseStep = table.decimation % interpolation;
    const history = this.#history;
    const last = this.#length - tapCount;
    let start = this.#start;
    let phase = this.#phase;
    let written = count;
    while (start <= last) {
      if (exact) {
        const first = firstTap[phase]!;
        const row = phase * tapCount;
        out[written++] = dot(taps, row + first, history, start + first, endTap[phase]! - first);
      } else {
        const position = (phase * phases) / interpolation;
        const below = Math.floor(position);
        const share = position - below;
        const row = below * tapCount;
        const a = dot(taps, row, history, start, tapCount);
        const b = dot(taps, row + tapCount, history, start, tapCount);
        out[written++] = a + share * (b - a);
      }
      start += wholeStep;
      phase += phaseStep;
      if (phase >= interpolation) {
        phase -= interpolation;
        start++;
      }
    }
    // Keep what the next output needs; when it begins beyond the history (steep decimation), the gap is counted on.
    const drop = Math.min(start, this.#length);
    history.copyWithin(0, drop, this.#length);
    this.#length -= drop;
    this.#start = start - drop;
    this.#phase = phase;
    return written;
  }
}

/** Four sums side by side, because one would wait for itself at every step; the order is fixed, so the bits are too. */
function dot(taps: Float64Array, tap: number, input: Float64Array, at: number, count: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 3 < count; i += 4) {
    a += taps[tap + i]! * input[at + i]!;
    b += taps[tap + i + 1]! * input[at + i + 1]!;
    c += taps[tap + i + 2]! * input[at + i + 2]!;
    d += taps[tap + i + 3]! * input[at + i + 3]!;
  }
  for (; i < count; i++) a += taps[tap + i]! * input[at + i]!;
  return a + b + (c + d);
}
