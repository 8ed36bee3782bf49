import type { Observable } from 'rxjs';
import { asUndertoneError, type ErrorCode, reportedError, UndertoneError } from '../errors.ts';
import {
  type EndedEvent,
  MAX_MESSAGE_BYTES,
  parseServerEvent,
  type ServerEvent,
  type StartedEvent,
  type WindowEvent,
  wireFrameBytes,
} from '../protocol/index.ts';
import { EventChannel } from './event-channel.ts';
import type { ClientSettings, StreamRequest } from './options.ts';
import { retry } from './retry.ts';
import { SendQueue } from './send-queue.ts';
import type { Transport } from './transport.ts';

/** Errors of the connection, not of the stream, which goes on over another one. */
const RESUMABLE: readonly ErrorCode[] = ['idle-timeout', 'slow-consumer'];

/** One connection of a stream, of which it may need several. */
interface Attempt {
  readonly started: () => void;
  readonly refused: (error: UndertoneError) => void;
  /** There once the socket is open. */
  transport?: Transport;
  /** `started` has come: audio may be sent. */
  live: boolean;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: UndertoneError) => void;
}

/**
 * A stream of audio to a server, and its events. After a lost connection it goes on by itself: audio is kept until the server
 * has acknowledged it, and no event is missed or repeated.
 *
 * @example
 * const stream = await connect('ws://127.0.0.1:8790').stream({ format });
 * stream.windows$.subscribe((window) => console.log(window.label));
 * for await (const chunk of microphone) await stream.send(chunk);
 * const summary = await stream.stop();
 */
export class LiveStream implements AsyncIterable<ServerEvent> {
  readonly #settings: ClientSettings;
  readonly #request: StreamRequest;
  readonly #queue: SendQueue;
  readonly #channel: EventChannel;
  readonly #summary: Promise<EndedEvent>;
  #settleSummary: (end: EndedEvent | UndertoneError) => void = () => {};
  /** Only this one is listened to. */
  #attempt: Attempt | undefined;
  #started: StartedEvent | undefined;
  #ended: EndedEvent | undefined;
  #error: UndertoneError | undefined;
  #nextCursor = 0;
  #state: 'open' | 'stopping' | 'done' = 'open';
  readonly #waiters: Waiter[] = [];

