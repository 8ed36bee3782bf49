import type { ErrorCode } from '../errors.ts';
import { type Distribution, waitDistribution } from './stats.ts';
import type { Tap } from './taps.ts';

/** How often each of a few things has happened since the start. */
export class Tally<K extends string = string> {
  readonly #counts = new Map<K, number>();

  add(key: K, times = 1): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + times);
  }

  get entries(): readonly (readonly [K, number])[] {
    return [...this.#counts];
  }
}

/** What a server has done since it was started; plain numbers, cheap to count. Nothing here is of one call. */
export class Counts {
  /** Streams by where they came from: `websocket`, `socket.io`, a dialect of telephony. */
  readonly opened = new Tally();
  readonly ended = new Tally();
  /** Requests, connections and messages that were refused. */
  readonly refused = new Tally<ErrorCode>();
  /** Connections of platforms, by dialect. */
  readonly platforms = new Tally();
  /** Answers, by `METHOD route status`. */
  readonly answered = new Tally();
  /** Events that subscribers missed because they read too slowly. */
  droppedEvents = 0;
  /** Calls that were erased because of their age. */
  erasedCalls = 0;
  /** How long audio that keeps to real time waited for its turn in this thread, ms. */
  readonly inbox: Distribution = waitDistribution();

  readonly tap: Tap = {
    opened: ({ origin }) => this.opened.add(origin),
    ended: ({ endReason }) => this.ended.add(endReason ?? 'error'),
  };
}
