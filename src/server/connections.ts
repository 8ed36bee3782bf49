import { encodeBytes } from './encoded-event.ts';

/** One who is connected, whatever the transport: a native client, a platform of telephony, a part of a Socket.IO socket. */
export interface Connected {
  /** Called every now and then. */
  tick(): void;
  /** The server shuts down: streams are about to be ended. */
  drain(): void;
  /** Every stream has ended. */
  drained(): void;
  /** Cuts the connection. */
  terminate(): void;
  /** Bytes that wait for its reader, where that is known. */
  readonly bufferedBytes?: number;
}

/** `socket`: of Socket.IO, with any number of producers and subscribers on it, which are counted each. */
export type ConnectedKind = 'producer' | 'subscriber' | 'socket';

/** What a native client is told when the server begins to shut down. */
export const DRAINING = encodeBytes({ type: 'status', code: 'draining', message: 'The server shuts down.' });

/** Everyone who is connected. */
export class Connections {
  readonly #kinds = new Map<Connected, ConnectedKind>();
  readonly #counts: Record<ConnectedKind, number> = { producer: 0, subscriber: 0, socket: 0 };

  get size(): number {
    return this.#kinds.size;
  }

  count(kind: ConnectedKind): number {
    return this.#counts[kind];
  }

  add(connected: Connected, kind: ConnectedKind): void {
    this.#kinds.set(connected, kind);
    this.#counts[kind] += 1;
  }

  remove(connected: Connected): void {
    const kind = this.#kinds.get(connected);
    if (kind === undefined) return;
    this.#kinds.delete(connected);
    this.#counts[kind] -= 1;
  }

  /** Whoever leaves on the way, or comes, does no harm. */
  each(run: (connected: Connected) => void): void {
    for (const connected of this.#kinds.keys()) run(connected);
  }
}
