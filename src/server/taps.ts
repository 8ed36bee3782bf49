import type { UndertoneError } from '../errors.ts';
import type { EncodedEvent } from './encoded-event.ts';
import type { InboxItem } from './inbox.ts';
import type { LiveStream } from './live-stream.ts';

/** `resumed`: another connection goes on, and the bytes of a sample that has not come whole are dropped. */
export type StreamInput = InboxItem | { readonly kind: 'resumed' };

/**
 * One who follows every stream of a server from its opening to its end, beside its subscribers: the store, the floor, a
 * recorder. It is called on the live path, so it does nothing but put things aside. It counts as nobody's follower.
 */
export interface Tap {
  /** Before the first event. */
  opened?(stream: LiveStream): void;
  /** What comes in, in order, before its analysis. Bytes of audio are not to be changed; they may be kept. */
  input?(stream: LiveStream, input: StreamInput): void;
  /** In the order of its cursor; the last one is `ended`. */
  event?(stream: LiveStream, event: EncodedEvent): void;
  /** Nothing more will come of it. `failure` where something inside broke. */
  ended?(stream: LiveStream, failure: UndertoneError | undefined): void;
}

/** All taps of a server as one. What one of them throws is told, and harms neither the stream nor the other taps. */
export class Taps implements Required<Tap> {
  readonly #taps: readonly Tap[];
  readonly #onFault: (error: unknown) => void;

  constructor(taps: readonly Tap[], onFault: (error: unknown) => void) {
    this.#taps = taps;
    this.#onFault = onFault;
  }

  opened(stream: LiveStream): void {
    this.#each((tap) => tap.opened?.(stream));
  }

  input(stream: LiveStream, input: StreamInput): void {
    this.#each((tap) => tap.input?.(stream, input));
  }

  event(stream: LiveStream, event: EncodedEvent): void {
    this.#each((tap) => tap.event?.(stream, event));
  }

  ended(stream: LiveStream, failure: UndertoneError | undefined): void {
    this.#each((tap) => tap.ended?.(stream, failure));
  }

  #each(run: (tap: Tap) => void): void {
    for (const tap of this.#taps) {
      try {
        run(tap);
      } catch (error) {
        this.#onFault(error);
      }
    }
  }
}
