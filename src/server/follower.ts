import type { EncodedEvent } from './encoded-event.ts';
import { encodeBytes } from './encoded-event.ts';
import type { Hub, Listener } from './hub.ts';
import type { Sink } from './sink.ts';

/** History is sent in portions of about this size, so that a long one fills no queue. */
const PORTION_BYTES = 65_536;

export interface FollowerOptions {
  /** The first cursor wanted; `start` for the oldest there is; left out, only what comes from now on. */
  readonly from?: number | 'start';
  /** Takes the events that come once history has been sent. */
  readonly live: (event: EncodedEvent) => void;
  /** Called when history has been sent. */
  readonly onLive?: () => void;
  /** Called once, after the last event. */
  readonly onEnd: () => void;
  /** Milliseconds, monotonic. */
  readonly clock: () => number;
}

/**
 * Follows one stream: its history first, at the pace of the reader, then live, with no gap and no repeat between. What has
 * left the history before it could be sent is told by `status: history-truncated`.
 */
export class Follower implements Listener {
  readonly #hub: Hub;
  readonly #sink: Sink;
  readonly #options: FollowerOptions;
  #cursor: number;
  #state: 'history' | 'live' | 'closed' = 'history';
  #waitingSinceMs: number | undefined;

  constructor(hub: Hub, sink: Sink, options: FollowerOptions) {
    this.#hub = hub;
    this.#sink = sink;
    this.#options = options;
    const { history } = hub;
    // `start` means the very first, so that what is gone of it is told. A stream that has ended has nothing live: its end is
    // what is left to say.
    const live = hub.ended ? Math.max(history.oldestCursor, history.nextCursor - 1) : history.nextCursor;
    this.#cursor = options.from === 'start' ? 0 : (options.from ?? live);
  }

  start(): void {
    this.#hub.add(this);
    this.#pump();
  }

  close(): void {
    this.#state = 'closed';
    this.#hub.remove(this);
  }

  /** Whether a portion of history waits for the reader. */
  get waiting(): boolean {
    return this.#waitingSinceMs !== undefined;
  }

  /** For how long a portion of history has waited for the reader, ms. */
  get waitingMs(): number {
    return this.#waitingSinceMs === undefined ? 0 : this.#options.clock() - this.#waitingSinceMs;
  }

  next(event: EncodedEvent): void {
    // One who asked for a cursor that has not come yet waits for it.
    if (this.#state === 'live' && event.cursor >= this.#cursor) this.#options.live(event);
  }

  end(): void {
    if (this.#state === 'live') this.#finish();
  }

  #pump(): void {
    const { history } = this.#hub;
    this.#waitingSinceMs = undefined;
    if (this.#state === 'closed') return;
    this.#tellTruncated();
    let sent = 0;
    for (let event = history.at(this.#cursor); event !== undefined; event = history.at(this.#cursor)) {
      this.#cursor += 1;
      sent += event.bytes.length;
      if (sent < PORTION_BYTES) {
        this.#sink.send(event.bytes, undefined, event.cursor);
      } else {
        this.#waitingSinceMs = this.#options.clock();
        this.#sink.send(event.bytes, () => this.#pump(), event.cursor);
        return;
      }
    }
    this.#state = 'live';
    this.#options.onLive?.();
    if (this.#hub.ended) this.#finish();
  }

  #tellTruncated(): void {
    const { oldestCursor } = this.#hub.history;
    if (this.#cursor >= oldestCursor) return;
    const message = `The events before cursor ${oldestCursor} are no longer kept.`;
    const { streamId } = this.#hub;
    this.#sink.send(encodeBytes({ type: 'status', code: 'history-truncated', streamId, message, oldestCursor }));
    this.#cursor = oldestCursor;
  }

  #finish(): void {
    this.close();
    this.#options.onEnd();
  }
}
