import { asUndertoneError, type UndertoneError } from '../errors.ts';
import {
  type EndReason,
  type Metadata,
  type StreamStatusCode,
  type WireFormat,
  wireFrameBytes,
} from '../protocol/index.ts';
import type { AlertRule, AnalyzerStream } from '../streams/index.ts';
import type { EncodedEvent } from './encoded-event.ts';
import type { Hub } from './hub.ts';
import { Inbox, type InboxItem } from './inbox.ts';
import { Pace } from './pace.ts';
import type { Scheduler, Task } from './scheduler.ts';
import type { Tap } from './taps.ts';

/** The connection that a stream's audio comes from. */
export interface Producer {
  /** Its reader is behind: the analysis of its stream waits. */
  readonly congested: boolean;
  /** So many samples of a channel have been analysed. */
  ack(receivedSamples: number): void;
  /** The inbox has room again. */
  room(): void;
  failed(error: UndertoneError): void;
  /** Another connection has taken the stream over. */
  replaced(): void;
}

export interface LiveStreamOptions {
  readonly analyzerStream: AnalyzerStream<EncodedEvent>;
  readonly hub: Hub;
  readonly scheduler: Scheduler;
  readonly token: string;
  /** Of this opening of the stream: its id may come again. */
  readonly runId: string;
  /** ms since 1970. */
  readonly startedAtMs: number;
  /** Where it comes from: `websocket`, `socket.io`, a dialect of telephony. */
  readonly origin: string;
  readonly metadata: Metadata;
  readonly inboxBytes: number;
  /** Milliseconds, monotonic; that of the analyzer. */
  readonly clock: () => number;
  /** Hears what comes in. */
  readonly tap?: Required<Pick<Tap, 'input'>>;
  /** Takes how long audio of a stream that keeps to real time waited for its analysis, ms. */
  readonly onLag?: (ms: number) => void;
  /** After the last event. `failure` where something inside broke. */
  readonly onEnded: (failure: UndertoneError | undefined) => void;
}

/** At least that often an `ack` is sent, in bytes of audio; and at least once a second of audio. */
const ACK_BYTES = 65_536;

/**
 * One stream of audio from its start to `ended`, whichever connection it comes from at the moment. What comes in waits in an
 * inbox for its turn; what the analyzer says goes to the hub.
 */
export class LiveStream implements Task {
  readonly #options: LiveStreamOptions;
  readonly #stream: AnalyzerStream<EncodedEvent>;
  readonly #pace = new Pace();
  readonly #inbox: Inbox;
  readonly #frameBytes: number;
  #producer: Producer | undefined;
  #everAttached = false;
  #leftAtCursor = 0;
  #receivedMarks = 0;
  #ackedSamples = 0;
  #full = false;
  #finishing: EndReason | undefined;
  #stopped = false;
  #failure: UndertoneError | undefined;
  #muted = false;
  #saidEnded = false;
  #stretched = 1;
  /** What waits has waited for the producer's reader: that is no lag of the server. */
  #held = false;

