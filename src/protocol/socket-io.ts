import type { EndedEvent, ErrorEvent, ServerEvent, StartedEvent } from './events.ts';
import type { StartRequest } from './messages.ts';

/** The namespace of the gateway; its path is Socket.IO's own. */
export const SOCKET_IO_NAMESPACE = '/v1';
export const SOCKET_IO_PATH = '/socket.io/';

/** Called with nothing where all is well, else with the error. */
export type SocketIoAck = (error?: ErrorEvent) => void;

/** What a client of Socket.IO emits: the messages of the wire protocol, each under the name of its type. */
export interface SocketIoClientEvents {
  /** Starts a stream, of which a socket has one at a time. Answered with `started` or the error. */
  start(request: Omit<StartRequest, 'type'>, ack?: (answer: StartedEvent | ErrorEvent) => void): void;
  /**
   * Interleaved audio of the stream's format. Answered when there is room for more: who does not wait is too fast. Where it may
   * come twice, `position` is how many bytes of the stream came before it; what the server has already is left out.
   */
  audio(bytes: Uint8Array | ArrayBuffer, position?: number | SocketIoAck, ack?: SocketIoAck): void;
  mark(mark: { readonly name: string }, ack?: SocketIoAck): void;
  /** Flushes and ends the stream. Answered with its summary. */
  stop(ack?: (answer: EndedEvent | ErrorEvent) => void): void;
  /** The events of a stream, or with `*` of all that are live; several at a time. */
  subscribe(query: SocketIoSubscription, ack?: SocketIoAck): void;
  unsubscribe(query: { readonly stream: string }, ack?: SocketIoAck): void;
}

export interface SocketIoSubscription {
  readonly stream: string;
  /** The first cursor wanted, or `start`; left out: from now on. */
  readonly from?: number | 'start';
  /** Whether to wait for a stream that is not there; default true. */
  readonly wait?: boolean;
}

/** The end of a stream's or a subscription's part of a socket, with the code that a WebSocket would be closed with. */
export interface SocketIoClosed {
  readonly code: number;
  /** Of a subscription, what it was to; left out where it is the stream that the socket sends. */
  readonly stream?: string;
}

type Plain = Exclude<ServerEvent, ErrorEvent>;

/** What the gateway emits: every event under the name of its type. The offset that comes last is Socket.IO's own. */
export type SocketIoServerEvents = {
  readonly [T in Plain['type']]: (event: Extract<Plain, { type: T }>, offset?: string) => void;
} & {
  /** `stream` where the error is of a subscription. */
  readonly error: (event: ErrorEvent & { readonly stream?: string }, offset?: string) => void;
  readonly closed: (how: SocketIoClosed, offset?: string) => void;
};
