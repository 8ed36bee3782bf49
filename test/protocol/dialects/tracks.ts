import { createHash } from 'node:crypto';
import type { AlignedItem } from '../../../src/protocol/dialects/track-aligner.ts';
import { TrackAligner } from '../../../src/protocol/dialects/track-aligner.ts';
import type { TrackChunk } from '../../../src/protocol/dialects/track-sequence.ts';

/** One byte a sample, 8 kHz: a frame of 20 ms is 160 bytes. */
export const FORMAT = { encoding: 'mulaw', sampleRateHz: 8_000, channels: 2 } as const;
export const FRAME = 160;
export const SILENCE = 0xff;

/** Every frame of every track is another one: its bytes tell the track and the number, and none is silence. */
export function frame(track: number, number: number, length = FRAME): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (track * 101 + number * 7 + index) % 251);
}

/** A chunk of 20 ms. */
export const chunk = (track: number, number: number, over: Partial<TrackChunk> = {}): TrackChunk => ({
  bytes: frame(track, number),
  chunk: number,
  timestampMs: (number - 1) * 20 + 5,
  ...over,
});

export type Arrival = readonly [track: number, chunk: TrackChunk] | string;

export function run(arrivals: Iterable<Arrival>, channels = 2, over: object = {}): AlignedItem[] {
  const aligner = new TrackAligner({ format: { ...FORMAT, channels }, ...over });
  const items: AlignedItem[] = [];
  for (const arrival of arrivals) {
    if (typeof arrival === 'string') items.push(...aligner.mark(arrival));
    else items.push(...aligner.push(arrival[0], arrival[1]));
  }
  return merged([...items, ...aligner.flush()]);
}

/** Audio that follows audio is one piece: how it was cut means nothing. Two gaps in a row would be a defect, so they are left. */
export function merged(items: readonly AlignedItem[]): AlignedItem[] {
  const out: AlignedItem[] = [];
  for (const item of items) {
    const last = out.at(-1);
    if (item.kind === 'audio' && last?.kind === 'audio') {
      out[out.length - 1] = { kind: 'audio', bytes: Uint8Array.from(Buffer.concat([last.bytes, item.bytes])) };
    } else out.push(item);
  }
  return out;
}

/** What the aligner should say: of each slot of 20 ms the frame of each track, or nothing of it. */
export function expected(slots: readonly (readonly (Uint8Array | undefined)[])[], frameLength = FRAME): AlignedItem[] {
  const items: AlignedItem[] = [];
  let gap = 0;
  for (const slot of slots) {
    if (slot.every((part) => part === undefined)) {
      gap += 20;
      continue;
    }
    if (gap > 0) items.push({ kind: 'gap', durationMs: gap });
    gap = 0;
    const bytes = new Uint8Array(frameLength * slot.length).fill(SILENCE);
    slot.forEach((part, track) => {
      part?.forEach((byte, index) => {
        bytes[index * slot.length + track] = byte;
      });
    });
    items.push({ kind: 'audio', bytes });
  }
  return merged(items);
}

/** The same, short: comparing long audio byte by byte in a property takes minutes to shrink. */
export const digest = (items: readonly AlignedItem[]): string[] =>
  items.map((item) => {
    if (item.kind === 'gap') return `gap ${item.durationMs}`;
    if (item.kind === 'mark') return `mark ${item.name}`;
    return `audio ${item.bytes.length} ${createHash('sha1').update(item.bytes).digest('hex')}`;
  });
