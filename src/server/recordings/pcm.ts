import { alawToLinear, mulawToLinear } from '../../audio/index.ts';
import { type WireEncoding, type WireFormat, wireFrameBytes } from '../../protocol/index.ts';

const MULAW = Int16Array.from({ length: 256 }, (_, code) => mulawToLinear(code));
const ALAW = Int16Array.from({ length: 256 }, (_, code) => alawToLinear(code));

const clipped = (value: number): number => Math.max(-32_768, Math.min(32_767, value));
/** Of what is no number, silence: a float that was sent as NaN has ended its stream with an error, and is in its recording. */
const fromFloat = (value: number): number => (Number.isFinite(value) ? clipped(Math.round(value * 32_768)) : 0);

/**
 * Whole sample frames of a wire format to 16 bits, rounded to the nearest and clipped at full scale, as `encodeSamples` does.
 *
 * @param channels those of the format that are wanted
 * @param out interleaved: the n-th of them, of frame `f`, goes to `first + f · stride + n`
 * @returns frames
 */
export function toPcm16(
  format: WireFormat,
  bytes: Uint8Array,
  channels: readonly number[],
  out: Int16Array,
  first: number,
  stride: number,
): number {
  const frameBytes = wireFrameBytes(format);
  const sampleBytes = frameBytes / format.channels;
  const frames = Math.floor(bytes.length / frameBytes);
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  channels.forEach((channel, index) => {
    const from = channel * sampleBytes;
    convert(format.encoding, bytes, data, from, frameBytes, frames, out, first + index, stride);
  });
  return frames;
}

/** One loop per encoding: with the choice inside it would be several times slower. */
function convert(
  encoding: WireEncoding,
  bytes: Uint8Array,
  data: DataView,
  from: number,
  step: number,
  frames: number,
  out: Int16Array,
  first: number,
  stride: number,
): void {
  let at = from;
  let to = first;
  switch (encoding) {
    case 'mulaw':
      for (let i = 0; i < frames; i += 1, at += step, to += stride) out[to] = MULAW[bytes[at]!]!;
      return;
    case 'alaw':
      for (let i = 0; i < frames; i += 1, at += step, to += stride) out[to] = ALAW[bytes[at]!]!;
      return;
    case 'pcm_s16le':
      for (let i = 0; i < frames; i += 1, at += step, to += stride) out[to] = data.getInt16(at, true);
      return;
    case 'pcm_s24le':
      // The upper 16 of 24 bits, the lower 8 rounded, halves up.
      for (let i = 0; i < frames; i += 1, at += step, to += stride) {
        out[to] = clipped((data.getInt16(at + 1, true) * 256 + bytes[at]! + 128) >> 8);
      }
      return;
    case 'pcm_f32le':
      for (let i = 0; i < frames; i += 1, at += step, to += stride) out[to] = fromFloat(data.getFloat32(at, true));
  }
}
