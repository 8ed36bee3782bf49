import type { ConnectionOwner } from '../connection.ts';

/** The socket of a platform, a WebSocket or a TCP one. */
export interface PlatformSocket {
  /** From now on the owner is told. */
  own(owner: ConnectionOwner): void;
  /** @param onFlushed called when nothing sent until now waits any more */
  sendMessage(message: string | Uint8Array, onFlushed?: () => void): void;
  /** Bytes that wait for the reader. */
  readonly bufferedBytes: number;
  /** Reads no more, so that TCP slows the platform. */
  pause(): void;
  resume(): void;
  /** @param code of WebSockets @param reason at most 123 bytes */
  close(code: number, reason?: string): void;
  /** Called every now and then. */
  tick(): void;
  terminate(): void;
}
