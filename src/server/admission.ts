import { UndertoneError } from '../errors.ts';
import type { Connections } from './connections.ts';
import type { ServerLimits } from './limits.ts';
import type { OverloadWatch } from './overload-watch.ts';
import type { SubscribeQuery } from './query.ts';
import type { Registry } from './registry.ts';

export interface AdmissionOptions {
  readonly registry: Registry;
  readonly connections: Connections;
  readonly limits: ServerLimits;
  readonly overload: Pick<OverloadWatch, 'admit'>;
  readonly draining: () => boolean;
}

/** Who may still come in: each way in asks here, and an error of the table says why not. */
export class Admission {
  readonly #options: AdmissionOptions;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** @throws UndertoneError `shutting-down`, `overloaded`, `too-many-streams` */
  producer(): void {
    const { registry, connections, limits, overload } = this.#options;
    this.#open();
    // A stream that waits to be resumed is no new one, and its client comes over a new connection.
    if (registry.running.every((stream) => stream.attached)) overload.admit();
    // A connection that has not started is no stream yet, so twice as many may be open.
    if (connections.count('producer') >= 2 * limits.maxStreams) {
      throw new UndertoneError('too-many-streams', { limit: limits.maxStreams });
    }
  }

  /** @throws UndertoneError `shutting-down`, `too-many-subscribers`, `unknown-stream` */
  subscriber(query: SubscribeQuery): void {
    this.watcher();
    if (!query.everything && !query.wait && this.#options.registry.get(query.streamId) === undefined) {
      throw new UndertoneError('unknown-stream', { streamId: query.streamId });
    }
  }

  /** One who follows no stream of its own: it counts as a subscriber. @throws UndertoneError `shutting-down`, `too-many-subscribers` */
  watcher(): void {
    const { connections, limits } = this.#options;
    this.#open();
    if (connections.count('subscriber') >= limits.maxSubscribers) {
      throw new UndertoneError('too-many-subscribers', { limit: limits.maxSubscribers });
    }
  }

  /** A socket of Socket.IO, with any number of streams on it. @throws UndertoneError `shutting-down`, `too-many-subscribers` */
  socket(): void {
    const { connections, limits } = this.#options;
    this.#open();
    const limit = 2 * limits.maxStreams + limits.maxSubscribers;
    if (connections.count('socket') >= limit) throw new UndertoneError('too-many-subscribers', { limit });
  }

  #open(): void {
    if (this.#options.draining()) throw new UndertoneError('shutting-down');
  }
}
