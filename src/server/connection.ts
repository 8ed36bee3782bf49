import { UndertoneError } from '../errors.ts';
import { MAX_MESSAGE_BYTES } from '../protocol/index.ts';
import type { Clock } from './clock.ts';
import { encodeBytes } from './encoded-event.ts';
import type { ServerLimits } from './limits.ts';
import type { Sink } from './sink.ts';
import type { ServerSocket } from './socket.ts';

/** What a connection's owner does about what happens to it. */
export interface ConnectionOwner {
  text(text: string): void;
  audio(bytes: Uint8Array): void;
  /** The peer broke a rule of the transport; the owner closes. */
  fault(error: UndertoneError): void;
  /** The socket is gone; called once. Clean: the peer closed it as done (1000). The code is that of the WebSocket. */
  lost(clean: boolean, code: number): void;
  /** For how long the peer has been reading too slowly, ms. */
  readonly slowMs: number;
}

/** The connection of a client, whatever carries it: a WebSocket, or a part of a Socket.IO socket. */
export interface ClientConnection extends Sink {
  /** From now on the owner is told. */
  own(owner: ConnectionOwner): void;
  tell(error: UndertoneError): void;
  /** Takes no more audio for now. */
  pause(): void;
  resume(): void;
  /** @param code of WebSockets */
  close(code: number): void;
  /** Called every now and then. */
  tick(): void;
  terminate(): void;
}

/** A peer that neither answers the close frame nor reads on for so long is cut. */
const CLOSE_GRACE_MS = 2_000;
const NORMAL = 1000;

/** One WebSocket: bytes in and out, its keep-alive and its end. */
export class Connection implements ClientConnection {
  readonly #socket: ServerSocket;
  readonly #limits: ServerLimits;
  readonly #clock: Clock;
  #owner: ConnectionOwner | undefined;
  #heardAtMs: number;
  #pingedAtMs: number;
  #closing = false;

  constructor(socket: ServerSocket, limits: ServerLimits, clock: Clock) {
    this.#socket = socket;
    this.#limits = limits;
    this.#clock = clock;
    this.#heardAtMs = clock.now();
    this.#pingedAtMs = this.#heardAtMs;
  }

  /** From now on the owner is told. */
  own(owner: ConnectionOwner): void {
    this.#owner = owner;
    const heard = (): void => {
      this.#heardAtMs = this.#clock.now();
    };
    this.#socket.onTooLarge = () => this.#fault(new UndertoneError('message-too-large', { limit: MAX_MESSAGE_BYTES }));
    this.#socket.on('message', (data: Buffer, binary: boolean) => {
      heard();
      if (this.#closing) return;
      if (binary) owner.audio(data);
      else owner.text(data.toString());
    });
    this.#socket.on('pong', heard);
    this.#socket.on('ping', heard);
    // Broken frames and resets; `close` follows, and `ws` has chosen its code.
    this.#socket.on('error', () => {});
    this.#socket.on('close', (code: number) => {
      const clean = code === NORMAL && !this.#closing;
      this.#closing = true;
      owner.lost(clean, code);
    });
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  get isOpen(): boolean {
    return !this.#closing && this.#socket.readyState === this.#socket.OPEN;
  }

  send(bytes: Buffer, onFlushed?: () => void): void {
    this.#send(bytes, false, onFlushed);
  }

  /** As a text message or a binary one, by its type. */
  sendMessage(message: string | Uint8Array, onFlushed?: () => void): void {
    this.#send(message, typeof message !== 'string', onFlushed);
  }

  #send(data: string | Uint8Array, binary: boolean, onFlushed: (() => void) | undefined): void {
    if (!this.isOpen) return;
    this.#socket.send(data, { binary }, (error) => {
      // What could not be sent because the socket is gone has made no room.
      if (!error) onFlushed?.();
    });
  }

  tell({ code, message, retryable }: UndertoneError): void {
    this.send(encodeBytes({ type: 'error', code, message, retryable }));
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    // The time it was not listened to is not the peer's silence.
    this.#heardAtMs = this.#clock.now();
    this.#socket.resume();
  }

  /** Closes with the code; cuts the connection when the peer does not answer. @param reason at most 123 bytes */
  close(code: number, reason = ''): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#socket.onTooLarge = undefined;
    // A paused socket would never see the answer.
    this.#socket.resume();
    this.#socket.close(code, reason);
    this.#cutWhenStuck(Number.POSITIVE_INFINITY);
  }

  /** A slow peer may take its time for what is on the way, as long as it reads on. */
  #cutWhenStuck(bufferedBefore: number): void {
    const callOff = this.#clock.after(CLOSE_GRACE_MS, () => {
      const buffered = this.bufferedBytes;
      if (buffered === 0 || buffered >= bufferedBefore) this.#socket.terminate();
      else this.#cutWhenStuck(buffered);
    });
    this.#socket.once('close', callOff);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  /** Called every now and then. */
  tick(): void {
    if (this.#closing) return;
    const now = this.#clock.now();
    const { idleTimeoutMs, pingMs, slowCloseMs } = this.#limits;
    if (this.#owner !== undefined && this.#owner.slowMs > slowCloseMs) {
      this.#fault(new UndertoneError('slow-consumer'));
    } else if (!this.#socket.isPaused && now - this.#heardAtMs >= idleTimeoutMs) {
      this.#fault(new UndertoneError('idle-timeout', { seconds: idleTimeoutMs / 1000 }));
    } else if (now - this.#pingedAtMs >= pingMs) {
      this.#pingedAtMs = now;
      this.#socket.ping();
    }
  }

  #fault(error: UndertoneError): void {
    if (!this.#closing) this.#owner?.fault(error);
  }
}
