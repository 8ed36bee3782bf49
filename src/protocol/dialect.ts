import type { ChannelDescription, TimelineEvent } from './events.ts';
import type { WireFormat } from './limits.ts';

/** The request that opened a socket, as the platform sent it. */
export interface Handshake {
  /** The URL as the platform dialled it, with the public host where a proxy stands between. */
  readonly url: URL;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** As offered, in order. */
  readonly subprotocols: readonly string[];
}

/** What a dialect says of a stream that it opens. */
export interface DialectStart {
  readonly format: WireFormat;
  /** One per channel of the format. */
  readonly channels: readonly ChannelDescription[];
  /** Joins legs that arrive on several sockets, or as several streams of one socket, into one call. */
  readonly callId?: string;
  readonly metadata?: Readonly<Record<string, string | number | boolean>>;
}

/**
 * What a platform's message means. `leg` names one stream of the socket (most have one only, `main`); it is the adapter's own
 * word, never shown. Of each leg: `open` comes first and once, then audio, gaps and marks in stream time, at last `close`; after its
 * `close` the same leg may be opened again as another stream. Audio may end within a sample.
 */
export type DialectAction =
  | { readonly kind: 'open'; readonly leg: string; readonly start: DialectStart }
  | { readonly kind: 'audio'; readonly leg: string; readonly bytes: Uint8Array }
  | { readonly kind: 'gap'; readonly leg: string; readonly durationMs: number }
  | { readonly kind: 'mark'; readonly leg: string; readonly name: string }
  | {
      readonly kind: 'status';
      readonly leg: string;
      readonly code: 'paused' | 'resumed' | 'overload';
      readonly message: string;
    }
  | { readonly kind: 'close'; readonly leg: string; readonly reason: 'stop' | 'disconnect' }
  | { readonly kind: 'reply'; readonly message: string | Uint8Array }
  /** Close the socket with this code, after the replies. */
  | { readonly kind: 'hangup'; readonly closeCode: number; readonly reason: string };

/**
 * One socket of a dialect, sans-I/O: it is given messages and tells what they mean. It throws nothing but errors of the table;
 * after one the socket is closed with the error's close code, and `ended` still gives what was held back, with what the same message meant up to
 * the error. No message may do more than that. It keeps the bytes that it is given: they must not change afterwards.
 */
export interface DialectSession {
  text(message: string): readonly DialectAction[];
  binary(bytes: Uint8Array): readonly DialectAction[];
  /**
   * The socket is no more, `closed` by the platform or `lost`: what was held back, then `close` of what is open. Its reason is `stop`
   * where the platform ends its streams by closing. Idempotent; later messages mean nothing.
   */
  ended(how: 'closed' | 'lost'): readonly DialectAction[];
  /** What of a stream's events goes back over the socket, where the dialect has room for it. */
  event?(event: TimelineEvent): readonly DialectAction[];
}

/** A first message as detection sees it: text, the object it holds if it is JSON, or binary. */
export type FirstMessage =
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly object?: Readonly<Record<string, unknown>>;
      /** The message before it, where that only said hello (`{"event":"connected"}`). */
      readonly connected?: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'binary' };

export interface Dialect {
  readonly name: string;
  /** Subprotocols that must be answered with. */
  readonly subprotocols: readonly string[];
  open(handshake: Handshake): DialectSession;
  /** Whether a message that opens a conversation is one of this dialect. */
  claims(handshake: Handshake, first: FirstMessage): boolean;
}
