import { type EncodedEvent, encodeBytes } from './encoded-event.ts';
import type { Sink } from './sink.ts';

export interface OutboxOptions {
  /** Bytes that may wait for the reader. */
  readonly limitBytes: number;
  /** Milliseconds, monotonic. */
  readonly clock: () => number;
  /** So many events will not be sent. */
  readonly onDropped?: (events: number) => void;
}

/**
 * What goes out to a subscriber, live. A reader that is too slow misses events, but for the newest window of every stream
 * and channel and the `ended` of every stream: those wait, one of each, and go out as soon as there is room.
 */
export class Outbox {
  readonly #sink: Sink;
  readonly #limitBytes: number;
  readonly #clock: () => number;
  readonly #onDropped: (events: number) => void;
  readonly #newest = new Map<string, EncodedEvent>();
  #slowSinceMs: number | undefined;
  #dropped = 0;
  #onClear: (() => void) | undefined;

  constructor(sink: Sink, { limitBytes, clock, onDropped = () => {} }: OutboxOptions) {
    this.#sink = sink;
    this.#limitBytes = limitBytes;
    this.#clock = clock;
    this.#onDropped = onDropped;
  }

  /** For how long the reader has been too slow, ms; 0 where it is not. */
  get slowMs(): number {
    return this.#slowSinceMs === undefined ? 0 : this.#clock() - this.#slowSinceMs;
  }

  deliver(event: EncodedEvent): void {
    if (this.#slowSinceMs === undefined && this.#sink.bufferedBytes + event.bytes.length > this.#limitBytes) {
      this.#becomeSlow();
    }
    if (this.#slowSinceMs === undefined) this.#sink.send(event.bytes, undefined, event.cursor);
    else this.#keep(event);
  }

  /** Calls `run` once nothing is held back for a slow reader. */
  whenClear(run: () => void): void {
    if (this.#slowSinceMs === undefined) run();
    else this.#onClear = run;
  }

  #becomeSlow(): void {
    this.#slowSinceMs = this.#clock();
    this.#dropped = 0;
    const message = 'This connection reads too slowly; until it has caught up only the newest windows are sent.';
    // Its own place in the queue tells when all before it has been read.
    this.#sink.send(encodeBytes({ type: 'status', code: 'slow-consumer', message }), () => this.#catchUp());
  }

  #keep(event: EncodedEvent): void {
    if (event.type !== 'window' && event.type !== 'ended') {
      this.#drop();
      return;
    }
    const key = `${event.type}/${event.channel}/${event.streamId}`;
    if (this.#newest.delete(key)) this.#drop();
    this.#newest.set(key, event);
  }

  #drop(): void {
    this.#dropped += 1;
    this.#onDropped(1);
  }

  #catchUp(): void {
    if (this.#slowSinceMs === undefined) return;
    this.#slowSinceMs = undefined;
    const kept = [...this.#newest.values()];
    this.#newest.clear();
    if (this.#dropped > 0) {
      const message = `${this.#dropped} events were left out because this connection read too slowly.`;
      this.#sink.send(encodeBytes({ type: 'status', code: 'slow-consumer', message }));
    }
    for (const event of kept) this.deliver(event);
    if (this.#slowSinceMs === undefined) this.#onClear?.();
  }
}
