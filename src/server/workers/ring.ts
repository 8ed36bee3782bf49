/** What a record of the ring is; its value is what the kind says. */
export const RECORD = {
  /** The rest of the ring, up to its end, is left empty. */
  pad: 0,
  /** Bytes of audio; value: when they arrived, ms. */
  audio: 1,
  /** Value: how long, ms. */
  gap: 2,
  /** Text: the name. */
  mark: 3,
  /** Text: code, newline, message. */
  status: 4,
  /** Value: the factor. */
  stretch: 5,
  /** Text: the reason. */
  stop: 6,
  /** Value: the number under which the worker was sent them. */
  rules: 7,
} as const;
export type RecordKind = (typeof RECORD)[keyof typeof RECORD];

/** The ring's own numbers stand before its bytes: four Int32, then one Float64. */
const HEAD_BYTES = 64;
const WRITTEN = 0;
const READ = 1;
const CLAIMED = 2;
const WANTS_ROOM = 3;
const SAMPLES = 2; // as Float64

/** Length and kind as Uint32, the value and the moment of writing as Float64. */
const RECORD_HEAD_BYTES = 24;
/** Room that stays for what is not audio. */
const RESERVE_BYTES = 4_096;
const LEAST_BYTES = 16_384;

/** One record, reused from read to read. */
export interface RingRecord {
  kind: RecordKind;
  value: number;
  /** When it was written, ms. */
  writtenAtMs: number;
  /** A view of the ring, valid until the next read. */
  payload: Uint8Array;
}

const NOTHING = new Uint8Array(0);

/**
 * A ring of records in shared memory, from one thread that writes to one that reads, without locks: each side moves its own
 * position and looks at the other's. It is sized for six of the longest pushes, 16 KiB at least.
 *
 * A record is claimed before it is worked on and released by the next read. When the reader dies, another goes on behind
 * what was claimed: it is never worked on twice.
 */
export class Ring {
  readonly shared: SharedArrayBuffer;
  readonly #head: Int32Array;
  readonly #samples: Float64Array;
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #doubles: Float64Array;
  readonly #mask: number;
  readonly #record: RingRecord = { kind: RECORD.pad, value: 0, writtenAtMs: 0, payload: NOTHING };

  constructor(shared: SharedArrayBuffer) {
    this.shared = shared;
    this.#head = new Int32Array(shared, 0, HEAD_BYTES / 4);
    this.#samples = new Float64Array(shared, 0, HEAD_BYTES / 8);
    this.#bytes = new Uint8Array(shared, HEAD_BYTES);
    this.#words = new Uint32Array(shared, HEAD_BYTES);
    this.#doubles = new Float64Array(shared, HEAD_BYTES);
    this.#mask = this.#bytes.length - 1;
  }

  /** @param longestPush bytes of audio that are pushed at once, at most */
  static for(longestPush: number): Ring {
    const least = Math.max(LEAST_BYTES, 6 * longestPush);
    return new Ring(new SharedArrayBuffer(HEAD_BYTES + 2 ** Math.ceil(Math.log2(least))));
  }

  get capacity(): number {
    return this.#bytes.length;
  }

  /** Bytes that wait to be read, or are being worked on. */
  get used(): number {
    return (Atomics.load(this.#head, WRITTEN) - Atomics.load(this.#head, READ)) | 0;
  }

  get empty(): boolean {
    return Atomics.load(this.#head, CLAIMED) === Atomics.load(this.#head, WRITTEN);
  }

  // The writer

  /** Where the next record will end in the count of all bytes; behind it once `claimed` has passed it. */
  get written(): number {
    return Atomics.load(this.#head, WRITTEN);
  }

  hasRoomFor(payloadBytes: number): boolean {
    // A record does not wrap: as much again may be lost at the ring's end.
    return this.capacity - this.used >= 2 * (RECORD_HEAD_BYTES + payloadBytes) + RESERVE_BYTES;
  }

  /** Whether the record was written; not where there is no room for it. */
  write(kind: RecordKind, value: number, writtenAtMs: number, payload: Uint8Array = NOTHING): boolean {
    const size = RECORD_HEAD_BYTES + ((payload.length + 7) & ~7);
    let written = Atomics.load(this.#head, WRITTEN);
    const toEnd = this.capacity - (written & this.#mask);
    const skipped = size > toEnd ? toEnd : 0;
    if (skipped + size > this.capacity - this.used) return false;
    if (skipped > 0) {
      const at = (written & this.#mask) >> 2;
      this.#words[at] = skipped;
      this.#words[at + 1] = RECORD.pad;
      written = (written + skipped) | 0;
    }
    const at = written & this.#mask;
    this.#words[at >> 2] = payload.length;
    this.#words[(at >> 2) + 1] = kind;
    this.#doubles[(at >> 3) + 1] = value;
    this.#doubles[(at >> 3) + 2] = writtenAtMs;
    this.#bytes.set(payload, at + RECORD_HEAD_BYTES);
    Atomics.store(this.#head, WRITTEN, (written + size) | 0);
    return true;
  }

  /** Asks the reader to tell when half of the ring is free. */
  wantRoom(): void {
    Atomics.store(this.#head, WANTS_ROOM, 1);
  }

  /** Whether the reader had claimed all up to a value of `written`. */
  hasClaimed(written: number): boolean {
    return ((Atomics.load(this.#head, CLAIMED) - written) | 0) >= 0;
  }

  /** The reader is gone: what it had claimed counts as read. */
  recover(): void {
    Atomics.store(this.#head, READ, Atomics.load(this.#head, CLAIMED));
  }

  // The reader

  /** Samples of a channel that were claimed, gaps too; kept here so that it outlives the reader. */
  get claimedSamples(): number {
    return this.#samples[SAMPLES]!;
  }

  /** Whether the writer waits for room that is there now; asked once. */
  get roomToTell(): boolean {
    return this.used <= this.capacity / 2 && Atomics.compareExchange(this.#head, WANTS_ROOM, 1, 0) === 1;
  }

  /** Releases the record before, and claims the next. @param samplesOf how many samples of a channel it stands for */
  read(samplesOf: (record: RingRecord) => number): RingRecord | undefined {
    this.release();
    let position = Atomics.load(this.#head, READ);
    if (position === Atomics.load(this.#head, WRITTEN)) return undefined;
    let at = position & this.#mask;
    if (this.#words[(at >> 2) + 1] === RECORD.pad) {
      position = (position + this.#words[at >> 2]!) | 0;
      at = 0;
    }
    const length = this.#words[at >> 2]!;
    const record = this.#record;
    // Only this ring's writer writes kinds.
    record.kind = this.#words[(at >> 2) + 1] as RecordKind;
    record.value = this.#doubles[(at >> 3) + 1]!;
    record.writtenAtMs = this.#doubles[(at >> 3) + 2]!;
    record.payload =
      length === 0 ? NOTHING : this.#bytes.subarray(at + RECORD_HEAD_BYTES, at + RECORD_HEAD_BYTES + length);
    this.#samples[SAMPLES]! += samplesOf(record);
    Atomics.store(this.#head, CLAIMED, (position + RECORD_HEAD_BYTES + ((length + 7) & ~7)) | 0);
    return record;
  }

  /** The record that was read last has been worked on; its payload may be overwritten. */
  release(): void {
    Atomics.store(this.#head, READ, Atomics.load(this.#head, CLAIMED));
  }
}
