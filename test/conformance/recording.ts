import { type WireFormat, wireFrameBytes } from '../../src/protocol/index.ts';

/** Audio in which every sample is told from its neighbours and no sample is silence, the same every time. */
export function recording(format: WireFormat, milliseconds: number): Uint8Array {
  const length = Math.round((milliseconds * format.sampleRateHz) / 1000) * wireFrameBytes(format);
  return Uint8Array.from({ length }, (_, index) => 1 + ((index * 31 + (index >> 3) * 17) % 200));
}

/** Pieces of the given sizes in turn. */
export function* cut(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = Math.max(1, sizes[turn % sizes.length]!);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

/** One side of interleaved audio. */
export function side(bytes: Uint8Array, format: WireFormat, channel: number): Uint8Array {
  const frame = wireFrameBytes(format);
  const width = frame / format.channels;
  return Uint8Array.from({ length: Math.floor(bytes.length / frame) * width }, (_, index) => {
    return bytes[Math.floor(index / width) * frame + channel * width + (index % width)]!;
  });
}
