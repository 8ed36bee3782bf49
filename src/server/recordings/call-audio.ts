import { createHash } from 'node:crypto';
import { UndertoneError } from '../../errors.ts';
import { toPcm16 } from './pcm.ts';
import type { RecordingReader } from './recording-reader.ts';
import type { RecordedAudio } from './types.ts';
import { wavHead } from './wav-head.ts';

/** A stream of the call, and where its first sample is in the call's time. */
export interface PlacedReader {
  readonly reader: RecordingReader;
  readonly offsetMs: number;
  /** Only this one of its channels. */
  readonly channel?: number;
}

interface Track {
  readonly reader: RecordingReader;
  readonly offset: number;
  /** Those of its channels that are there, and where the first of them goes. */
  readonly channels: readonly number[];
  readonly firstChannel: number;
}

/** Channels of a stream that are asked for. @throws UndertoneError `recording-missing` where it has no such channel */
export function channelsOf({ reader, channel }: PlacedReader): readonly number[] {
  const all = Array.from({ length: reader.info.format.channels }, (_, index) => index);
  if (channel === undefined) return all;
  if (!all.includes(channel)) throw new UndertoneError('recording-missing');
  return [channel];
}

/** Audio that is made at a time. */
const BLOCK_BYTES = 65_536;

/** The channels of all streams of a call side by side, as one WAV file that is made where it is read. */
export class CallAudio implements RecordedAudio {
  readonly sampleRateHz: number;
  readonly legs: RecordedAudio['legs'];
  readonly durationMs: number;
  readonly byteLength: number;
  readonly complete: boolean;
  readonly etag: string;
  readonly #tracks: readonly Track[];
  readonly #frames: number;
  readonly #head: Uint8Array;

  /** @throws UndertoneError `recording-missing` for none, `recording-rates` */
  constructor(placed: readonly PlacedReader[]) {
    const [first] = placed;
    if (first === undefined) throw new UndertoneError('recording-missing');
    this.sampleRateHz = first.reader.info.format.sampleRateHz;
    if (placed.some(({ reader }) => reader.info.format.sampleRateHz !== this.sampleRateHz)) {
      throw new UndertoneError('recording-rates');
    }
    this.legs = placed.flatMap((one) =>
      channelsOf(one).map((channel) => ({ streamId: one.reader.info.streamId, channel })),
    );
    let firstChannel = 0;
    this.#tracks = placed.map((one) => {
      const { reader, offsetMs } = one;
      const channels = channelsOf(one);
      const offset = Math.round((offsetMs * this.sampleRateHz) / 1000);
      const track = { reader, offset, channels, firstChannel };
      firstChannel += channels.length;
      return track;
    });
    this.#frames = Math.max(...this.#tracks.map(({ reader, offset }) => offset + reader.index.samples));
    this.durationMs = (this.#frames * 1000) / this.sampleRateHz;
    this.#head = wavHead(this.sampleRateHz, this.legs.length, this.#frames);
    this.byteLength = this.#head.length + this.#frames * this.#frameBytes;
    this.complete = placed.every(({ reader }) => reader.index.end !== undefined);
    this.etag = etagOf(this.#tracks);
  }

  get #frameBytes(): number {
    return 2 * this.legs.length;
  }

  async *read(start: number, end: number): AsyncGenerator<Uint8Array, void, undefined> {
    const head = this.#head.subarray(start, end);
    if (head.length > 0) yield head;
    const from = Math.max(0, start - this.#head.length);
    const to = Math.min(end, this.byteLength) - this.#head.length;
    const blockFrames = Math.max(1, Math.floor(BLOCK_BYTES / this.#frameBytes));
    for (let at = from; at < to; ) {
      const first = Math.floor(at / this.#frameBytes);
      const last = Math.min(first + blockFrames, Math.ceil(to / this.#frameBytes));
      const bytes = await this.#frameBlock(first, last);
      const skip = at - first * this.#frameBytes;
      const block = bytes.subarray(skip, Math.min(bytes.length, to - first * this.#frameBytes));
      yield block;
      at += block.length;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#tracks.map(({ reader }) => reader.close()));
  }

  /** Frames [first, last), zeros where there is no audio. */
  async #frameBlock(first: number, last: number): Promise<Uint8Array> {
    const stride = this.legs.length;
    const out = new Int16Array((last - first) * stride);
    for (const { reader, offset, channels, firstChannel } of this.#tracks) {
      for await (const { at, bytes } of reader.audio(first - offset, last - offset)) {
        const place = (at + offset - first) * stride + firstChannel;
        toPcm16(reader.info.format, bytes, channels, out, place, stride);
      }
    }
    return new Uint8Array(out.buffer);
  }
}

/** Of these bytes: the salt of a file is its own, and a file only grows. */
function etagOf(tracks: readonly Track[]): string {
  const hash = createHash('sha256');
  for (const { reader, offset, channels } of tracks) {
    hash.update(reader.index.salt).update(`${offset} ${channels} ${reader.index.samples};`);
  }
  return `"${hash.digest('base64url').slice(0, 22)}"`;
}
