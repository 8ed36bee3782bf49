import type { Socket } from 'socket.io';
import { asUndertoneError, UndertoneError } from '../../errors.ts';
import { type ErrorEvent, excerpt } from '../../protocol/index.ts';
import type { Clock } from '../clock.ts';
import type { ClientConnection } from '../connection.ts';
import type { Connected } from '../connections.ts';
import type { ServerLimits } from '../limits.ts';
import { parseSubscribeQuery, type SubscribeQuery } from '../query.ts';
import { type Ack, IoChannel, type IoPeer } from './io-channel.ts';
import { Outflow } from './outflow.ts';
import { ReplayLog } from './replay-log.ts';

/** What a session needs of the server. Both throw errors of the table to refuse. */
export interface IoServer {
  readonly limits: ServerLimits;
  readonly clock: Clock;
  /** Makes the owner of a stream's connection; returns what forgets it. */
  produce(connection: ClientConnection): () => void;
  subscribe(connection: ClientConnection, query: SubscribeQuery): () => void;
  /** Throws to refuse one more socket. */
  admitSocket(): void;
  readonly onRejected: (error: UndertoneError) => void;
}

/** The channel of the stream that the socket sends; those of subscriptions have the name of what they are to. */
const PRODUCER = '';

/**
 * One client of Socket.IO: the stream that it sends, what it subscribes to, and what it was sent last. It outlives its
 * connection for a while: a client that comes back in time gets what it has missed, once.
 */
export class IoSession implements Connected, IoPeer {
  readonly #server: IoServer;
  readonly #onExpired: () => void;
  readonly #channels = new Map<string, IoChannel>();
  readonly #log: ReplayLog;
  #socket: Socket | undefined;
  #outflow: Outflow | undefined;
  /** Between two connections: bytes that wait for the next one, and who wants to know. */
  #waitingBytes = 0;
  readonly #waiting: (() => void)[] = [];
  #callOffExpiry: (() => void) | undefined;

  constructor(server: IoServer, onExpired: () => void) {
    this.#server = server;
    this.#onExpired = onExpired;
    this.#log = new ReplayLog(server.limits.outgoingBytes);
  }

  // The connection

