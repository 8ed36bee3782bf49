import { asUndertoneError, UndertoneError } from '../../errors.ts';
import type { Store, StoreItem } from '../store.ts';
import { type Batch, WaitingItems } from './waiting.ts';

const MIB = 1_048_576;
/** A batch that is on its way for so long, and the store counts as failing, ms. */
const SLOW_MS = 15_000;

export interface StoreWriterOptions {
  /** Of all that waits, in memory; default 64 MiB, which holds 300 calls for a minute. */
  readonly maxBytes?: number;
  /** From one batch to the next, ms; default 500. */
  readonly everyMs?: number;
  /** Of one batch; default 1 MiB. */
  readonly maxBatchBytes?: number;
  /** Longest pause between two attempts while the store fails, ms; default 15,000. */
  readonly maxDelayMs?: number;
  /** When writing begins to fail, fails for another reason or works again, and when events had to be dropped. */
  readonly onStatus?: (status: StoreWriterStatus) => void;
  /** Milliseconds; default `performance.now`. */
  readonly clock?: () => number;
}

export interface StoreWriterStatus {
  /** Why the last attempt failed, in a sentence without anything of a call; `null` while the store writes. */
  readonly failing: string | null;
  /** Since the start: events that were not kept, or will not be. */
  readonly droppedEvents: number;
  readonly waitingItems: number;
  readonly waitingBytes: number;
  /** How long the oldest of what is not written has waited. */
  readonly lagMs: number;
  readonly writtenItems: number;
}

interface Waiter {
  readonly place: number;
  readonly resolve: (written: boolean) => void;
}

/**
 * Brings what happens to the store, in batches and from a bounded queue, so that the live path never waits for a disk. While
 * the store fails it keeps trying; what does not fit in the meantime is dropped, the oldest windows first, and the store is
 * told how many events of which stream are missing.
 *
 * @example
 * const writer = new StoreWriter(store, { onStatus: ({ failing }) => log.warn({ failing }, 'store') });
 * writer.push({ kind: 'opened', stream });
 * await writer.close();
 */
export class StoreWriter {
  readonly #store: Pick<Store, 'write'>;
  readonly #waiting: WaitingItems;
  readonly #everyMs: number;
  readonly #maxBatchBytes: number;
  readonly #maxDelayMs: number;
  readonly #onStatus: (status: StoreWriterStatus) => void;
  readonly #clock: () => number;
  /** Batches on their way: one, or the parts of one that was refused as a whole. */
  #hand: Batch[] = [];
  #handSinceMs = 0;
  #waiters: Waiter[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing = false;
  #failures = 0;
  #failing: string | null = null;
  #toldDropped = 0;
  #toldFailing: string | null = null;
  #writtenItems = 0;
  #writtenPlace = 0;
  #closed = false;
  #stopped = false;

  constructor(store: Pick<Store, 'write'>, options: StoreWriterOptions = {}) {
    this.#store = store;
    this.#waiting = new WaitingItems(options.maxBytes ?? 64 * MIB);
    this.#everyMs = options.everyMs ?? 500;
    this.#maxBatchBytes = options.maxBatchBytes ?? MIB;
    this.#maxDelayMs = options.maxDelayMs ?? 15_000;
    this.#onStatus = options.onStatus ?? (() => {});
    this.#clock = options.clock ?? (() => performance.now());
  }

  get status(): StoreWriterStatus {
    const oldestMs = this.#hand.length > 0 ? this.#handSinceMs : this.#waiting.oldestMs;
    return {
      failing: this.#failing,
      droppedEvents: this.#waiting.droppedEvents,
      waitingItems: this.#waiting.count + this.#hand.reduce((sum, { items }) => sum + items.length, 0),
      waitingBytes: this.#waiting.bytes + this.#handBytes,
      lagMs: oldestMs === undefined ? 0 : Math.max(0, this.#clock() - oldestMs),
      writtenItems: this.#writtenItems,
    };
  }

  /**
   * Takes an item; returns at once, and never throws. The bytes of an event are copied: they may be part of something larger,
   * which would not go while they wait.
   */
  push(item: StoreItem): void {
    if (this.#closed) {
      this.#waiting.abandon([item]);
      return;
    }
    const own = item.kind === 'event' ? { ...item, bytes: new Uint8Array(item.bytes) } : item;
    this.#waiting.push(own, this.#clock(), this.#handBytes);
    this.#schedule(this.#everyMs);
  }

  /** Whether all that was pushed before has been written (or dropped) within `limitMs`. */
  flush(limitMs = 10_000): Promise<boolean> {
    const place = this.#waiting.place;
    if (this.#writtenPlace >= place) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle(false), limitMs);
      const settle = (written: boolean): void => {
        clearTimeout(timer);
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        resolve(written);
      };
      const waiter: Waiter = { place, resolve: settle };
      this.#waiters.push(waiter);
      this.#schedule(0);
    });
  }

