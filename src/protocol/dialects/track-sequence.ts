import type { ChunkNumbers } from './chunk-numbers.ts';

/** A piece of one track as its message brought it. */
export interface TrackChunk {
  /** Whole samples of one channel. */
  readonly bytes: Uint8Array;
  /** The platform's count; left out where it does not count. */
  readonly chunk?: number;
  /** Ms on the platform's clock, one clock for all tracks of a stream; left out where there is none. */
  readonly timestampMs?: number;
}

export interface SequenceOptions {
  readonly sampleRateHz: number;
  readonly sampleBytes: number;
  /** How much audio behind a missing chunk is held before the chunk is given up. */
  readonly holdMs: number;
  /** How far a track may be from the platform's clock before the clock is believed. */
  readonly jitterMs: number;
}

/** Takes audio at its position in the stream, in samples; positions rise. */
export type Place = (position: number, bytes: Uint8Array) => void;

/** The first chunk is number 1, if the first that comes is one of these; else the stream was joined in its middle. */
const FIRST_CHUNKS = 16;
/** Two chunks in a row so far behind the expected one are a new count and not late. */
const RESTART_BEHIND = 64;
/** Chunks held, whatever their length. */
const MAX_HELD = 64;
/** A longer jump of the count or the clock is no lost audio but a new count or clock. */
const MAX_GAP_MS = 3_600_000;
/** Positions that come from a clock lie on this grid: telephony sends frames of 20 ms. */
const GRID_MS = 20;
/** Tracks whose first chunks are no further apart began together. */
const START_TOLERANCE_MS = 40;

/**
 * The chunks of one track in their order, each at its position. Position follows from counting: a chunk begins where the one
 * before it ended, plus the chunks between them that are lost. The platform's clock, which may jitter, is believed only where the
 * track falls further than `jitterMs` behind it (audio that was never sent), and it limits what a jump of the count may mean.
 */
export class TrackSequence {
  readonly #options: SequenceOptions;
  readonly #numbers: ChunkNumbers;
  readonly #track: number;
  readonly #held = new Map<number, TrackChunk>();
  #heldSamples = 0;
  #arrivals = 0;
  /** The last one to come, of those that have no number. */
  #last: TrackChunk | undefined;
  /** Ms of the platform's clock at position 0. */
  #originMs: number | undefined;
  #next: number | undefined;
  #position = 0;
  #restart: { readonly number: number; readonly chunk: TrackChunk } | undefined;

  constructor(options: SequenceOptions, numbers: ChunkNumbers, track: number) {
    this.#options = options;
    this.#numbers = numbers;
    this.#track = track;
  }

  /** Where the audio ends that has its place, in samples. */
  get frontier(): number {
    return this.#position;
  }

  /** Whether it has begun: `begin` was called. */
  get begun(): boolean {
    return this.#next !== undefined;
  }