  /** @param restoredTo the serial up to which the client has everything */
  attach(socket: Socket, restoredTo: number): void {
    this.#callOffExpiry?.();
    this.#socket = socket;
    this.#outflow = new Outflow(socket.conn);
    this.#waitingBytes = 0;
    for (const { name, payload, bytes, serial } of this.#log.after(restoredTo) ?? []) {
      this.#write(name, payload, bytes, serial);
    }
    for (const tell of this.#waiting.splice(0)) setImmediate(tell);
    const known = new Set<string>();
    const on = (name: string, handle: (args: readonly unknown[], ack: Ack | undefined) => void): void => {
      known.add(name);
      socket.on(name, (...args: unknown[]) => {
        const ack = ackOf(args);
        handle(ack === undefined ? args : args.slice(0, -1), ack);
      });
    };
    on('start', ([request], ack) => this.#start(request, ack));
    on('audio', ([bytes, position], ack) => this.#audio(bytes, position, ack));
    on('mark', ([mark], ack) => this.#producer(ack)?.text({ ...objectOf(mark), type: 'mark' }, ack));
    on('stop', (_, ack) => this.#producer(ack)?.stop(ack));
    on('subscribe', ([query], ack) => this.#subscribe(query, ack));
    on('unsubscribe', ([query], ack) => this.#unsubscribe(query, ack));
    // An event of that name from the client would be thrown if nobody listened to it.
    on('error', (_, ack) => this.#unknown('error', ack));
    socket.onAny((name: string, ...args: unknown[]) => {
      if (!known.has(name)) this.#unknown(name, ackOf(args));
    });
    socket.on('disconnect', (reason) => this.#detach(socket, reason));
  }

  /** What a connection that comes back has missed, with the serial of the last of it; `undefined` where that is not known any more. */
  missedSince(
    offset: string,
  ): { readonly packets: readonly (readonly unknown[])[]; readonly serial: number } | undefined {
    const missed = this.#log.after(/^\d+$/.test(offset) ? Number(offset) : Number.NaN);
    if (missed === undefined) return undefined;
    return {
      packets: missed.map(({ name, payload, serial }) => [name, payload, String(serial)]),
      serial: this.#log.serial,
    };
  }

  /**
   * The client comes back before its old connection was known to be lost: that one is cut. Returns what it was; `undefined` where
   * there is none.
   */
  leaveSocket(): { readonly sid: string; readonly rooms: Iterable<string> } | undefined {
    const socket = this.#socket;
    if (socket === undefined) return undefined;
    const was = { sid: socket.id, rooms: [...socket.rooms] };
    this.#release();
    this.#expectBack();
    socket.disconnect(true);
    return was;
  }

  #detach(socket: Socket, reason: string): void {
    if (this.#socket !== socket) return;
    this.#release();
    if (reason === 'client namespace disconnect') this.#expire(true);
    else this.#expectBack();
  }

  #expectBack(): void {
    const { clock, limits } = this.#server;
    this.#callOffExpiry = clock.after(limits.resumeMs, () => this.#expire(true));
  }

  #release(): void {
    this.#waiting.push(...(this.#outflow?.abandon() ?? []));
    this.#waitingBytes = this.#outflow?.bufferedBytes ?? 0;
    this.#socket = undefined;
    this.#outflow = undefined;
  }

  #expire(clean: boolean): void {
    this.#callOffExpiry?.();
    for (const channel of this.#channels.values()) channel.lost(clean);
    this.#channels.clear();
    this.#onExpired();
  }

  // From the channels

  emit(name: string, payload: object, bytes: number, onFlushed?: () => void): void {
    const { serial } = this.#log.push(name, payload, bytes);
    if (this.#socket === undefined) {
      this.#waitingBytes += bytes;
      if (onFlushed !== undefined) this.#waiting.push(onFlushed);
    } else {
      this.#write(name, payload, bytes, serial, onFlushed);
    }
  }

  get bufferedBytes(): number {
    return this.#outflow?.bufferedBytes ?? this.#waitingBytes;
  }

  #write(name: string, payload: object, bytes: number, serial: number, onFlushed?: () => void): void {
    this.#outflow?.writing(bytes, onFlushed);
    // The offset comes last: Socket.IO's client sends it back when it returns.
    this.#socket?.emit(name, payload, String(serial));
  }

  // From the server; what of it concerns streams and subscriptions goes to those.

  tick(): void {}

  drain(): void {}

  drained(): void {
    // After the last words of its channels.
    setImmediate(() => this.terminate());
  }

  terminate(): void {
    const socket = this.#socket;
    this.#release();
    socket?.disconnect(true);
    this.#expire(false);
  }

  // From the client

  #start(request: unknown, ack: Ack | undefined): void {
    const before = this.#channels.get(PRODUCER);
    const channel = before ?? this.#open(PRODUCER, ack, (opened) => this.#server.produce(opened));
    channel?.start({ ...objectOf(request), type: 'start' }, ack);
  }

  #audio(bytes: unknown, position: unknown, ack: Ack | undefined): void {
    const channel = this.#producer(ack, 'audio-before-start');
    if (channel === undefined) return;
    if (bytes instanceof Uint8Array && (position === undefined || position === null || isPosition(position))) {
      channel.audio(bytes, position ?? undefined, ack);
      return;
    }
    // What the session says of it: an error, and the end of the stream.
    channel.text({ type: 'audio' }, ack);
  }

  #subscribe(query: unknown, ack: Ack | undefined): void {
    const { stream, from, wait } = objectOf(query);
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries({ stream, from, wait })) {
      if (value !== undefined && value !== null) parameters.set(name, String(value));
    }
    const name = String(stream);
    let asked: SubscribeQuery;
    try {
      asked = parseSubscribeQuery(parameters);
      if (this.#channels.has(name)) {
        throw new UndertoneError('invalid-query', { detail: 'this socket subscribes to that stream already' });
      }
    } catch (thrown) {
      this.#refuse(asUndertoneError(thrown), ack, name);
      return;
    }
    const channel = this.#open(name, ack, (opened) => this.#server.subscribe(opened, asked));
    if (channel !== undefined) ack?.();
  }

  #unsubscribe(query: unknown, ack: Ack | undefined): void {
    const { stream } = objectOf(query);
    const name = String(stream ?? '');
    if (name !== PRODUCER) this.#channels.get(name)?.lost(true);
    ack?.();
  }

  #open(name: string, ack: Ack | undefined, own: (channel: IoChannel) => () => void): IoChannel | undefined {
    const stream = name === PRODUCER ? undefined : name;
    let forget: () => void = () => {};
    let gone = false;
    const channel = new IoChannel(this, this.#server.limits, stream, () => {
      gone = true;
      this.#channels.delete(name);
      forget();
    });
    try {
      this.#channels.set(name, channel);
      forget = own(channel);
      // A stream that has ended is told and over within the call.
      if (gone) forget();
      return channel;
    } catch (thrown) {
      this.#channels.delete(name);
      this.#refuse(asUndertoneError(thrown), ack, stream);
      return undefined;
    }
  }

  /** As with a message of that type over a WebSocket: an error, and the end of the stream if there is one. */
  #unknown(name: string, ack: Ack | undefined): void {
    const channel = this.#channels.get(PRODUCER);
    if (channel !== undefined) channel.text({ type: name }, ack);
    else this.#refuse(new UndertoneError('unknown-type', { type: excerpt(name) }), ack);
  }

  #producer(ack: Ack | undefined, code: 'audio-before-start' | 'not-started' = 'not-started'): IoChannel | undefined {
    const channel = this.#channels.get(PRODUCER);
    if (channel !== undefined) return channel;
    const error =
      code === 'not-started' ? new UndertoneError(code, { type: 'mark or stop' }) : new UndertoneError(code);
    this.#refuse(error, ack);
    return undefined;
  }

  #refuse(error: UndertoneError, ack: Ack | undefined, stream?: string): void {
    const { code, message, retryable } = error;
    const event: ErrorEvent & { stream?: string } = { type: 'error', code, message, retryable };
    if (stream !== undefined) event.stream = stream;
    this.#server.onRejected(error);
    ack?.(event);
    this.emit('error', event, message.length);
    this.emit('closed', { code: error.closeCode, ...(stream !== undefined && { stream }) }, 0);
  }
}

/** What the client waits for, which Socket.IO hands over last. */
function ackOf(args: readonly unknown[]): Ack | undefined {
  const last = args.at(-1);
  return typeof last === 'function' ? (last as Ack) : undefined;
}

const isPosition = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
