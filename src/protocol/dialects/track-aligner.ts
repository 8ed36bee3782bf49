import type { WireFormat } from '../limits.ts';
import { wireFrameBytes } from '../limits.ts';
import { ChunkNumbers } from './chunk-numbers.ts';
import { silenceByte } from './samples.ts';
import { type Place, type TrackChunk, TrackSequence } from './track-sequence.ts';

export interface AlignerOptions {
  /** As many channels as there are tracks. */
  readonly format: WireFormat;
  /** How much audio behind a missing chunk is held before the chunk is given up. Default 300. */
  readonly holdMs?: number;
  /** How far a track may lag behind the one furthest ahead before silence stands in for it. Default 500. */
  readonly lagMs?: number;
  /** How far a track may be from the platform's clock before the clock is believed. Default 100. */
  readonly jitterMs?: number;
  /** Ms of the platform's clock that are position 0; default: those of the first audio. */
  readonly originMs?: number;
}

/** What becomes of the tracks, in stream time. */
export type AlignedItem =
  | { readonly kind: 'audio'; readonly bytes: Uint8Array }
  | { readonly kind: 'gap'; readonly durationMs: number }
  | { readonly kind: 'mark'; readonly name: string };

interface Segment {
  readonly at: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/**
 * Makes the tracks of one call, each with its own chunks, the channels of one interleaved stream.
 *
 * - Chunks are put in order by their number; a missing one is waited for until `holdMs` of audio are held behind it.
 * - A position is emitted once every track has reached it. A track that has not is waited for until it lags `lagMs` behind the
 *   one furthest ahead; then, and at the end, silence stands in for it, and what it sends for that time later is dropped.
 * - Where no track has audio there is a `gap`; where only some have, the others are silent. So nothing ever shifts.
 * - Marks keep their place: after the audio that came before them, whatever is still held back.
 *
 * The bytes, gaps and marks in sequence do not depend on how chunks of the tracks alternate, nor on any reordering and
 * repetition within `holdMs`.
 *
 * @example
 * const aligner = new TrackAligner({ format: { encoding: 'mulaw', sampleRateHz: 8000, channels: 2 } });
 * aligner.push(0, { bytes: left, chunk: 1, timestampMs: 20 }); // []
 * aligner.push(1, { bytes: right, chunk: 1, timestampMs: 20 }); // [{ kind: 'audio', bytes: interleaved }]
 */
export class TrackAligner {
  readonly #tracks: readonly TrackSequence[];
  readonly #segments: readonly Segment[][];
  readonly #places: readonly Place[];
  readonly #marks: { readonly at: number; readonly name: string }[] = [];
  readonly #numbers: ChunkNumbers;
  readonly #format: WireFormat;
  readonly #sampleBytes: number;
  readonly #lagSamples: number;
  #originMs: number | undefined;
  #begun = false;
  #emitted = 0;
  /** Samples since the last audio that went out. */
  #gapSamples = 0;