  /** Where it would end if what waits had to wait no longer, but for what the clock says. */
  reach(): number {
    let position = this.#position;
    let next = this.#next;
    for (const number of [...this.#held.keys()].sort((a, b) => a - b)) {
      const samples = this.#samples(this.#held.get(number)!);
      const lost = this.#numbers.missing(this.#track, next ?? this.#firstNumber(number), number) * samples;
      position += samples + (this.#ms(lost) <= MAX_GAP_MS ? lost : 0);
      next = number + 1;
    }
    return position;
  }

  /** Whether chunks wait. */
  get waiting(): boolean {
    return this.#held.size > 0;
  }

  /** Whether as much waits as may. */
  get full(): boolean {
    return this.#ms(this.#heldSamples) >= this.#options.holdMs || this.#held.size > MAX_HELD;
  }

  /** Takes a chunk; it waits for the ones before it, and for `begin`. A chunk that has been had is dropped. */
  push(chunk: TrackChunk, place: Place): void {
    const number = this.#numberOf(chunk);
    if (number === undefined) return;
    this.#numbers.note(this.#track, number);
    if (this.#next !== undefined && number < this.#next) {
      this.#behind(number, chunk, place);
      return;
    }
    this.#restart = undefined;
    this.#hold(number, chunk);
    this.drain(place);
  }

  /** Ms of the clock when its chunk number 1 began, from what is held; `undefined` without a clock or a chunk. */
  startMs(): number | undefined {
    const first = this.#lowestHeld();
    const chunk = first === undefined ? undefined : this.#held.get(first);
    if (first === undefined || chunk?.timestampMs === undefined) return undefined;
    const before = this.#numbers.missing(this.#track, this.#firstNumber(first), first);
    return chunk.timestampMs - this.#ms(before * this.#samples(chunk));
  }

  /** From now on, what is held has a place. `originMs` is the clock at position 0, `fallback` the position without a clock. */
  begin(originMs: number | undefined, fallback: number, place: Place): void {
    const startMs = this.startMs();
    this.#originMs = originMs;
    this.#position = fallback;
    if (startMs !== undefined && originMs !== undefined) {
      const lateMs = startMs - originMs;
      if (Math.abs(lateMs) > MAX_GAP_MS) this.#originMs = startMs - this.#ms(fallback);
      else this.#position = lateMs > START_TOLERANCE_MS ? this.#onGrid(lateMs) : 0;
    }
    this.#next = this.#firstNumber(this.#lowestHeld() ?? 1);
    this.drain(place);
  }

  /** Places what needs to wait no longer. */
  drain(place: Place): void {
    while (this.#next !== undefined && this.#held.size > 0) {
      const lowest = this.#held.has(this.#next) ? this.#next : this.#lowestHeld()!;
      const missing = this.#numbers.missing(this.#track, this.#next, lowest);
      if (missing > 0 && !this.full) return;
      this.#release(lowest, missing, place);
    }
  }

  /** Waits no longer for what is missing before a position. */
  giveUpBefore(position: number, place: Place): void {
    while (this.#position < position && this.#held.size > 0 && this.#next !== undefined) {
      const lowest = this.#lowestHeld()!;
      this.#release(lowest, this.#numbers.missing(this.#track, this.#next, lowest), place);
    }
  }

  /** The count of a chunk; its place in the order of arrival where it has none; `undefined` for one that repeats the last. */
  #numberOf(chunk: TrackChunk): number | undefined {
    if (chunk.chunk !== undefined) return chunk.chunk;
    const last = this.#last;
    this.#last = chunk;
    if (last !== undefined && chunk.timestampMs !== undefined && same(last, chunk)) return undefined;
    this.#arrivals += 1;
    return this.#arrivals;
  }

  #hold(number: number, chunk: TrackChunk): void {
    if (this.#held.has(number)) return;
    this.#held.set(number, chunk);
    this.#heldSamples += this.#samples(chunk);
  }

  /** A chunk from before the expected one: had already, or the first of a new count if the next one follows it. */
  #behind(number: number, chunk: TrackChunk, place: Place): void {
    const restart = this.#restart;
    this.#restart = undefined;
    if (number > this.#next! - RESTART_BEHIND) return;
    if (restart !== undefined && number === restart.number + 1) {
      this.giveUpBefore(Number.POSITIVE_INFINITY, place);
      this.#next = restart.number;
      this.#hold(restart.number, restart.chunk);
      this.#hold(number, chunk);
      this.drain(place);
      return;
    }
    this.#restart = { number, chunk };
  }

  #release(number: number, missing: number, place: Place): void {
    const chunk = this.#held.get(number)!;
    const samples = this.#samples(chunk);
    this.#held.delete(number);
    this.#heldSamples -= samples;
    this.#position = this.#positionOf(chunk, missing * samples);
    this.#next = number + 1;
    if (samples > 0) place(this.#position, chunk.bytes);
    this.#position += samples;
  }

  #positionOf(chunk: TrackChunk, lostSamples: number): number {
    const { jitterMs } = this.#options;
    const counted = this.#position + (this.#ms(lostSamples) <= MAX_GAP_MS ? lostSamples : 0);
    if (chunk.timestampMs === undefined || this.#originMs === undefined) return counted;
    const clockMs = chunk.timestampMs - this.#originMs;
    const aheadMs = this.#ms(counted) - clockMs;
    if (aheadMs < -MAX_GAP_MS) {
      this.#originMs = chunk.timestampMs - this.#ms(counted);
      return counted;
    }
    if (aheadMs < -jitterMs) return counted + this.#onGrid(-aheadMs);
    // Where all tracks are counted together, a number that is lost is one of any of them: the clock tells.
    const allowedMs = this.#numbers.together ? GRID_MS / 2 : jitterMs;
    if (aheadMs > allowedMs && counted > this.#position) return Math.max(this.#position, this.#onGrid(clockMs));
    return counted;
  }

  #firstNumber(lowest: number): number {
    return lowest >= 1 && lowest <= FIRST_CHUNKS ? 1 : lowest;
  }

  #lowestHeld(): number | undefined {
    let lowest: number | undefined;
    for (const number of this.#held.keys()) if (lowest === undefined || number < lowest) lowest = number;
    return lowest;
  }

  #samples(chunk: TrackChunk): number {
    return chunk.bytes.length / this.#options.sampleBytes;
  }

  #ms(samples: number): number {
    return (samples * 1000) / this.#options.sampleRateHz;
  }

  #onGrid(ms: number): number {
    return Math.round((Math.round(ms / GRID_MS) * GRID_MS * this.#options.sampleRateHz) / 1000);
  }
}

/** Two frames may have the time of one burst, so their bytes must be the same too. */
function same(a: TrackChunk, b: TrackChunk): boolean {
  if (a.timestampMs !== b.timestampMs || a.bytes.length !== b.bytes.length) return false;
  return a.bytes.every((byte, index) => byte === b.bytes[index]);
}
