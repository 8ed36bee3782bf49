import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Server, type Socket } from 'socket.io';
import { Adapter } from 'socket.io-adapter';
import { asUndertoneError, UndertoneError } from '../../errors.ts';
import { MAX_MESSAGE_BYTES, SOCKET_IO_NAMESPACE, SOCKET_IO_PATH } from '../../protocol/index.ts';
import type { Gate } from '../access.ts';
import type { Connections } from '../connections.ts';
import { type IoServer, IoSession } from './io-session.ts';

/** An audio message of the largest size as base64, as polling sends it, with its envelope. */
const MAX_HTTP_BYTES = Math.ceil((MAX_MESSAGE_BYTES * 4) / 3) + 65_536;

interface EngineClient {
  once(event: 'close', listener: () => void): unknown;
}

/** One who polls comes for its last words within this time, if at all. */
const FAREWELL_MS = 1_000;

/** What is used of Engine.IO's server, below Socket.IO's. */
interface Engine {
  on(event: 'connection', listener: (client: EngineClient) => void): unknown;
  handleRequest(request: IncomingMessage, response: ServerResponse): void;
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

interface SocketData {
  session?: IoSession;
  restoredTo?: number;
}

type Session = Parameters<Adapter['persistSession']>[0];
type Restored = Awaited<ReturnType<Adapter['restoreSession']>>;

/** Socket.IO beside the WebSockets of the server: the same streams, the same rules, for those who speak it. */
export class SocketIoGateway {
  readonly #engine: Engine;
  readonly #clients = new Set<EngineClient>();
  readonly #server: IoServer;
  readonly #connections: Connections;
  /** Connected or expected back, by Socket.IO's private id of the session. */
  readonly #sessions = new Map<string, IoSession>();
  /** What those were that are expected back. */
  readonly #left = new Map<string, Session>();

  constructor(server: IoServer, gate: Gate, connections: Connections) {
    this.#server = server;
    this.#connections = connections;
    const { limits } = server;
    // It is never listened to: requests come from the server's own, by path.
    const io = new Server(createServer(), {
      path: SOCKET_IO_PATH,
      serveClient: false,
      cors: { origin: true },
      maxHttpBufferSize: MAX_HTTP_BYTES,
      httpCompression: false,
      pingInterval: limits.pingMs,
      pingTimeout: limits.idleTimeoutMs,
      connectTimeout: limits.startTimeoutMs,
      connectionStateRecovery: { maxDisconnectionDuration: limits.resumeMs, skipMiddlewares: false },
      adapter: this.#adapter(),
    });
    this.#engine = io.engine;
    this.#engine.on('connection', (client) => {
      this.#clients.add(client);
      client.once('close', () => this.#clients.delete(client));
    });
    io.use((_, next) => next(refusal(new UndertoneError('not-found', { path: 'the namespace /' }))));
    const namespace = io.of(SOCKET_IO_NAMESPACE);
    namespace.use((socket, next) => {
      const { key } = socket.handshake.auth;
      const query = new URL(socket.request.url ?? '', 'http://localhost').searchParams;
      try {
        server.admitSocket();
      } catch (error) {
        next(refusal(asUndertoneError(error)));
        return;
      }
      const admitted = !gate.hasKey || gate.isKey(String(key ?? '')) || gate.bringsKey(socket.request, query);
      next(admitted ? undefined : refusal(new UndertoneError('unauthorized')));
    });
    namespace.on('connection', (socket) => this.#connect(socket));
  }

  request(request: IncomingMessage, response: ServerResponse): void {
    this.#engine.handleRequest(request, response);
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#engine.handleUpgrade(request, socket, head);
  }

  /** Resolves when every connection that is there now has gone, or has had time enough to fetch its last words. */
  async farewell(): Promise<void> {
    const gone = [...this.#clients].map((client) => new Promise<void>((resolve) => client.once('close', resolve)));
    const late = new Promise<void>((resolve) => {
      this.#server.clock.after(FAREWELL_MS, resolve);
    });
    await Promise.race([Promise.all(gone), late]);
  }

  /** Cuts every connection that is left, of a namespace or none. */
  close(): void {
    this.#engine.close();
  }

  #connect(socket: Socket): void {
    const data: SocketData = socket.data;
    const id = privateId(socket);
    const restored = data.session !== undefined && this.#sessions.get(id) === data.session;
    const session = restored && data.session !== undefined ? data.session : this.#open(id);
    const restoredTo = restored ? (data.restoredTo ?? 0) : 0;
    // What Socket.IO keeps of a session is this object; it must hold nothing of the connection.
    socket.data = { session };
    session.attach(socket, restoredTo);
  }

  #open(id: string): IoSession {
    const session: IoSession = new IoSession(this.#server, () => {
      this.#sessions.delete(id);
      this.#left.delete(id);
      this.#connections.remove(session);
    });
    this.#sessions.set(id, session);
    this.#connections.add(session, 'socket');
    return session;
  }

  /** Keeps what Socket.IO wants to know of a session that may come back, and answers what it has missed. */
  #adapter(): typeof Adapter {
    const sessions = this.#sessions;
    const left = this.#left;
    return class extends Adapter {
      override persistSession(session: Session): void {
        left.set(session.pid, session);
      }

      override async restoreSession(id: string, offset: string): Promise<Restored> {
        // Socket.IO takes `null` for a session that is not there.
        const none = null as unknown as Restored;
        const session = sessions.get(id);
        if (session === undefined) return none;
        const missed = session.missedSince(offset);
        if (missed === undefined) return none;
        const before = session.leaveSocket() ?? left.get(id);
        left.delete(id);
        if (before === undefined) return none;
        const data: SocketData = { session, restoredTo: missed.serial };
        const missedPackets = missed.packets.map((packet) => [...packet]);
        return { sid: before.sid, pid: id, rooms: [...before.rooms], data, missedPackets };
      }
    };
  }
}

/** The id that only the client and this server know. Socket.IO has no public name for it. */
const privateId = (socket: Socket): string => (socket as unknown as { readonly pid: string }).pid;

/** An error as Socket.IO refuses a connection to a namespace: `connect_error`, with the error of the table as its data. */
function refusal({ code, message, retryable }: UndertoneError): Error {
  return Object.assign(new Error(message), { data: { type: 'error', code, message, retryable } });
}
