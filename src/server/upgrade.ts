import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { asUndertoneError, UndertoneError } from '../errors.ts';
import { excerpt, MAX_MESSAGE_BYTES, SUBPROTOCOL } from '../protocol/index.ts';
import type { Gate } from './access.ts';
import { isWebSocketPath, refuseUpgrade, STREAM_PATH, targetOf } from './http.ts';
import { parseSubscribeQuery, type SubscribeQuery } from './query.ts';
import { ServerSocket } from './socket.ts';
import { type Accepted, isTelephonyPath, subprotocolFor } from './telephony/endpoint.ts';

/** What a request asks for; `stream` is a producer, native or a platform of telephony. */
export type Endpoint = 'stream' | SubscribeQuery;

export interface UpgradeHandlers {
  /** Throws an error of the table to refuse whoever asks for `endpoint`. */
  readonly admit: (endpoint: Endpoint) => void;
  readonly stream: (socket: ServerSocket) => void;
  readonly subscribe: (socket: ServerSocket, query: SubscribeQuery) => void;
  /** Throws an error of the table to refuse a request for a path of telephony. */
  readonly acceptPlatform: (request: IncomingMessage, path: string, query: URLSearchParams) => Accepted;
  readonly platform: (socket: ServerSocket, accepted: Accepted) => void;
  readonly onRefused: (error: UndertoneError) => void;
}

/** Turns HTTP requests into WebSockets: who may, where to, in which subprotocol. */
export class Upgrader {
  readonly #gate: Gate;
  readonly #handlers: UpgradeHandlers;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    WebSocket: ServerSocket,
    handleProtocols: (offered, request) => {
      const { path } = targetOf(request);
      if (isTelephonyPath(path)) return subprotocolFor(offered, path);
      return offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false;
    },
  });

  constructor(gate: Gate, handlers: UpgradeHandlers) {
    this.#gate = gate;
    this.#handlers = handlers;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A peer that resets during the handshake is nobody's error.
    socket.on('error', ignore);
    try {
      const accept = this.#route(request);
      this.#sockets.handleUpgrade(request, socket, head, (opened) => {
        socket.off('error', ignore);
        accept(opened);
      });
    } catch (thrown) {
      const error = asUndertoneError(thrown);
      this.#handlers.onRefused(error);
      refuseUpgrade(socket, error);
    }
  }

  #route(request: IncomingMessage): (socket: ServerSocket) => void {
    const { path, query } = targetOf(request);
    if (!isWebSocketPath(path)) throw new UndertoneError('not-found', { path: excerpt(path) });
    if (isTelephonyPath(path)) return this.#platform(request, path, query);
    this.#gate.check(request, query);
    const offered = request.headers['sec-websocket-protocol'];
    if (offered !== undefined && !offered.split(',').some((name) => name.trim() === SUBPROTOCOL)) {
      throw new UndertoneError('unsupported-subprotocol');
    }
    const { admit, stream, subscribe } = this.#handlers;
    if (path === STREAM_PATH) {
      admit('stream');
      return stream;
    }
    const asked = parseSubscribeQuery(query);
    admit(asked);
    return (socket) => subscribe(socket, asked);
  }

  #platform(request: IncomingMessage, path: string, query: URLSearchParams): (socket: ServerSocket) => void {
    const { admit, acceptPlatform, platform } = this.#handlers;
    const accepted = acceptPlatform(request, path, query);
    admit('stream');
    return (socket) => platform(socket, accepted);
  }
}

const ignore = (): void => {};
