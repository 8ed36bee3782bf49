import { UndertoneError } from '../errors.ts';
import { type AudioEncoding, type AudioFormat, bytesPerSample } from './format.ts';
import { ALAW_SAMPLES, MULAW_SAMPLES } from './g711.ts';
import { SampleBuffer } from './sample-buffer.ts';

/**
 * Interleaved bytes to one Float32Array per channel, full scale 1 (integers are divided by 2^(bits − 1)). A sample may
 * be split over pushes. Allocates nothing once it has seen the longest push.
 *
 * The format is trusted: check it with `checkedFormat` where it enters.
 *
 * @example
 * const decoder = new SampleDecoder({ encoding: 'mulaw', sampleRateHz: 8000, channels: 2 });
 * const frames = decoder.push(bytes);
 * const left = decoder.channel(0); // `frames` samples, valid until the next push
 */
export class SampleDecoder {
  readonly format: AudioFormat;
  readonly #frameBytes: number;
  readonly #channels: readonly SampleBuffer[];
  /** The incomplete sample frame of earlier pushes, then the bytes of this one: whole samples, at known offsets. */
  #staging = new Uint8Array(0);
  #data = new DataView(this.#staging.buffer);
  #pending = 0;
  #frames = 0;

  constructor(format: AudioFormat) {
    this.format = format;
    this.#frameBytes = bytesPerSample(format.encoding) * format.channels;
    this.#channels = Array.from({ length: format.channels }, () => new SampleBuffer());
  }

  /** Bytes of a sample frame that is not complete yet. */
  get pendingBytes(): number {
    return this.#pending;
  }

  /**
   * Decodes what the bytes complete, and gives the number of sample frames (samples of each channel).
   *
   * @param from the part of the bytes to decode, as `subarray` takes it, without making one
   * @throws audio-not-finite before the push changes anything, so that `channel` and `pendingBytes` are as they were
   */
  push(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
    const available = this.#pending + to - from;
    const frames = Math.floor(available / this.#frameBytes);
    const whole = frames * this.#frameBytes;
    this.#reserve(available);
    if (from === 0 && to === bytes.length) this.#staging.set(bytes, this.#pending);
    else for (let at = from; at < to; at++) this.#staging[this.#pending + at - from] = bytes[at]!;
    if (this.format.encoding === 'pcm_f32le') requireFinite(this.#data, whole);
    for (let channel = 0; channel < this.#channels.length; channel++) {
      const out = this.#channels[channel]!.reserve(frames);
      readSamples(this.format.encoding, this.#staging, this.#data, out, frames, channel, this.#channels.length);
    }
    this.#staging.copyWithin(0, whole, available);
    this.#pending = available - whole;
    this.#frames = frames;
    return frames;
  }

  /** The samples of a channel that the last push completed: a view, valid until the next push. */
  channel(index: number): Float32Array {
    const buffer = this.#channels[index];
    if (buffer === undefined) throw new RangeError(`There is no channel ${index}.`);
    return buffer.view(this.#frames);
  }

  #reserve(length: number): void {
    if (this.#staging.length >= length) return;
    const grown = new Uint8Array(Math.max(length, 2 * this.#staging.length));
    grown.set(this.#staging.subarray(0, this.#pending));
    this.#staging = grown;
    this.#data = new DataView(grown.buffer);
  }
}

function requireFinite(data: DataView, length: number): void {
  // 0 · x is NaN for NaN and ±∞ alone, and NaN stays in a sum: one test at the end.
  let sum = 0;
  for (let at = 0; at < length; at += 4) sum += 0 * data.getFloat32(at, true);
  if (sum !== 0) throw new UndertoneError('audio-not-finite');
}

/** One loop per encoding: with the choice inside the loop it is three times slower. */
function readSamples(
  encoding: AudioEncoding,
  bytes: Uint8Array,
  data: DataView,
  out: Float32Array,
  frames: number,
  channel: number,
  channels: number,
): void {
  let at = channel * bytesPerSample(encoding);
  const stride = channels * bytesPerSample(encoding);
  switch (encoding) {
    case 'mulaw':
      for (let i = 0; i < frames; i++, at += stride) out[i] = MULAW_SAMPLES[bytes[at]!]!;
      return;
    case 'alaw':
      for (let i = 0; i < frames; i++, at += stride) out[i] = ALAW_SAMPLES[bytes[at]!]!;
      return;
    case 'pcm_s16le':
      for (let i = 0; i < frames; i++, at += stride) out[i] = data.getInt16(at, true) / 32_768;
      return;
    case 'pcm_s24le':
      for (let i = 0; i < frames; i++, at += stride) {
        out[i] = ((bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)) << 8) / 2_147_483_648;
      }
      return;
    case 'pcm_f32le':
      for (let i = 0; i < frames; i++, at += stride) out[i] = data.getFloat32(at, true);
  }
}
