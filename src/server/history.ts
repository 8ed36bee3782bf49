import type { EncodedEvent } from './encoded-event.ts';

/** An event costs its bytes and about this much for the objects that hold them. */
const OVERHEAD_BYTES = 160;
/** Events are kept in pieces of memory of this size, a stream's own. */
const SLAB_BYTES = 8_192;

/** Told of every change of a history's size, in bytes; may trim that history or another. */
export interface HistoryKeeper {
  changed(bytes: number): void;
}

/** The newest events of one stream, in a ring of stated size. Cursors rise by one, so an event is found by arithmetic. */
export class History {
  readonly #maxBytes: number;
  readonly #keeper: HistoryKeeper;
  #events: (EncodedEvent | undefined)[] = [];
  /** Index in #events of the oldest event that is still there. */
  #head = 0;
  #bytes = 0;
  #nextCursor = 0;
  #slab = EMPTY;
  /** Bytes of the slab that are taken. */
  #taken = 0;

  constructor(maxBytes: number, keeper: HistoryKeeper) {
    this.#maxBytes = maxBytes;
    this.#keeper = keeper;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The cursor of the next event to come. */
  get nextCursor(): number {
    return this.#nextCursor;
  }

  /** The oldest cursor that is there; `nextCursor` where none is. */
  get oldestCursor(): number {
    return this.#nextCursor - (this.#events.length - this.#head);
  }

  /** @throws RangeError for a cursor that is not the next one: a reader could not tell that nothing is missing. */
  push(event: EncodedEvent): void {
    if (event.cursor !== this.#nextCursor) {
      throw new RangeError(`An event has cursor ${event.cursor}, expected ${this.#nextCursor}.`);
    }
    const before = this.#bytes;
    this.#events.push({ ...event, bytes: this.#copy(event.bytes) });
    this.#nextCursor = event.cursor + 1;
    this.#bytes += cost(event);
    while (this.#bytes > this.#maxBytes) this.#dropOldest();
    this.#keeper.changed(this.#bytes - before);
  }

  /** `undefined` where it is gone or has not come yet. */
  at(cursor: number): EncodedEvent | undefined {
    const index = this.#head + cursor - this.oldestCursor;
    return index < this.#head ? undefined : this.#events[index];
  }

  /** Drops the oldest events until no more than `bytes` are left. */
  trim(bytes: number): void {
    const before = this.#bytes;
    while (this.#bytes > bytes) this.#dropOldest();
    this.#keeper.changed(this.#bytes - before);
  }

  /** An event comes as a part of a worker's message, which would be kept whole for as long as any of its events. */
  #copy(bytes: Buffer): Buffer {
    if (bytes.length > SLAB_BYTES / 2) return Buffer.from(bytes);
    if (this.#taken + bytes.length > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#taken = 0;
    }
    const copy = this.#slab.subarray(this.#taken, this.#taken + bytes.length);
    copy.set(bytes);
    this.#taken += bytes.length;
    return copy;
  }

  #dropOldest(): void {
    const oldest = this.#events[this.#head];
    if (oldest === undefined) return;
    this.#events[this.#head] = undefined;
    this.#head += 1;
    this.#bytes -= cost(oldest);
    // Half of the array is empty: moving the rest costs no more than the drops before it.
    if (this.#head > 64 && this.#head * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
  }
}

const EMPTY = Buffer.alloc(0);
const cost = (event: EncodedEvent): number => event.bytes.length + OVERHEAD_BYTES;
