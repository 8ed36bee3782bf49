import type { StreamStatusCode } from '../protocol/index.ts';
import type { AlertRule } from '../streams/index.ts';

/** What waits for analysis, in the order in which it came. */
export type InboxItem =
  /** With the moment of its arrival, ms. */
  | { readonly kind: 'audio'; readonly bytes: Uint8Array; readonly arrivedAtMs?: number }
  | { readonly kind: 'gap'; readonly durationMs: number }
  | { readonly kind: 'mark'; readonly name: string }
  | { readonly kind: 'status'; readonly code: StreamStatusCode; readonly message: string }
  | { readonly kind: 'stretch'; readonly factor: number }
  | { readonly kind: 'rules'; readonly rules: readonly AlertRule[] };

/** A message costs its bytes and about this much for the objects that hold it: one-sample messages count in full. */
const OVERHEAD_BYTES = 64;

/**
 * The audio of one stream that waits for analysis, with what stands between it: gaps, marks, conditions. Whole sample frames only are given out, so that a
 * connection that is lost inside a sample can go on at that sample's start; the rest comes with `close`.
 */
export class Inbox {
  readonly #frameBytes: number;
  #items: InboxItem[] = [];
  #head = 0;
  #costBytes = 0;
  #acceptedBytes = 0;
  #givenBytes = 0;
  #closed = false;

  /** @param frameBytes bytes of one sample of every channel. */
  constructor(frameBytes: number) {
    this.#frameBytes = frameBytes;
  }

  /** What waits, in bytes with the cost of its messages. */
  get costBytes(): number {
    return this.#costBytes;
  }

  /** Whole samples of a channel that were accepted. */
  get acceptedSamples(): number {
    return Math.floor(this.#acceptedBytes / this.#frameBytes);
  }

  /** Whole samples of a channel that were given out. */
  get givenSamples(): number {
    return Math.floor(this.#givenBytes / this.#frameBytes);
  }

  /** Whether `take` has something. */
  get ready(): boolean {
    const item = this.#items[this.#head];
    if (item === undefined) return false;
    return item.kind !== 'audio' || this.#givenBytes < this.#limitBytes;
  }

  /** Bytes that may be given out: all of them once closed, whole sample frames before. */
  get #limitBytes(): number {
    return this.#closed ? this.#acceptedBytes : this.acceptedSamples * this.#frameBytes;
  }

  push(item: InboxItem): void {
    if (item.kind === 'audio') {
      if (item.bytes.length === 0) return;
      this.#acceptedBytes += item.bytes.length;
    }
    this.#items.push(item);
    this.#costBytes += cost(item);
  }

  /** The next item; of audio at most `maxBytes`, which is at least one sample frame. */
  take(maxBytes: number): InboxItem | undefined {
    const item = this.#items[this.#head];
    if (item === undefined || !this.ready) return undefined;
    if (item.kind !== 'audio') {
      this.#shift(item);
      return item;
    }
    const length = Math.min(item.bytes.length, maxBytes, this.#limitBytes - this.#givenBytes);
    this.#givenBytes += length;
    if (length === item.bytes.length) {
      this.#shift(item);
      return item;
    }
    this.#items[this.#head] = { ...item, bytes: item.bytes.subarray(length) };
    this.#costBytes -= length;
    return { ...item, bytes: item.bytes.subarray(0, length) };
  }

  /** Drops the bytes of a sample frame that has not come whole. */
  dropPartialFrame(): void {
    let excess = this.#acceptedBytes % this.#frameBytes;
    this.#acceptedBytes -= excess;
    for (let index = this.#items.length - 1; excess > 0 && index >= this.#head; index -= 1) {
      const item = this.#items[index];
      if (item?.kind !== 'audio') continue;
      const kept = item.bytes.subarray(0, Math.max(0, item.bytes.length - excess));
      excess -= item.bytes.length - kept.length;
      this.#costBytes -= item.bytes.length - kept.length;
      if (kept.length > 0) {
        this.#items[index] = { ...item, bytes: kept };
      } else {
        // An empty item would hold up what stands behind it.
        this.#items.splice(index, 1);
        this.#costBytes -= OVERHEAD_BYTES;
      }
    }
  }

  /** Nothing more comes: what waits is given out to the last byte. */
  close(): void {
    this.#closed = true;
  }

  /** Forgets what waits. */
  clear(): void {
    this.#items = [];
    this.#head = 0;
    this.#costBytes = 0;
  }

  #shift(item: InboxItem): void {
    this.#items[this.#head] = EMPTY;
    this.#head += 1;
    this.#costBytes -= cost(item);
    if (this.#head > 64 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
  }
}

const EMPTY: InboxItem = { kind: 'mark', name: '' };
const cost = (item: InboxItem): number => OVERHEAD_BYTES + sizeOf(item);

function sizeOf(item: InboxItem): number {
  switch (item.kind) {
    case 'audio':
      return item.bytes.length;
    case 'gap':
    case 'stretch':
    // All streams have the same rules in their hands.
    case 'rules':
      return 0;
    case 'mark':
      return item.name.length;
    case 'status':
      return item.message.length;
  }
}
