/** What of Engine.IO's socket tells when its bytes have gone out. */
export interface EngineConnection {
  readonly transport: { once(event: 'drain', listener: () => void): unknown };
  on(event: 'flush', listener: () => void): unknown;
}

/**
 * Counts the bytes that wait for the reader of a Socket.IO socket. Engine.IO hands all that was written to its transport
 * at once (`flush`) and the next batch when that has gone out (`drain` of the transport).
 */
export class Outflow {
  #queuedBytes = 0;
  #flyingBytes = 0;
  readonly #queued: (() => void)[] = [];
  readonly #flying: (() => void)[] = [];

  constructor(connection: EngineConnection) {
    connection.on('flush', () => {
      this.#flyingBytes += this.#queuedBytes;
      this.#queuedBytes = 0;
      this.#flying.push(...this.#queued.splice(0));
      connection.transport.once('drain', () => this.#drained());
    });
  }

  get bufferedBytes(): number {
    return this.#queuedBytes + this.#flyingBytes;
  }

  /** Called before the bytes are written, for they may be flushed at once. */
  writing(bytes: number, onFlushed?: () => void): void {
    this.#queuedBytes += bytes;
    if (onFlushed !== undefined) this.#queued.push(onFlushed);
  }

  /** The connection is gone: what waits for a flush that will not come. */
  abandon(): (() => void)[] {
    return [...this.#flying.splice(0), ...this.#queued.splice(0)];
  }

  #drained(): void {
    this.#flyingBytes = 0;
    // Whoever is told may write again, and again: not within the transport's own call.
    for (const tell of this.#flying.splice(0)) setImmediate(tell);
  }
}
