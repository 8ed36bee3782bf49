import { type WireFormat, wireFrameBytes } from '../../limits.ts';
import { framesOf, type TimedMessage } from './simulator.ts';

/** Interleaved audio in messages of a fixed duration, each when its last sample is there. */
export function* binaryFrames(
  format: WireFormat,
  chunks: Iterable<Uint8Array>,
  frameMs: number,
): Generator<TimedMessage & { readonly data: Uint8Array }> {
  const width = wireFrameBytes(format);
  const length = Math.round((frameMs * format.sampleRateHz) / 1000) * width;
  let samples = 0;
  for (const data of framesOf(chunks, length)) {
    samples += data.length / width;
    yield { atMs: (samples * 1000) / format.sampleRateHz, data };
  }
}

/** Roles of the sides of a call, where the platform has none and the URL says. */
export const ROLES_BY_SIDES: Readonly<Record<number, string>> = { 1: 'customer', 2: 'customer,employee' };
