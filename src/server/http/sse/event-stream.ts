import type { ServerResponse } from 'node:http';
import { UndertoneError } from '../../../errors.ts';
import type { Clock } from '../../clock.ts';
import type { ClientConnection, ConnectionOwner } from '../../connection.ts';
import { encodeBytes } from '../../encoded-event.ts';
import type { ServerLimits } from '../../limits.ts';
import { COMMON_HEADERS } from '../answer.ts';

export interface EventStreamOptions {
  readonly outgoing: ServerResponse;
  readonly limits: ServerLimits;
  readonly clock: Clock;
  /** Whether messages carry the cursors of their events as `id`, so that a reader can go on behind the last one. */
  readonly ids: boolean;
  /** The reader has left, or was sent away; called once. */
  readonly onGone: () => void;
}

export const EVENT_STREAM = 'text/event-stream; charset=utf-8';
export const EVENT_STREAM_HEADERS: Readonly<Record<string, string>> = {
  ...COMMON_HEADERS,
  'Content-Type': EVENT_STREAM,
  // A proxy that gathers an answer before it passes it on would pass on nothing.
  'X-Accel-Buffering': 'no',
  Connection: 'close',
};

/** A reader hears something so often at least, so that it can tell a quiet stream from a dead connection. */
const KEEP_ALIVE_MS = 15_000;
/** A reader that does not read on for so long after the last word is cut. */
const CLOSE_GRACE_MS = 2_000;
const NORMAL = 1000;
const COMMENT = Buffer.from(':\n\n');
const DATA = Buffer.from('data: ');
const END = Buffer.from('\n\n');

/**
 * Server-sent events as the connection of a client
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html): what would be a text message of a WebSocket is the `data`
 * of one event. It only goes one way; the reader that resets it has left.
 */
export class EventStream implements ClientConnection {
  readonly #outgoing: ServerResponse;
  readonly #limits: ServerLimits;
  readonly #clock: Clock;
  readonly #ids: boolean;
  readonly #onGone: () => void;
  #owner: ConnectionOwner | undefined;
  #saidAtMs: number;
  #closing = false;

  constructor({ outgoing, limits, clock, ids, onGone }: EventStreamOptions) {
    this.#outgoing = outgoing;
    this.#limits = limits;
    this.#clock = clock;
    this.#ids = ids;
    this.#onGone = onGone;
    this.#saidAtMs = clock.now();
    // A peer that resets is nobody's error.
    outgoing.on('error', () => {});
    // It may be quiet for long; who does not read is found by what waits.
    outgoing.setTimeout(0);
    outgoing.writeHead(200, EVENT_STREAM_HEADERS);
    outgoing.flushHeaders();
    outgoing.socket?.setKeepAlive(true, limits.pingMs);
  }

  own(owner: ConnectionOwner): void {
    this.#owner = owner;
    const lost = (): void => {
      this.#closing = true;
      owner.lost(true, NORMAL);
      this.#onGone();
    };
    // Who has left before it could be served is told of all the same.
    if (this.#outgoing.destroyed) setImmediate(lost);
    else this.#outgoing.once('close', lost);
  }

  get bufferedBytes(): number {
    return this.#outgoing.writableLength;
  }

  /** The text is JSON: it has no line breaks. */
  send(bytes: Buffer, onFlushed?: () => void, cursor?: number): void {
    const id = this.#ids && cursor !== undefined ? [Buffer.from(`id: ${cursor}\n`)] : [];
    this.#write(Buffer.concat([...id, DATA, bytes, END]), onFlushed);
  }

  /** An event with a name. @param json without line breaks */
  sendNamed(event: string, json: string, onFlushed?: () => void): void {
    this.#write(Buffer.from(`event: ${event}\ndata: ${json}\n\n`), onFlushed);
  }

  /** Says nothing, and tells when it has been read. */
  whenFlushed(run: () => void): void {
    this.#write(COMMENT, run);
  }

  tell({ code, message, retryable }: UndertoneError): void {
    this.send(encodeBytes({ type: 'error', code, message, retryable }));
  }

  // A reader sends nothing that could be held back.
  pause(): void {}
  resume(): void {}

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#outgoing.end();
    this.#cutWhenStuck(Number.POSITIVE_INFINITY);
  }

  terminate(): void {
    this.#outgoing.destroy();
  }

  tick(): void {
    if (this.#closing) return;
    if (this.#owner !== undefined && this.#owner.slowMs > this.#limits.slowCloseMs) {
      this.#owner.fault(new UndertoneError('slow-consumer'));
    } else if (this.#clock.now() - this.#saidAtMs >= Math.min(KEEP_ALIVE_MS, this.#limits.pingMs)) {
      // Nothing more for one who has not read the last one.
      if (this.bufferedBytes === 0) this.#write(COMMENT);
    }
  }

  #write(bytes: Buffer, onFlushed?: () => void): void {
    if (this.#closing) return;
    this.#saidAtMs = this.#clock.now();
    this.#outgoing.write(bytes, (error) => {
      // What could not be sent because the reader is gone has made no room.
      if (!error) onFlushed?.();
    });
  }

  /** A slow reader may take its time for what is on the way, as long as it reads on. */
  #cutWhenStuck(bufferedBefore: number): void {
    const callOff = this.#clock.after(CLOSE_GRACE_MS, () => {
      const buffered = this.bufferedBytes;
      if (buffered >= bufferedBefore || this.#outgoing.writableFinished) this.#outgoing.destroy();
      else this.#cutWhenStuck(buffered);
    });
    this.#outgoing.once('close', callOff);
  }
}