  /** Writes what waits, for `limitMs` at most, and takes nothing more; tells whether all was written. The store stays open. */
  async close(limitMs = 10_000): Promise<boolean> {
    this.#closed = true;
    const written = await this.flush(limitMs);
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const { items } of this.#hand) this.#waiting.abandon(items);
    this.#hand = [];
    this.#waiting.abandonAll();
    this.#tell();
    return written;
  }

  get #handBytes(): number {
    return this.#hand.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #schedule(delayMs: number): void {
    if (this.#writing || this.#stopped) return;
    if (this.#timer !== undefined) {
      if (delayMs > 0) return;
      clearTimeout(this.#timer);
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#write();
    }, delayMs);
    // What waits is no reason for a process to stay: who ends it closes the writer.
    this.#timer.unref();
  }

  async #write(): Promise<void> {
    const batch = this.#next();
    if (batch === undefined) return;
    this.#writing = true;
    const slow = setTimeout(() => {
      this.#failing = new UndertoneError('store-unavailable', { detail: 'it takes too long' }).message;
      this.#tell();
    }, SLOW_MS).unref();
    const failure = await this.#attempt(batch);
    clearTimeout(slow);
    this.#writing = false;
    if (this.#stopped) return;
    if (failure === undefined) this.#succeeded(batch);
    else this.#failed(batch, failure);
    this.#tell();
    const full = this.#hand.length > 0 || this.#waiting.bytes >= this.#maxBatchBytes || this.#waiters.length > 0;
    if (this.#waiting.count === 0 && this.#hand.length === 0) return;
    if (this.#failures > 0) this.#schedule(Math.min(this.#maxDelayMs, this.#everyMs * 2 ** (this.#failures - 1)));
    else this.#schedule(full ? 0 : this.#everyMs);
  }

  #next(): Batch | undefined {
    if (this.#hand.length === 0) {
      this.#handSinceMs = this.#waiting.oldestMs ?? this.#clock();
      const batch = this.#waiting.take(this.#maxBatchBytes);
      if (batch !== undefined) this.#hand = [batch];
    }
    return this.#hand[0];
  }

  async #attempt({ items }: Batch): Promise<{ readonly error: unknown } | undefined> {
    try {
      await this.#store.write(items);
      return undefined;
    } catch (error) {
      return { error };
    }
  }

  #succeeded(batch: Batch): void {
    this.#hand.shift();
    this.#failures = 0;
    this.#failing = null;
    this.#writtenItems += batch.items.length;
    this.#pass(batch);
  }

  #failed(batch: Batch, { error }: { readonly error: unknown }): void {
    const { code, message } = asUndertoneError(error);
    this.#failing = message;
    if (code !== 'internal') {
      this.#failures += 1;
      return;
    }
    // Not the store but something in the batch: it is found by halves, so that it costs nothing else.
    const [first] = batch.items;
    if (batch.items.length > 1) {
      this.#hand.splice(0, 1, ...halves(batch));
    } else if (first !== undefined) {
      this.#hand.shift();
      this.#waiting.lose(first);
      this.#pass(batch);
    }
  }

  #pass({ place }: Batch): void {
    if (this.#hand.length > 0) return;
    this.#writtenPlace = place;
    for (const waiter of this.#waiters) if (waiter.place <= place) waiter.resolve(true);
  }

  #tell(): void {
    const { droppedEvents } = this.#waiting;
    if (this.#toldFailing === this.#failing && this.#toldDropped === droppedEvents) return;
    this.#toldFailing = this.#failing;
    this.#toldDropped = droppedEvents;
    try {
      this.#onStatus(this.status);
    } catch {
      // Whoever is told must not end the writing.
    }
  }
}

function halves({ items, bytes, place }: Batch): readonly [Batch, Batch] {
  const middle = items.length >> 1;
  const half = bytes / 2;
  return [
    { items: items.slice(0, middle), bytes: half, place },
    { items: items.slice(middle), bytes: half, place },
  ];
}
