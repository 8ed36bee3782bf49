import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import type {
  ServerEvent,
  SocketIoClientEvents,
  SocketIoClosed,
  SocketIoServerEvents,
} from '../../../src/protocol/index.ts';
import type { RunningServer } from '../../../src/server/index.ts';

type Options = Partial<ManagerOptions & SocketOptions>;
export type TransportName = 'websocket' | 'polling';
const EVENTS = ['started', 'window', 'segment', 'turn', 'mark', 'alert', 'status', 'ack', 'ended', 'error'] as const;

/** A socket of the real client, and all that it was told. */
export class IoPeer {
  readonly socket: Socket<SocketIoServerEvents, SocketIoClientEvents>;
  readonly events: ServerEvent[] = [];
  readonly closed: SocketIoClosed[] = [];
  readonly #waiting: (() => void)[] = [];

  private constructor(socket: Socket<SocketIoServerEvents, SocketIoClientEvents>) {
    this.socket = socket;
    for (const name of EVENTS) {
      socket.on(name, (event: ServerEvent) => {
        this.events.push(event);
        this.#wake();
      });
    }
    socket.on('closed', (how) => {
      this.closed.push(how);
      this.#wake();
    });
    socket.on('connect', () => this.#wake());
    socket.on('disconnect', () => this.#wake());
  }

  /** @throws what the server refuses the connection with */
  static async connect(server: RunningServer, transport: TransportName, options: Options = {}): Promise<IoPeer> {
    const url = `${server.url.replace('ws:', 'http:')}/v1`;
    const socket = io(url, { transports: [transport], forceNew: true, ...options });
    const peer = new IoPeer(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', (error) => {
        socket.disconnect();
        reject(error);
      });
    });
    return peer;
  }

  of<T extends ServerEvent['type']>(type: T): Extract<ServerEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<ServerEvent, { type: T }> => event.type === type);
  }

  /** The timeline of a stream: what has a cursor. */
  get timeline(): ServerEvent[] {
    return this.events.filter((event) => 'cursor' in event);
  }

  async until(found: () => boolean): Promise<void> {
    while (!found()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
