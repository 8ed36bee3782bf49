import type { TimelineEvent } from '../protocol/index.ts';
import { type EncodedEvent, encodeTimelineEvent } from './encoded-event.ts';
import { History, type HistoryKeeper } from './history.ts';

/** Follows a stream; it must not throw, and costs the others no more than its call. */
export interface Listener {
  next(event: EncodedEvent): void;
  /** No more events will come. */
  end(): void;
}

/** The events of one stream: kept, and given to everyone who listens. */
export class Hub {
  readonly streamId: string;
  readonly history: History;
  /** Those who listen to every stream. */
  readonly #everyone: ReadonlySet<Listener>;
  /** Hears every event first, and is nobody's follower. */
  #tap: ((event: EncodedEvent) => void) | undefined;
  readonly #listeners = new Set<Listener>();
  #ended = false;

  constructor(streamId: string, historyBytes: number, keeper: HistoryKeeper, everyone: ReadonlySet<Listener>) {
    this.streamId = streamId;
    this.history = new History(historyBytes, keeper);
    this.#everyone = everyone;
  }

  /** Those who follow this stream. */
  get followers(): number {
    return this.#listeners.size;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** @throws RangeError for an event that cannot be encoded; nobody has seen it then. */
  publish(event: TimelineEvent): void {
    this.relay(encodeTimelineEvent(event));
  }

  /** @throws RangeError for an event that is not the next one. */
  relay(encoded: EncodedEvent): void {
    this.history.push(encoded);
    this.#tap?.(encoded);
    for (const listener of this.#listeners) listener.next(encoded);
    for (const listener of this.#everyone) listener.next(encoded);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const listener of this.#listeners) listener.end();
    this.#listeners.clear();
  }

  /** Takes every event from now on, beside those who listen; it must not throw. */
  tap(next: (event: EncodedEvent) => void): void {
    this.#tap = next;
  }

  add(listener: Listener): void {
    if (this.#ended) listener.end();
    else this.#listeners.add(listener);
  }

  remove(listener: Listener): void {
    this.#listeners.delete(listener);
  }
}
