import { UndertoneError } from '../../errors.ts';
import type { WireEncoding } from '../limits.ts';

const SILENCE: Readonly<Record<WireEncoding, number>> = {
  pcm_s16le: 0,
  pcm_s24le: 0,
  pcm_f32le: 0,
  // Positive zero of ITU-T G.711 after its inversion of bits.
  mulaw: 0xff,
  alaw: 0xd5,
};

/** The byte whose repetition is silence. */
export const silenceByte = (encoding: WireEncoding): number => SILENCE[encoding];

/** 16-bit samples of network order (RFC 3551, L16) in the order of the wire format, in place. */
export function swapBytes16(bytes: Uint8Array): Uint8Array {
  for (let index = 0; index + 1 < bytes.length; index += 2) {
    const high = bytes[index]!;
    bytes[index] = bytes[index + 1]!;
    bytes[index + 1] = high;
  }
  return bytes;
}

/**
 * The bytes, if they are whole samples.
 *
 * @throws UndertoneError `invalid-message`
 */
export function wholeSamples(bytes: Uint8Array, sampleBytes: number, field: string): Uint8Array {
  if (bytes.length % sampleBytes === 0) return bytes;
  throw new UndertoneError('invalid-message', { detail: `${field} must hold whole samples of ${sampleBytes} bytes` });
}
