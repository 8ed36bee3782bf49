import { UndertoneError } from '../../errors.ts';
import type { AudioSource } from './audio-source.ts';
import type { ByteSource } from './byte-source.ts';
import { type DecodedAudio, DecodedSource, type StreamDecoder } from './decoded-source.ts';
import { flacEndMark } from './flac-end.ts';

/** Native FLAC: `fLaC`, the header of a block, STREAMINFO (RFC 9639, section 8.2). */
const NATIVE_INFO_AT = 8;
/** FLAC in Ogg: a page with one segment (28 bytes), nine bytes of mapping, then the same (RFC 9639, section 10.1). */
const OGG_INFO_AT = 28 + 9 + NATIVE_INFO_AT;
const INFO_BYTES = 18;

/**
 * A FLAC file: `pcm_s16le` with the very integers up to 16 bits (fewer are shifted up), else `pcm_f32le`.
 *
 * @throws file-truncated, file-not-audio
 */
export async function openFlac(source: ByteSource, head: Uint8Array, inOgg: boolean): Promise<AudioSource> {
  const at = inOgg ? OGG_INFO_AT : NATIVE_INFO_AT;
  if (head.length < at + INFO_BYTES) {
    throw new UndertoneError('file-truncated', { path: source.path, detail: 'its FLAC header is cut' });
  }
  const data = new DataView(head.buffer, head.byteOffset + at, INFO_BYTES);
  // 20 bits of rate, 3 of channels − 1, 5 of bits − 1, 36 of samples, from the eleventh byte on.
  const packed = data.getUint32(10);
  const sampleRateHz = packed >>> 12;
  const channels = ((packed >>> 9) & 7) + 1;
  const bits = ((packed >>> 4) & 31) + 1;
  const samples = (packed & 15) * 2 ** 32 + data.getUint32(14);
  if (sampleRateHz === 0 || bits < 4) {
    throw new UndertoneError('file-not-audio', { path: source.path, detail: 'its FLAC header makes no sense' });
  }
  const endMark = inOgg ? undefined : await flacEndMark(source);
  const encoding = bits <= 16 ? 'pcm_s16le' : 'pcm_f32le';
  return new DecodedSource(
    source,
    { format: { encoding, sampleRateHz, channels }, samples: samples || undefined, tolerance: 0 },
    () => newDecoder(endMark, samples || Number.POSITIVE_INFINITY),
    (data) => toFullScale(data, bits),
  );
}

/** @param endMark what ends the last frame of a native file; in Ogg, pages end it, and the package's own flush is right */
async function newDecoder(endMark: Uint8Array | undefined, samples: number): Promise<StreamDecoder> {
  const { FLACDecoder } = await import('@wasm-audio-decoders/flac');
  const decoder = new FLACDecoder();
  await decoder.ready;
  if (endMark === undefined) return decoder;
  let left = samples;
  const decode = async (bytes: Uint8Array): Promise<DecodedAudio> => {
    const decoded = cutTo(await decoder.decode(bytes), left);
    left -= decoded.samplesDecoded;
    return decoded;
  };
  // Not the package's flush: it loses the last frame where bytes in it look like the next one's header.
  return { decode, flush: () => decode(endMark), free: () => decoder.free() };
}

function cutTo(decoded: DecodedAudio, samples: number): DecodedAudio {
  if (decoded.samplesDecoded <= samples) return decoded;
  return {
    ...decoded,
    channelData: decoded.channelData.map((channel) => channel.subarray(0, samples)),
    samplesDecoded: samples,
  };
}

/** The package divides by the largest integer; back to the integers, then by 2^(bits − 1) as everywhere here. */
function toFullScale(samples: Float32Array, bits: number): void {
  const largest = 2 ** (bits - 1) - 1;
  const fullScale = 2 ** (bits - 1);
  for (let i = 0; i < samples.length; i++) samples[i] = Math.round(samples[i]! * largest) / fullScale;
}