  constructor(options: AlignerOptions) {
    const { format, holdMs = 300, lagMs = 500, jitterMs = 100, originMs } = options;
    const { channels, sampleRateHz } = format;
    this.#format = format;
    this.#sampleBytes = wireFrameBytes(format) / channels;
    this.#lagSamples = Math.round((lagMs * sampleRateHz) / 1000);
    this.#originMs = originMs;
    this.#numbers = new ChunkNumbers(channels);
    const sequence = { sampleRateHz, sampleBytes: this.#sampleBytes, holdMs, jitterMs };
    this.#tracks = Array.from({ length: channels }, (_, track) => new TrackSequence(sequence, this.#numbers, track));
    this.#segments = this.#tracks.map(() => []);
    this.#places = this.#tracks.map((_, track) => (at, bytes) => this.#place(track, at, bytes));
  }

  push(track: number, chunk: TrackChunk): AlignedItem[] {
    const sequence = this.#tracks[track];
    if (sequence === undefined) throw new RangeError(`There is no track ${track}.`);
    sequence.push(chunk, this.#places[track]!);
    if (!this.#begun && !this.#mayBegin()) return [];
    this.#begin();
    if (this.#numbers.together) this.#each((other, place) => other.drain(place));
    return this.#emit(this.#ready());
  }

  /** A named moment at the end of what has come so far. */
  mark(name: string): AlignedItem[] {
    const at = Math.max(...this.#tracks.map((track) => track.reach()));
    this.#marks.push({ at, name });
    return at <= this.#emitted ? this.#emit(this.#emitted) : [];
  }

  /** Everything that is held back; silence completes the tracks that are shorter than others. */
  flush(): AlignedItem[] {
    this.#begin();
    this.#each((track, place) => track.giveUpBefore(Number.POSITIVE_INFINITY, place));
    const items = this.#emit(this.#front());
    const rest = this.#marks.splice(0).map(({ name }): AlignedItem => ({ kind: 'mark', name }));
    return [...items, ...rest];
  }

  /** Where tracks begin is known once all have a chunk and it is clear how they count, or one has waited long enough. */
  #mayBegin(): boolean {
    const all = this.#tracks.every(({ waiting }) => waiting) && !this.#numbers.undecided;
    return all || this.#tracks.some(({ full }) => full);
  }

  #begin(): void {
    if (!this.#begun) {
      const starts = this.#tracks.map((track) => track.startMs()).filter((ms) => ms !== undefined);
      if (starts.length > 0) this.#originMs ??= Math.min(...starts);
    }
    this.#begun = true;
    const front = this.#front();
    this.#each((track, place) => {
      if (!track.begun && track.waiting) track.begin(this.#originMs, front, place);
    });
  }

  #each(visit: (track: TrackSequence, place: Place) => void): void {
    for (let track = 0; track < this.#tracks.length; track += 1) visit(this.#tracks[track]!, this.#places[track]!);
  }

  #front(): number {
    let front = 0;
    for (const track of this.#tracks) front = Math.max(front, track.frontier);
    return front;
  }

  /** The position up to which every track is known, or is not waited for. */
  #ready(): number {
    let low = Number.POSITIVE_INFINITY;
    for (const track of this.#tracks) low = Math.min(low, track.frontier);
    const limit = this.#front() - this.#lagSamples;
    if (limit <= low) return low;
    this.#each((track, place) => track.giveUpBefore(limit, place));
    return limit;
  }

  #place(track: number, at: number, bytes: Uint8Array): void {
    const end = at + bytes.length / this.#sampleBytes;
    if (end <= this.#emitted) return;
    const late = Math.max(0, this.#emitted - at);
    const kept = late === 0 ? bytes : bytes.subarray(late * this.#sampleBytes);
    this.#segments[track]!.push({ at: at + late, end, bytes: kept });
  }

  /** Emits up to a position, with the marks that lie there. */
  #emit(ready: number): AlignedItem[] {
    const items: AlignedItem[] = [];
    for (let mark = this.#marks[0]; mark !== undefined && mark.at <= ready; mark = this.#marks[0]) {
      this.#emitUntil(mark.at, items);
      this.#emitGap(items);
      items.push({ kind: 'mark', name: mark.name });
      this.#marks.shift();
    }
    this.#emitUntil(ready, items);
    return items;
  }

  #emitUntil(to: number, items: AlignedItem[]): void {
    while (this.#emitted < to) {
      const from = Math.min(to, this.#nextAudio());
      this.#gapSamples += from - this.#emitted;
      this.#emitted = from;
      if (from === to) return;
      this.#emitGap(items);
      const end = Math.min(to, this.#endOfAudio());
      items.push({ kind: 'audio', bytes: this.#take(end) });
    }
  }

  #emitGap(items: AlignedItem[]): void {
    if (this.#gapSamples === 0) return;
    items.push({ kind: 'gap', durationMs: (this.#gapSamples * 1000) / this.#format.sampleRateHz });
    this.#gapSamples = 0;
  }

  #nextAudio(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const segments of this.#segments) next = Math.min(next, segments[0]?.at ?? next);
    return next;
  }

  /** Where the audio ends that begins here on one track at least, with no hole on all of them. */
  #endOfAudio(): number {
    let end = this.#emitted;
    for (let grown = true; grown; ) {
      grown = false;
      for (const segments of this.#segments) {
        for (const segment of segments) {
          if (segment.at > end) break;
          if (segment.end <= end) continue;
          end = segment.end;
          grown = true;
        }
      }
    }
    return end;
  }

  /** The interleaved bytes from here to a position; every track that has none is silent. */
  #take(to: number): Uint8Array {
    const from = this.#emitted;
    this.#emitted = to;
    const channels = this.#segments.length;
    if (channels === 1) return this.#takeTrack(to);
    const width = this.#sampleBytes;
    const out = new Uint8Array((to - from) * width * channels).fill(silenceByte(this.#format.encoding));
    for (let channel = 0; channel < channels; channel += 1) {
      this.#cut(this.#segments[channel]!, to, (segment, samples) => {
        let target = ((segment.at - from) * channels + channel) * width;
        for (let byte = 0; byte < samples * width; byte += width) {
          for (let part = 0; part < width; part += 1) out[target + part] = segment.bytes[byte + part]!;
          target += width * channels;
        }
      });
    }
    return out;
  }

  /** The same of a single track: its own bytes where they are one piece. */
  #takeTrack(to: number): Uint8Array {
    const parts: Uint8Array[] = [];
    this.#cut(this.#segments[0]!, to, ({ bytes }, samples) =>
      parts.push(bytes.subarray(0, samples * this.#sampleBytes)),
    );
    if (parts.length === 1) return parts[0]!;
    const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }

  /** Takes what of a track lies before a position. */
  #cut(segments: Segment[], to: number, take: (segment: Segment, samples: number) => void): void {
    for (let segment = segments[0]; segment !== undefined && segment.at < to; segment = segments[0]) {
      const samples = Math.min(segment.end, to) - segment.at;
      take(segment, samples);
      if (segment.end > to) {
        const bytes = segment.bytes.subarray(samples * this.#sampleBytes);
        segments[0] = { at: to, end: segment.end, bytes };
        return;
      }
      segments.shift();
    }
  }
}
