import type { Observable } from 'rxjs';
import { asUndertoneError, reportedError, UndertoneError } from '../errors.ts';
import { parseServerEvent, type ServerEvent, type WindowEvent } from '../protocol/index.ts';
import { EventChannel } from './event-channel.ts';
import type { ClientSettings, SubscribeRequest } from './options.ts';
import { retry } from './retry.ts';
import type { Transport } from './transport.ts';

interface Attempt {
  transport?: Transport;
}

/** The server closes so when there is nothing more to say. */
const NORMAL = 1000;
const GOING_AWAY = 1001;

/**
 * The events of one stream, or of all. After a lost connection it goes on at the next cursor, so that of one stream no event
 * is missed or repeated; of all streams those of the meantime are missed.
 *
 * @example
 * for await (const event of connect('ws://127.0.0.1:8790').subscribe('leg-1', { from: 'start' })) console.log(event.type);
 */
export class LiveSubscription implements AsyncIterable<ServerEvent> {
  readonly #settings: ClientSettings;
  readonly #streamId: string;
  readonly #request: SubscribeRequest;
  readonly #channel: EventChannel;
  /** Resolves when the server has accepted it. @throws UndertoneError `connection-failed`, or what the server answered */
  readonly ready: Promise<void>;
  /** Only this one is listened to. */
  #attempt: Attempt | undefined;
  #from: number | 'start' | undefined;
  #error: UndertoneError | undefined;
  #done = false;

  constructor(settings: ClientSettings, streamId: string, request: SubscribeRequest) {
    this.#settings = settings;
    this.#streamId = streamId;
    this.#request = request;
    this.#from = request.from;
    this.#channel = new EventChannel(settings.maxQueuedEvents);
    this.ready = this.#connect();
    this.ready.catch((error: unknown) => this.#finish(asUndertoneError(error)));
  }

  /** Every event. Those before the first listener are kept for it, up to `maxQueuedEvents`. */
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

  close(): void {
    this.#finish(undefined);
  }

  async #connect(): Promise<void> {
    const { base, apiKey, connectTimeoutMs, transport: open } = this.#settings;
    const attempt: Attempt = {};
    this.#attempt = attempt;
    const listenedTo = (): boolean => this.#attempt === attempt;
    const query = new URLSearchParams({ stream: this.#streamId });
    if (this.#from !== undefined) query.set('from', String(this.#from));
    if (this.#request.wait !== undefined) query.set('wait', String(this.#request.wait));
    const transport = await open(
      { url: `${base}/v1/subscribe?${query}`, apiKey, connectTimeoutMs },
      {
        text: (text) => {
          if (listenedTo()) this.#receive(text);
        },
        closed: (code) => {
          if (listenedTo()) this.#closed(code);
        },
      },
    );
    if (listenedTo()) attempt.transport = transport;
    else transport.close();
  }

  #receive(text: string): void {
    let event: ServerEvent | undefined;
    try {
      event = parseServerEvent(text);
    } catch (error) {
      this.#finish(asUndertoneError(error));
      return;
    }
    if (event === undefined) return;
    if ('cursor' in event && this.#streamId !== '*') this.#from = event.cursor + 1;
    if (event.type === 'error') this.#error = reportedError(event.code, event.message);
    this.#channel.emit(event);
  }

  #closed(code: number): void {
    this.#attempt = undefined;
    const { base, resumeMs } = this.#settings;
    const lost = new UndertoneError('connection-lost', { url: base, code });
    if (this.#error === undefined && (code === NORMAL || code === GOING_AWAY)) this.#finish(undefined);
    else if (this.#error !== undefined || resumeMs <= 0) this.#finish(this.#error ?? lost);
    else this.#reconnect(lost);
  }

  async #reconnect(lost: UndertoneError): Promise<void> {
    const error = await retry(() => this.#connect(), { forMs: this.#settings.resumeMs, wanted: () => !this.#done });
    if (error !== undefined) this.#finish(error.retryable ? lost : error);
  }

  #finish(error: UndertoneError | undefined): void {
    if (this.#done) return;
    this.#done = true;
    this.#attempt?.transport?.close(NORMAL);
    this.#attempt = undefined;
    this.#channel.finish(error);
  }
}