  private constructor(settings: ClientSettings, request: StreamRequest) {
    this.#settings = settings;
    this.#request = request;
    this.#queue = new SendQueue(wireFrameBytes(request.format), MAX_MESSAGE_BYTES);
    this.#channel = new EventChannel(settings.maxQueuedEvents);
    this.#summary = new Promise((resolve, reject) => {
      this.#settleSummary = (end) => (end instanceof UndertoneError ? reject(end) : resolve(end));
    });
    // Whoever calls `stop` is told; for the others the error is on `events$`, and no unhandled rejection.
    this.#summary.catch(() => {});
  }

  /** @throws UndertoneError `connection-failed`, or what the server answered to `start` */
  static async open(settings: ClientSettings, request: StreamRequest): Promise<LiveStream> {
    const stream = new LiveStream(settings, request);
    await stream.#connect();
    return stream;
  }

  /** What the server answered: the ids and the analysis in force. */
  get started(): StartedEvent {
    // `open` has waited for it.
    return this.#started!;
  }

  get streamId(): string {
    return this.started.streamId;
  }

  /** Audio that the server has not acknowledged, bytes. */
  get unackedBytes(): number {
    return this.#queue.unackedBytes;
  }

  /** Every event from `started` on. Those before the first listener are kept for it, up to `maxQueuedEvents`. */
  get events$(): Observable<ServerEvent> {
    return this.#channel.events$;
  }

  get windows$(): Observable<WindowEvent> {
    return this.#channel.windows$;
  }

  /** Resolves when no event comes any more, whatever the reason. */
  get done(): Promise<void> {
    return this.#channel.done;
  }

  /** The events as an async iterator, which throws `events-not-read` when more than `maxQueuedEvents` wait for its reader. */
  [Symbol.asyncIterator](): AsyncIterator<ServerEvent> {
    return this.#channel.iterate();
  }

  /**
   * Sends interleaved audio of the stream's format, any length; the bytes are copied. Resolves when there is room for more:
   * whoever waits for it sends as fast as the server analyses.
   *
   * @throws UndertoneError `send-buffer-full` where nobody waited and too much is kept, `connection-closed` after the end, or
   * what ended the stream
   */
  send(bytes: Uint8Array): Promise<void> {
    const sent = this.#send(bytes);
    // Whoever does not wait is told by `events$`.
    sent.catch(() => {});
    return sent;
  }

  /** A named moment after the audio sent so far. @throws UndertoneError `connection-closed` after the end */
  mark(name: string): void {
    this.#checkOpen();
    this.#queue.mark(name);
    this.#pump();
  }

  /** Ends the stream; resolves to its summary when every event has come. @throws UndertoneError what ended it instead */
  stop(): Promise<EndedEvent> {
    if (this.#state === 'open') {
      this.#state = 'stopping';
      this.#queue.stop();
      this.#pump();
    }
    return this.#summary;
  }

  /** Leaves at once; the server ends the stream with what it has, for the reason `disconnect`. */
  close(): void {
    this.#finish(new UndertoneError('connection-closed', { what: 'stream' }));
  }

  async #send(bytes: Uint8Array): Promise<void> {
    this.#checkOpen();
    const { maxUnackedBytes, windowBytes } = this.#settings;
    const waiting = this.#queue.unackedBytes;
    if (waiting > maxUnackedBytes) {
      throw new UndertoneError('send-buffer-full', { bytes: waiting, limit: maxUnackedBytes });
    }
    this.#queue.audio(bytes.slice());
    this.#pump();
    if (this.#queue.unackedBytes < windowBytes) return;
    await new Promise<void>((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  #checkOpen(): void {
    if (this.#error !== undefined) throw this.#error;
    if (this.#state !== 'open') throw new UndertoneError('connection-closed', { what: 'stream' });
  }

  /** Sends what the window has room for. */
  #pump(): void {
    const attempt = this.#attempt;
    if (attempt?.live !== true || attempt.transport === undefined) return;
    const { windowBytes } = this.#settings;
    for (let item = this.#queue.next(windowBytes); item !== undefined; item = this.#queue.next(windowBytes)) {
      if (item.kind === 'audio') attempt.transport.send(item.bytes);
      else if (item.kind === 'mark') attempt.transport.send(JSON.stringify({ type: 'mark', name: item.name }));
      else attempt.transport.send('{"type":"stop"}');
    }
    if (this.#queue.unackedBytes >= windowBytes) return;
    for (const { resolve } of this.#waiters.splice(0)) resolve();
  }

  /** Resolves when `started` has come. */
  #connect(): Promise<void> {
    const { base, apiKey, connectTimeoutMs, transport: open } = this.#settings;
    return new Promise((started, refused) => {
      const attempt: Attempt = { started, refused, live: false };
      this.#attempt = attempt;
      const listenedTo = (): boolean => this.#attempt === attempt;
      const handlers = {
        text: (text: string) => {
          if (listenedTo()) this.#receive(text, attempt);
        },
        closed: (code: number) => {
          if (listenedTo()) this.#closed(code, attempt);
        },
      };
      open({ url: `${base}/v1/stream`, apiKey, connectTimeoutMs }, handlers).then((transport) => {
        if (!listenedTo()) {
          transport.close();
          return;
        }
        attempt.transport = transport;
        transport.send(JSON.stringify(this.#startRequest()));
      }, refused);
    });
  }

  #startRequest(): object {
    const resume = this.#started && { token: this.#started.resume.token, from: this.#nextCursor };
    return { type: 'start', ...this.#request, resume };
  }

  #receive(text: string, attempt: Attempt): void {
    let event: ServerEvent | undefined;
    try {
      event = parseServerEvent(text);
    } catch (error) {
      this.#finish(asUndertoneError(error));
      return;
    }
    if (event === undefined) return;
    if ('cursor' in event) this.#nextCursor = event.cursor + 1;
    if (event.type === 'started') this.#begin(event, attempt);
    if (event.type === 'ack') this.#queue.acknowledge(event.receivedSamples);
    if (event.type === 'ended') this.#ended = event;
    if (event.type === 'error') this.#error = reportedError(event.code, event.message);
    this.#channel.emit(event);
    this.#pump();
  }

  #begin(started: StartedEvent, attempt: Attempt): void {
    this.#started = started;
    this.#error = undefined;
    if (!this.#queue.rewind(started.receivedSamples, started.receivedMarks)) {
      this.#finish(new UndertoneError('connection-lost', { url: this.#settings.base, code: 'audio lost' }));
      return;
    }
    attempt.live = true;
    attempt.started();
  }

  #closed(code: number, attempt: Attempt): void {
    this.#attempt = undefined;
    const lost = new UndertoneError('connection-lost', { url: this.#settings.base, code });
    const final = this.#error !== undefined && !RESUMABLE.includes(this.#error.code) ? this.#error : undefined;
    if (this.#ended !== undefined || (attempt.live && final !== undefined)) {
      this.#finish(final);
    } else if (!attempt.live) {
      attempt.refused(final ?? lost);
    } else if (this.#settings.resumeMs > 0) {
      this.#resume(lost);
    } else {
      this.#finish(this.#error ?? lost);
    }
  }

  async #resume(lost: UndertoneError): Promise<void> {
    this.#error = undefined;
    const wanted = (): boolean => this.#state !== 'done';
    const error = await retry(() => this.#connect(), { forMs: this.#settings.resumeMs, wanted });
    if (error !== undefined) this.#finish(error.retryable ? lost : error);
  }

  /** The end, once: with an error, or with `ended`. */
  #finish(error: UndertoneError | undefined): void {
    if (this.#state === 'done') return;
    this.#state = 'done';
    this.#attempt?.transport?.close(1000);
    this.#attempt = undefined;
    const closed = error ?? new UndertoneError('connection-closed', { what: 'stream' });
    this.#settleSummary(error ?? this.#ended ?? closed);
    for (const { reject } of this.#waiters.splice(0)) reject(closed);
    this.#channel.finish(error);
  }
}
