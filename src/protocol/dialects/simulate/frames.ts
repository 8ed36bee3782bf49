import { type WireFormat, wireFrameBytes } from '../../limits.ts';
import { encodeBase64 } from '../base64.ts';
import { swapBytes16 } from '../samples.ts';
import { channelOf, framesOf } from './simulator.ts';

/** A frame of one side, as it goes into a message. */
export interface SideFrame {
  readonly side: number;
  /** From 1, for each side. */
  readonly chunk: number;
  /** Ms from the start of the audio to the start of the frame. */
  readonly startMs: number;
  /** Ms to its end: when a platform can send it. */
  readonly endMs: number;
  readonly payload: string;
}

/** The frames of all sides in the order of their time: of each moment first side 0. */
export function* sideFrames(
  format: WireFormat,
  chunks: Iterable<Uint8Array>,
  frameMs: number,
  bigEndian = false,
): Generator<SideFrame> {
  const { channels, sampleRateHz } = format;
  const width = wireFrameBytes(format);
  const samples = Math.round((frameMs * sampleRateHz) / 1000);
  let chunk = 0;
  for (const frame of framesOf(chunks, samples * width)) {
    chunk += 1;
    const startMs = (chunk - 1) * frameMs;
    const endMs = startMs + (frame.length / width / sampleRateHz) * 1000;
    for (let side = 0; side < channels; side += 1) {
      const bytes = channelOf(frame, side, channels, width / channels);
      const payload = encodeBase64(bigEndian ? swapBytes16(bytes.slice()) : bytes);
      yield { side, chunk, startMs, endMs, payload };
    }
  }
}

/** The only kind of number that several platforms write. */
export const digits = (value: number): string => String(Math.round(value));

/** Ids that look like the platform's, the same every time. */
export const hexId = (prefix: string, seed: number): string =>
  prefix + Array.from({ length: 32 }, (_, index) => ((seed * 7 + index * 5) % 16).toString(16)).join('');
