import { type AudioFormat, bytesPerSample } from './format.ts';
import { linearToAlaw, linearToMulaw } from './g711.ts';

/**
 * Samples of each channel (full scale 1, all of one length) to interleaved bytes of the format: the inverse of
 * `SampleDecoder`. Integers are rounded to the nearest, halves up, and clipped at full scale.
 *
 * @throws RangeError when the channels are not as many as the format has, or of different lengths
 * @example
 * const bytes = encodeSamples({ encoding: 'pcm_s16le', sampleRateHz: 16000, channels: 1 }, [samples]);
 */
export function encodeSamples(format: AudioFormat, channels: readonly Float32Array[]): Uint8Array {
  const frames = channels[0]?.length ?? 0;
  if (channels.length !== format.channels || channels.some((samples) => samples.length !== frames)) {
    throw new RangeError(`Give ${format.channels} channels of one length.`);
  }
  const size = bytesPerSample(format.encoding);
  const bytes = new Uint8Array(frames * size * channels.length);
  const stride = size * channels.length;
  channels.forEach((samples, channel) => {
    writeSamples(format, samples, bytes, channel * size, stride);
  });
  return bytes;
}

const toInteger = (sample: number, fullScale: number): number =>
  Math.max(-fullScale, Math.min(fullScale - 1, Math.round(sample * fullScale)));

function writeSamples(
  { encoding }: AudioFormat,
  samples: Float32Array,
  bytes: Uint8Array,
  first: number,
  stride: number,
): void {
  const data = new DataView(bytes.buffer);
  const count = samples.length;
  let at = first;
  switch (encoding) {
    case 'mulaw':
      for (let i = 0; i < count; i++, at += stride) bytes[at] = linearToMulaw(toInteger(samples[i]!, 32_768));
      return;
    case 'alaw':
      for (let i = 0; i < count; i++, at += stride) bytes[at] = linearToAlaw(toInteger(samples[i]!, 32_768));
      return;
    case 'pcm_s16le':
      for (let i = 0; i < count; i++, at += stride) data.setInt16(at, toInteger(samples[i]!, 32_768), true);
      return;
    case 'pcm_s24le':
      for (let i = 0; i < count; i++, at += stride) {
        const value = toInteger(samples[i]!, 8_388_608);
        data.setUint16(at, value & 0xffff, true);
        bytes[at + 2] = value >> 16;
      }
      return;
    case 'pcm_f32le':
      for (let i = 0; i < count; i++, at += stride) data.setFloat32(at, samples[i]!, true);
  }
}
