import type { Socket } from 'node:net';
import { UndertoneError } from '../../errors.ts';
import type { Clock } from '../clock.ts';
import type { ConnectionOwner } from '../connection.ts';
import type { ServerLimits } from '../limits.ts';
import type { PlatformSocket } from './platform-socket.ts';

/** A peer that does not end its side for so long after this one has is cut. */
const CLOSE_GRACE_MS = 2_000;
/** As a WebSocket tells them: closed by the peer, and gone without a word. */
const NORMAL = 1000;
const ABNORMAL = 1006;

/** One TCP connection of a platform that speaks no WebSocket. It has no pings: silence is all that tells of a lost peer. */
export class TcpConnection implements PlatformSocket {
  readonly #socket: Socket;
  readonly #limits: ServerLimits;
  readonly #clock: Clock;
  #owner: ConnectionOwner | undefined;
  #heardAtMs: number;
  #closing = false;

  constructor(socket: Socket, limits: ServerLimits, clock: Clock) {
    this.#socket = socket;
    this.#limits = limits;
    this.#clock = clock;
    this.#heardAtMs = clock.now();
  }

  own(owner: ConnectionOwner): void {
    this.#owner = owner;
    let ended = false;
    this.#socket.on('data', (bytes: Buffer) => {
      this.#heardAtMs = this.#clock.now();
      if (!this.#closing) owner.audio(bytes);
    });
    this.#socket.on('end', () => {
      ended = true;
    });
    // `close` follows.
    this.#socket.on('error', () => {});
    this.#socket.on('close', (failed) => {
      const clean = ended && !failed && !this.#closing;
      this.#closing = true;
      owner.lost(clean, ended && !failed ? NORMAL : ABNORMAL);
    });
  }

  sendMessage(message: string | Uint8Array, onFlushed?: () => void): void {
    if (this.#closing || !this.#socket.writable) return;
    this.#socket.write(message, (error) => {
      if (!error) onFlushed?.();
    });
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    // The time it was not listened to is not the peer's silence.
    this.#heardAtMs = this.#clock.now();
    this.#socket.resume();
  }

  /** TCP has no codes and no reasons. */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    // A paused socket would never see the peer's end.
    this.#socket.resume();
    this.#socket.end();
    this.#socket.once(
      'close',
      this.#clock.after(CLOSE_GRACE_MS, () => this.#socket.destroy()),
    );
  }

  terminate(): void {
    this.#socket.destroy();
  }

  tick(): void {
    if (this.#closing) return;
    const { idleTimeoutMs, slowCloseMs } = this.#limits;
    if (this.#owner !== undefined && this.#owner.slowMs > slowCloseMs) {
      this.#owner.fault(new UndertoneError('slow-consumer'));
    } else if (!this.#socket.isPaused() && this.#clock.now() - this.#heardAtMs >= idleTimeoutMs) {
      this.#owner?.fault(new UndertoneError('idle-timeout', { seconds: idleTimeoutMs / 1000 }));
    }
  }
}