  constructor(options: LiveStreamOptions) {
    this.#options = options;
    this.#stream = options.analyzerStream;
    this.#frameBytes = wireFrameBytes(this.format);
    this.#inbox = new Inbox(this.#frameBytes);
    this.#stream.observe?.({
      room: () => this.#options.scheduler.wake(this),
      failed: (error) => this.fail(asUndertoneError(error)),
    });
    this.#stream.events.subscribe({
      next: (event) => this.#publish(event),
      error: (error: unknown) => {
        this.fail(asUndertoneError(error));
        this.#end();
      },
      complete: () => this.#end(),
    });
  }

  get hub(): Hub {
    return this.#options.hub;
  }

  get token(): string {
    return this.#options.token;
  }

  get runId(): string {
    return this.#options.runId;
  }

  get origin(): string {
    return this.#options.origin;
  }

  get streamId(): string {
    return this.hub.streamId;
  }

  get callId(): string {
    return this.settings.callId;
  }

  /** When it was opened, ms since 1970. */
  get startedAtMs(): number {
    return this.#options.startedAtMs;
  }

  get metadata(): Metadata {
    return this.#options.metadata;
  }

  /** Windows come at multiples of so many steps, because the server is overloaded; 1: at every step. */
  get stretched(): number {
    return this.#stretched;
  }

  get settings(): AnalyzerStream['options'] {
    return this.#stream.options;
  }

  get format(): WireFormat {
    return this.#stream.options.format;
  }

  /** Samples of a channel that came in, analysed or not; a client that resumes sends from here. */
  get receivedSamples(): number {
    return this.#inbox.acceptedSamples;
  }

  get receivedMarks(): number {
    return this.#receivedMarks;
  }

  /** The first event that went to no producer when the last one left. */
  get leftAtCursor(): number {
    return this.#leftAtCursor;
  }

  /** Why it ends, once that is known. */
  get endReason(): EndReason | undefined {
    return this.#finishing;
  }

  get attached(): boolean {
    return this.#producer !== undefined;
  }

  /** Whether it takes no more audio. */
  get finishing(): boolean {
    return this.#finishing !== undefined;
  }

  /** Bytes of audio, and what counts as such, that wait for their turn. */
  get inboxBytes(): number {
    return this.#inbox.costBytes;
  }

  /** Bytes that wait in the ring to another thread; 0 where there is none. */
  get ringBytes(): number {
    return this.#stream.waitingBytes ?? 0;
  }

  /** Whether more audio waits than it should: the sender is to be held. `Producer.room` tells when it may go on. */
  get full(): boolean {
    return this.#full;
  }

  attach(producer: Producer): void {
    const before = this.#producer;
    this.#producer = producer;
    this.#full = false;
    if (before !== undefined) {
      this.#leftAtCursor = this.hub.history.nextCursor;
      before.replaced();
    }
    this.#inbox.dropPartialFrame();
    if (this.#everAttached && !this.finishing) this.#options.tap?.input(this, { kind: 'resumed' });
    this.#everAttached = true;
    this.#options.scheduler.wake(this);
  }

  detach(producer: Producer): void {
    if (this.#producer !== producer) return;
    this.#producer = undefined;
    this.#leftAtCursor = this.hub.history.nextCursor;
    this.#full = false;
    // What waited for its reader goes on without it.
    this.#options.scheduler.wake(this);
  }

  accept(bytes: Uint8Array): void {
    const nowMs = this.#options.clock();
    this.#pace.advance(this.#msOf(bytes), nowMs);
    this.#put({ kind: 'audio', bytes, arrivedAtMs: nowMs });
  }

  mark(name: string): void {
    if (this.finishing) return;
    this.#receivedMarks += 1;
    this.#put({ kind: 'mark', name });
  }

  /** Audio that is missing after what came so far: the timeline jumps by it. */
  gap(durationMs: number): void {
    this.#put({ kind: 'gap', durationMs });
  }

  /** Puts a condition on the timeline, after the audio that came so far. */
  announce(code: StreamStatusCode, message: string): void {
    this.#put({ kind: 'status', code, message });
  }

  /** Windows at multiples of so many steps from here on; says so. */
  stretch(factor: number): void {
    if (this.finishing || factor === this.#stretched) return;
    this.#stretched = factor;
    this.#put({ kind: 'stretch', factor });
    const { stepMs } = this.settings.analysis;
    const message =
      factor === 1
        ? `The server has recovered: windows come every ${stepMs} ms again.`
        : `The server is overloaded: windows come every ${stepMs * factor} ms instead of ${stepMs} ms.`;
    this.announce('overload', message);
  }

  /** Other alert rules, after the audio that came so far. */
  replaceRules(rules: readonly AlertRule[]): void {
    this.#put({ kind: 'rules', rules });
  }

  /** Puts a condition on the timeline at once, wherever the analysis stands. */
  status(code: StreamStatusCode, message: string): void {
    if (this.finishing) return;
    if (this.#stream.full === true) {
      this.announce(code, message);
      return;
    }
    this.#options.tap?.input(this, { kind: 'status', code, message });
    this.#guarded(() => this.#stream.status(code, message));
  }

  /** Analyses what waits, then ends with `reason`. Idempotent: the first reason stays. */
  finish(reason: EndReason): void {
    if (this.finishing) return;
    this.#finishing = reason;
    this.#inbox.close();
    this.#options.scheduler.wake(this);
  }

  /** Ends the stream for an error after which nothing more of its analysis may go out. */
  abort(error: UndertoneError): void {
    this.#muted = true;
    this.fail(error);
  }

  /** Ends the stream for an error inside it; what waits is not analysed, what was analysed still goes out. */
  fail(error: UndertoneError): void {
    if (this.#failure !== undefined || this.hub.ended) return;
    this.#failure = error;
    this.#inbox.clear();
    this.#producer?.failed(error);
    this.#finishing = 'error';
    this.#options.scheduler.wake(this);
  }

  /** The producer's reader has caught up. */
  uncongested(): void {
    this.#held = true;
    this.#options.scheduler.wake(this);
  }

  get ready(): boolean {
    if (this.#stopped || this.#producer?.congested === true || this.#stream.full === true) return false;
    return this.#inbox.ready || this.#finishing !== undefined;
  }

  get ahead(): boolean {
    return this.#pace.ahead(this.#options.clock());
  }

  turn(maxMs: number): number {
    let usedMs = 0;
    this.#guarded(() => {
      while (usedMs < maxMs && this.ready) {
        const item = this.#inbox.take(this.#bytesOf(maxMs - usedMs));
        if (item === undefined) break;
        usedMs += this.#analyse(item);
      }
    });
    if (!this.#inbox.ready) this.#held = false;
    this.#tellProducer();
    if (this.#finishing !== undefined && this.ready && !this.#inbox.ready) this.#stop(this.#finishing);
    return usedMs;
  }

  #put(item: InboxItem): void {
    if (this.finishing) return;
    this.#options.tap?.input(this, item);
    this.#inbox.push(item);
    // Once full it stays so until `room` is told: the sender is held until then.
    this.#full ||= this.#inbox.costBytes > this.#options.inboxBytes;
    this.#options.scheduler.wake(this);
  }

  /** Returns how much audio that was, ms. */
  #analyse(item: InboxItem): number {
    switch (item.kind) {
      case 'audio':
        this.#measureLag(item.arrivedAtMs);
        this.#stream.push(item.bytes, item.arrivedAtMs);
        return this.#msOf(item.bytes);
      case 'gap':
        this.#stream.gap(item.durationMs);
        // No more of a gap is heard than a window; the rest is jumped over.
        return Math.min(item.durationMs, this.settings.analysis.windowMs);
      case 'mark':
        this.#stream.mark(item.name);
        return 0;
      case 'status':
        this.#stream.status(item.code, item.message);
        return 0;
      case 'stretch':
        this.#stream.stretch(item.factor);
        return 0;
      case 'rules':
        this.#stream.replaceRules(item.rules);
        return 0;
    }
  }

  #measureLag(arrivedAtMs: number | undefined): void {
    const { clock, onLag } = this.#options;
    if (onLag === undefined || arrivedAtMs === undefined || this.#held || this.ahead) return;
    onLag(clock() - arrivedAtMs);
  }

  #msOf(bytes: Uint8Array): number {
    return (bytes.length * 1000) / (this.#frameBytes * this.format.sampleRateHz);
  }

  #bytesOf(ms: number): number {
    const samples = Math.floor((ms * this.format.sampleRateHz) / 1000);
    return Math.max(1, samples) * this.#frameBytes;
  }

  #tellProducer(): void {
    const producer = this.#producer;
    if (producer === undefined) return;
    const samples = this.#inbox.givenSamples;
    const since = samples - this.#ackedSamples;
    if (since >= this.format.sampleRateHz || since * this.#frameBytes >= ACK_BYTES) {
      this.#ackedSamples = samples;
      producer.ack(samples);
    }
    if (this.#full && this.#inbox.costBytes <= this.#options.inboxBytes / 2) {
      this.#full = false;
      producer.room();
    }
  }

  #stop(reason: EndReason): void {
    this.#stopped = true;
    this.#guarded(() => this.#stream.stop(reason));
    // In another thread it ends when what was analysed is out.
    if (this.#failure !== undefined && this.#stream.observe === undefined) this.#end();
  }

  #publish(event: EncodedEvent): void {
    // A stream that could not say one event says no later one: cursors have no holes.
    if (this.#muted || this.hub.ended) return;
    try {
      this.hub.relay(event);
      this.#saidEnded ||= event.type === 'ended';
    } catch (error) {
      this.abort(asUndertoneError(error));
    }
  }

  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.fail(asUndertoneError(error));
    }
  }

  /** The last thing: whatever has happened, the timeline ends with `ended`. */
  #end(): void {
    if (this.hub.ended) return;
    this.#stopped = true;
    const { history, streamId } = this.hub;
    if (!this.#saidEnded) {
      const durationMs = (this.#stream.receivedSamples * 1000) / this.format.sampleRateHz;
      this.hub.publish({
        type: 'ended',
        streamId,
        cursor: history.nextCursor,
        reason: 'error',
        durationMs,
        channels: [],
      });
    }
    this.hub.end();
    this.#options.onEnded(this.#failure);
  }
}
