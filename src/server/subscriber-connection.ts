import { UndertoneError } from '../errors.ts';
import type { ConnectionStatusCode } from '../protocol/index.ts';
import type { Clock } from './clock.ts';
import type { ClientConnection, ConnectionOwner } from './connection.ts';
import { type Connected, DRAINING } from './connections.ts';
import { encodeBytes } from './encoded-event.ts';
import { Follower } from './follower.ts';
import type { ServerLimits } from './limits.ts';
import type { LiveStream } from './live-stream.ts';
import { Outbox } from './outbox.ts';
import type { SubscribeQuery } from './query.ts';
import type { Registry } from './registry.ts';

export interface SubscriberContext {
  readonly registry: Registry;
  readonly limits: ServerLimits;
  readonly clock: Clock;
  readonly onRejected: (error: UndertoneError) => void;
  /** Events that a slow reader will not get. */
  readonly onDropped?: (events: number) => void;
}

const NORMAL = 1000;
const GOING_AWAY = 1001;

/** One subscriber: it waits for its stream, follows it, and is closed after `ended`; or it hears every stream. */
export class SubscriberConnection implements Connected, ConnectionOwner {
  readonly #connection: ClientConnection;
  readonly #context: SubscriberContext;
  readonly #query: SubscribeQuery;
  readonly #outbox: Outbox;
  #follower: Follower | undefined;
  /** Undoes what it waits for or listens to. */
  #leave: () => void = () => {};

  constructor(connection: ClientConnection, query: SubscribeQuery, context: SubscriberContext) {
    this.#connection = connection;
    this.#context = context;
    this.#query = query;
    const clock = () => context.clock.now();
    this.#outbox = new Outbox(connection, {
      limitBytes: context.limits.outgoingBytes,
      clock,
      ...(context.onDropped && { onDropped: context.onDropped }),
    });
    connection.own(this);
    this.#join();
  }

  get slowMs(): number {
    return Math.max(this.#outbox.slowMs, this.#follower?.waitingMs ?? 0);
  }

  text(): void {
    this.fault(new UndertoneError('invalid-message', { detail: 'a subscription only receives' }));
  }

  audio(): void {
    this.text();
  }

  fault(error: UndertoneError): void {
    this.#context.onRejected(error);
    this.#connection.tell(error);
    this.#close(error.closeCode);
  }

  lost(): void {
    this.#leave();
  }

  tick(): void {
    this.#connection.tick();
  }

  get bufferedBytes(): number {
    return this.#connection.bufferedBytes;
  }

  drain(): void {
    this.#connection.send(DRAINING);
  }

  drained(): void {
    this.#close(GOING_AWAY);
  }

  terminate(): void {
    this.#connection.terminate();
  }

  #join(): void {
    const query = this.#query;
    const { registry } = this.#context;
    if (query.everything) {
      this.#leave = registry.listen({ next: (event) => this.#outbox.deliver(event), end: () => {} });
      return;
    }
    const stream = registry.get(query.streamId);
    if (stream !== undefined) {
      this.#follow(stream, query.from);
      return;
    }
    this.#tellStatus('waiting', `The stream "${query.streamId}" is not there yet.`, query.streamId);
    // Whoever waited for a stream gets it from its first event.
    this.#leave = registry.expect(query.streamId, (opened) => this.#follow(opened, query.from ?? 'start'));
  }

  #follow(stream: LiveStream, from: number | 'start' | undefined): void {
    const follower = new Follower(stream.hub, this.#connection, {
      ...(from !== undefined && { from }),
      live: (event) => this.#outbox.deliver(event),
      onEnd: () => this.#outbox.whenClear(() => this.#close(stream.endReason === 'shutdown' ? GOING_AWAY : NORMAL)),
      clock: () => this.#context.clock.now(),
    });
    this.#follower = follower;
    this.#leave = () => follower.close();
    follower.start();
  }

  #tellStatus(code: ConnectionStatusCode, message: string, streamId: string): void {
    this.#connection.send(encodeBytes({ type: 'status', code, message, streamId }));
  }

  #close(code: number): void {
    this.#leave();
    this.#connection.close(code);
  }
}
