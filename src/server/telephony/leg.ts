import type { UndertoneError } from '../../errors.ts';
import type { EndReason, TimelineEvent } from '../../protocol/index.ts';
import type { EncodedEvent } from '../encoded-event.ts';
import type { LiveStream, Producer } from '../live-stream.ts';

/** What a leg's socket does about what happens to its stream. */
export interface LegOwner {
  /** The platform reads too slowly what is sent back to it. */
  readonly congested: boolean;
  /** There is room for more audio. */
  room(): void;
  failed(error: UndertoneError): void;
  event(event: TimelineEvent): void;
  /** The stream has said its last. */
  ended(leg: Leg): void;
}

/** One stream of a platform's socket, as the producer of that stream. */
export class Leg implements Producer {
  readonly #owner: LegOwner;
  readonly #stream: LiveStream;
  #stopListening: () => void = () => {};

  /** @param open opens the stream with this leg as its producer. Throws what the registry throws. */
  constructor(owner: LegOwner, open: (producer: Producer) => LiveStream) {
    this.#owner = owner;
    this.#stream = open(this);
  }

  /** @param returnsEvents whether the platform may want the stream's events */
  listen(returnsEvents: boolean): void {
    const { hub } = this.#stream;
    const listener = {
      next: ({ bytes }: EncodedEvent) => {
        if (returnsEvents) this.#owner.event(JSON.parse(bytes.toString()) as TimelineEvent);
      },
      end: () => this.#owner.ended(this),
    };
    this.#stopListening = () => hub.remove(listener);
    hub.add(listener);
  }

  get stream(): LiveStream {
    return this.#stream;
  }

  get endReason(): EndReason | undefined {
    return this.#stream.endReason;
  }

  /** The socket is gone; the stream ends without it. */
  leave(): void {
    this.#stopListening();
    this.#stream.detach(this);
  }

  get congested(): boolean {
    return this.#owner.congested;
  }

  /** No platform asks what has been analysed. */
  ack(): void {}

  room(): void {
    this.#owner.room();
  }

  failed(error: UndertoneError): void {
    this.#owner.failed(error);
  }

  /** Nobody has the token of its stream. */
  replaced(): void {}
}
