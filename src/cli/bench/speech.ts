import { encodeSamples, HopFramer, readMono16k, StreamingResampler } from '../../audio/index.ts';
import type { WireEncoding } from '../../protocol/index.ts';

/** A recording as the audio of a leg at 8 kHz. */
export async function legAudio(path: string, encoding: WireEncoding): Promise<Uint8Array> {
  const samples = await readMono16k(path);
  const narrow = new StreamingResampler(16_000, 8_000).push(samples).slice();
  return encodeSamples({ encoding, sampleRateHz: 8_000, channels: 1 }, [narrow]);
}

/** The frames of 40 ms of a recording, a hop apart. */
export function framesOf(samples: Float32Array, seconds: number): Float32Array[] {
  const frames: Float32Array[] = [];
  new HopFramer().push(samples.subarray(0, seconds * 16_000), (frame) => frames.push(frame.slice()));
  return frames;
}
