import { UndertoneError } from '../../errors.ts';
import type { AudioEncoding, AudioFormat } from '../format.ts';
import type { AudioSource } from './audio-source.ts';
import { type ByteSource, READ_BYTES } from './byte-source.ts';
import { readWavHeader, type WavHeader } from './wav-header.ts';

/** How one coding of WAV becomes a wire encoding; without `convert` its bytes are that encoding already. */
interface Coding {
  readonly encoding: AudioEncoding;
  readonly convert?: (bytes: Uint8Array) => Uint8Array;
}

const CODINGS: Readonly<Record<string, Coding>> = {
  '1/8': { encoding: 'pcm_s16le', convert: unsigned8ToSigned16 },
  '1/16': { encoding: 'pcm_s16le' },
  '1/24': { encoding: 'pcm_s24le' },
  '1/32': { encoding: 'pcm_f32le', convert: signed32ToFloat32 },
  '3/32': { encoding: 'pcm_f32le' },
  '3/64': { encoding: 'pcm_f32le', convert: float64ToFloat32 },
  '6/8': { encoding: 'alaw' },
  '7/8': { encoding: 'mulaw' },
};

const codingOf = (header: WavHeader): Coding | undefined =>
  // 12 valid bits lie in 16, 20 in 24, at the upper end: they are read as the container.
  CODINGS[`${header.tag}/${Math.ceil(header.bitsPerSample / 8) * 8}`];

/**
 * A WAV file, streamed from disk. Gives undefined for a coding that is not ours (ADPCM, MP3 in WAV, …).
 *
 * @throws file-truncated, file-not-audio, file-empty
 */
export async function openWav(source: ByteSource): Promise<AudioSource | undefined> {
  const header = await readWavHeader(source);
  const coding = codingOf(header);
  if (coding === undefined) return undefined;
  const { convert, encoding } = coding;
  const { channels, sampleRateHz, frameBytes, dataStart, dataEnd } = header;
  const format: AudioFormat = { encoding, sampleRateHz, channels };
  const blockBytes = Math.max(1, Math.floor(READ_BYTES / frameBytes)) * frameBytes;
  return {
    format,
    durationMs: (1000 * (dataEnd - dataStart)) / frameBytes / sampleRateHz,
    warning: header.truncated
      ? new UndertoneError('file-truncated', {
          path: source.path,
          detail: 'its header promises more audio than it holds; what is there was read',
        })
      : undefined,
    async *blocks() {
      for await (const block of source.blocks(dataStart, dataEnd, blockBytes)) yield convert ? convert(block) : block;
    },
    close: async () => {},
  };
}

function unsigned8ToSigned16(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length * 2);
  for (let i = 0; i < bytes.length; i++) out[2 * i + 1] = bytes[i]! - 128;
  return out;
}

function signed32ToFloat32(bytes: Uint8Array): Uint8Array {
  const count = Math.floor(bytes.length / 4);
  const out = new Uint8Array(count * 4);
  const from = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const to = new DataView(out.buffer);
  for (let i = 0; i < count; i++) to.setFloat32(4 * i, from.getInt32(4 * i, true) / 2_147_483_648, true);
  return out;
}

function float64ToFloat32(bytes: Uint8Array): Uint8Array {
  const count = Math.floor(bytes.length / 8);
  const out = new Uint8Array(count * 4);
  const from = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const to = new DataView(out.buffer);
  for (let i = 0; i < count; i++) to.setFloat32(4 * i, from.getFloat64(8 * i, true), true);
  return out;
}
