import { UndertoneError } from '../../errors.ts';
import {
  type ErrorEvent,
  MAX_MESSAGE_BYTES,
  type ServerEvent,
  type WireFormat,
  wireFrameBytes,
} from '../../protocol/index.ts';
import type { ClientConnection, ConnectionOwner } from '../connection.ts';
import type { ServerLimits } from '../limits.ts';

/** The socket that channels share. */
export interface IoPeer {
  /** @param bytes of the payload as it goes out @param onFlushed called when it waits no more */
  emit(name: string, payload: object, bytes: number, onFlushed?: () => void): void;
  readonly bufferedBytes: number;
}

export type Ack = (answer?: object) => void;

const LOST = 1006;

/**
 * One stream or one subscription on a Socket.IO socket, as the connection of its own that it would be over WebSockets. Audio is
 * acknowledged when there is room for more, which is all that slows a sender here: one that does not wait is stopped.
 */
export class IoChannel implements ClientConnection {
  /** Of a subscription, what it is to. */
  readonly #stream: string | undefined;
  readonly #peer: IoPeer;
  readonly #limits: ServerLimits;
  readonly #onClosed: () => void;
  #owner: ConnectionOwner | undefined;
  #paused = false;
  /** Acknowledgements of audio that wait for room, and the bytes that came meanwhile. */
  readonly #held: Ack[] = [];
  #heldBytes = 0;
  #onStarted: Ack | undefined;
  #onEnded: Ack | undefined;
  /** Bytes of the stream that came in, over this channel and those before it. */
  #receivedBytes = 0;
  #frameBytes = 1;
  #closed = false;

  constructor(peer: IoPeer, limits: ServerLimits, stream: string | undefined, onClosed: () => void) {
    this.#peer = peer;
    this.#limits = limits;
    this.#stream = stream;
    this.#onClosed = onClosed;
  }

  // From the client

  own(owner: ConnectionOwner): void {
    this.#owner = owner;
  }

  start(message: object, ack: Ack | undefined): void {
    if (this.#onStarted === undefined) {
      this.#onStarted = ack;
      this.#frameBytes = frameBytesOf(message);
    }
    this.#owner?.text(JSON.stringify(message));
  }

  text(message: object, ack: Ack | undefined): void {
    // Where the message is refused, it is answered with the error.
    if (ack !== undefined) this.#held.push(ack);
    this.#owner?.text(JSON.stringify(message));
    const at = ack === undefined ? -1 : this.#held.indexOf(ack);
    if (at >= 0) this.#held.splice(at, 1)[0]?.();
  }

  stop(ack: Ack | undefined): void {
    this.#onEnded ??= ack;
    this.#owner?.text('{"type":"stop"}');
  }

  audio(bytes: Uint8Array, position: number | undefined, ack: Ack | undefined): void {
    const known = position === undefined ? 0 : this.#receivedBytes - position;
    const wrong = this.#faultOf(bytes, position, known);
    if (wrong !== undefined) {
      // It is answered with the error.
      if (ack !== undefined) this.#held.push(ack);
      this.#owner?.fault(wrong);
      return;
    }
    const fresh = bytes.subarray(Math.min(known, bytes.length));
    this.#receivedBytes += fresh.length;
    if (fresh.length > 0) this.#owner?.audio(fresh);
    if (!this.#paused) {
      ack?.();
      return;
    }
    if (ack !== undefined) this.#held.push(ack);
    this.#heldBytes += fresh.length;
    const limit = this.#limits.inboxBytes;
    if (this.#heldBytes > limit) {
      this.#owner?.fault(new UndertoneError('audio-too-fast', { bytes: this.#heldBytes, limit }));
    }
  }

  #faultOf(bytes: Uint8Array, position: number | undefined, known: number): UndertoneError | undefined {
    if (bytes.length > MAX_MESSAGE_BYTES) return new UndertoneError('message-too-large', { limit: MAX_MESSAGE_BYTES });
    if (known >= 0) return undefined;
    const detail = `audio is missing: its position is ${position}, and ${this.#receivedBytes} bytes have come`;
    return new UndertoneError('invalid-message', { detail });
  }

  /** The socket is gone for good. @param clean it was closed as done */
  lost(clean: boolean): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#owner?.lost(clean, clean ? 1000 : LOST);
    this.#onClosed();
  }

  // From the owner

  send(bytes: Buffer, onFlushed?: () => void): void {
    if (this.#closed) return;
    const event = payloadOf(bytes);
    if (event.type === 'started') {
      this.#receivedBytes = event.receivedSamples * this.#frameBytes;
      this.#onStarted?.(event);
      this.#onStarted = undefined;
    }
    if (event.type === 'ended' && this.#stream === undefined) this.#onEnded?.(event);
    this.#peer.emit(event.type, event, bytes.length, onFlushed);
  }

  tell({ code, message, retryable }: UndertoneError): void {
    if (this.#closed) return;
    const event: ErrorEvent = { type: 'error', code, message, retryable };
    for (const ack of [this.#onStarted, this.#onEnded, ...this.#held.splice(0)]) ack?.(event);
    this.#onStarted = undefined;
    this.#onEnded = undefined;
    const payload = this.#stream === undefined ? event : { ...event, stream: this.#stream };
    this.#peer.emit('error', payload, message.length);
  }

  get bufferedBytes(): number {
    return this.#peer.bufferedBytes;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#heldBytes = 0;
    for (const ack of this.#held.splice(0)) ack();
  }

  close(code: number): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const ack of this.#held.splice(0)) ack();
    const payload = this.#stream === undefined ? { code } : { code, stream: this.#stream };
    this.#peer.emit('closed', payload, 0);
    this.#onClosed();
    // As with a socket, later.
    setImmediate(() => this.#owner?.lost(false, code));
  }

  /** Engine.IO sees to silent peers. */
  tick(): void {
    const { slowCloseMs } = this.#limits;
    if (!this.#closed && this.#owner !== undefined && this.#owner.slowMs > slowCloseMs) {
      this.#owner.fault(new UndertoneError('slow-consumer'));
    }
  }

  terminate(): void {
    this.lost(false);
  }
}

/** An event that goes to many is read once. */
const payloads = new WeakMap<Buffer, ServerEvent>();

function payloadOf(bytes: Buffer): ServerEvent {
  const known = payloads.get(bytes);
  if (known !== undefined) return known;
  const event = JSON.parse(bytes.toString()) as ServerEvent;
  payloads.set(bytes, event);
  return event;
}

/** Bytes of a sample of every channel, as far as an unchecked message tells; a wrong one is refused anyway. */
function frameBytesOf(message: object): number {
  try {
    return wireFrameBytes((message as { readonly format: WireFormat }).format) || 1;
  } catch {
    return 1;
  }
}
