import { randomBytes, randomUUID } from 'node:crypto';
import { UndertoneError } from '../errors.ts';
import type { EndReason, StartMessage } from '../protocol/index.ts';
import type { AlertRule, Analyzer } from '../streams/index.ts';
import type { Clock } from './clock.ts';
import type { EncodedEvent } from './encoded-event.ts';
import { HistoryBudget } from './history-budget.ts';
import { Hub, type Listener } from './hub.ts';
import type { ServerLimits } from './limits.ts';
import { LiveStream, type Producer } from './live-stream.ts';
import { Scheduler } from './scheduler.ts';
import type { Taps } from './taps.ts';

export interface RegistryOptions {
  readonly analyzer: Analyzer<EncodedEvent>;
  readonly limits: ServerLimits;
  readonly clock: Clock;
  /** What a stream is opened with; asked at every opening. */
  readonly rules?: () => readonly AlertRule[];
  /** Slices of audio between two looks at the sockets; the default where the analysis is done in this thread. */
  readonly slicesPerRound?: number;
  /** Takes how long audio of a stream that keeps to real time waited for its analysis, ms. */
  readonly onLag?: (ms: number) => void;
  /** Throws an error of the table where no new stream may be opened now. */
  readonly admit?: () => void;
  /** Those who follow every stream. */
  readonly taps?: Taps;
  readonly onOpened?: (stream: LiveStream) => void;
  readonly onEnded?: (stream: LiveStream, failure: UndertoneError | undefined) => void;
}

/** An erased call that went on is forgotten so long after its end, ms. */
const LAST_WORDS_MS = 5_000;

/** Every stream there is, by id: those that are heard, those that wait to be resumed, those that have ended lately. */
export class Registry {
  readonly #options: RegistryOptions;
  readonly #scheduler: Scheduler;
  readonly #budget: HistoryBudget;
  readonly #streams = new Map<string, LiveStream>();
  readonly #byToken = new Map<string, LiveStream>();
  /** In the order in which they ended. */
  readonly #finished = new Set<LiveStream>();
  /** What calls off the end of a stream's wait, for its producer or for late readers. */
  readonly #timers = new Map<LiveStream, () => void>();
  readonly #everyone = new Set<Listener>();
  readonly #expected = new Map<string, Set<(stream: LiveStream) => void>>();
  readonly #onEmpty = new Set<() => void>();
  /** Runs of streams whose calls were erased while they went on. */
  readonly #unwanted = new Set<string>();
  #open = 0;
  #draining = false;

  constructor(options: RegistryOptions) {
    this.#options = options;
    const { slicesPerRound, limits } = options;
    this.#scheduler = new Scheduler({ sliceMs: limits.sliceMs, ...(slicesPerRound && { slicesPerRound }) });
    this.#budget = new HistoryBudget(options.limits.historyBytes);
  }

  /** Streams that have not ended. */
  get openStreams(): number {
    return this.#open;
  }

  /** Those of them that still take audio. */
  get running(): readonly LiveStream[] {
    return this.#live().filter((stream) => !stream.finishing);
  }

  /** Those that have not ended. */
  get live(): readonly LiveStream[] {
    return this.#live();
  }

  /** Streams of a call that are live or have ended lately, in the order of their opening. */
  ofCall(callId: string): readonly LiveStream[] {
    return [...this.#streams.values()].filter((stream) => stream.callId === callId);
  }

  /** Nothing is to be left of these calls: what has ended is forgotten now, what goes on when it has ended. */
  forgetCalls(callIds: readonly string[]): void {
    for (const callId of callIds) {
      for (const stream of this.ofCall(callId)) {
        if (stream.hub.ended) this.#forget(stream);
        else this.#unwanted.add(stream.runId);
      }
    }
  }

  get historyBytes(): number {
    return this.#budget.bytes;
  }

  get(streamId: string): LiveStream | undefined {
    return this.#streams.get(streamId);
  }

  /**
   * @param origin where it comes from: `websocket`, `socket.io`, a dialect of telephony
   * @throws UndertoneError `duplicate-stream`, `too-many-streams`, `shutting-down`
   */
  open(start: StartMessage, producer: Producer, origin: string): LiveStream {
    const { limits, analyzer, rules, taps } = this.#options;
    if (this.#draining) throw new UndertoneError('shutting-down');
    const streamId = start.streamId ?? randomUUID();
    const before = this.#streams.get(streamId);
    if (before !== undefined && !before.hub.ended) throw new UndertoneError('duplicate-stream', { streamId });
    this.#options.admit?.();
    if (this.#open >= limits.maxStreams) throw new UndertoneError('too-many-streams', { limit: limits.maxStreams });
    if (before !== undefined) this.#forget(before);

    const { format, channels, analysis } = start;
    const callId = start.callId ?? streamId;
    const analyzerStream = analyzer.open({
      streamId,
      callId,
      format,
      channels,
      analysis,
      ...(rules && { rules: rules() }),
    });
    const hub = new Hub(streamId, limits.historyBytesPerStream, this.#budget, this.#everyone);
    const stream: LiveStream = new LiveStream({
      analyzerStream,
      hub,
      scheduler: this.#scheduler,
      token: randomBytes(24).toString('base64url'),
      runId: randomUUID(),
      startedAtMs: Date.now(),
      origin,
      metadata: start.metadata,
      inboxBytes: limits.inboxBytes,
      clock: () => this.#options.clock.now(),
      ...(taps && { tap: taps }),
      ...(this.#options.onLag && { onLag: this.#options.onLag }),
      onEnded: (failure) => this.#ended(stream, failure),
    });
    this.#open += 1;
    this.#budget.add(hub.history);
    this.#streams.set(streamId, stream);
    this.#byToken.set(stream.token, stream);
    stream.attach(producer);
    taps?.opened(stream);
    if (taps !== undefined) hub.tap((event) => taps.event(stream, event));
    this.#options.onOpened?.(stream);
    for (const welcome of this.#expected.get(streamId) ?? []) welcome(stream);
    this.#expected.delete(streamId);
    return stream;
  }

  /** The stream of a token, which the caller then attaches to. @throws UndertoneError `unknown-token`, `invalid-message` */
  resumable(start: StartMessage): LiveStream {
    const stream = this.#byToken.get(start.resume?.token ?? '');
    const another = start.streamId !== undefined && start.streamId !== stream?.hub.streamId;
    if (stream === undefined || another) throw new UndertoneError('unknown-token');
    const { encoding, sampleRateHz, channels } = stream.format;
    const { format } = start;
    if (format.encoding !== encoding || format.sampleRateHz !== sampleRateHz || format.channels !== channels) {
      const detail = 'format is not that of the stream that is resumed';
      throw new UndertoneError('invalid-message', { detail });
    }
    return stream;
  }

  resume(stream: LiveStream, producer: Producer): void {
    if (!stream.hub.ended) this.#callOff(stream);
    stream.attach(producer);
    stream.status('resumed', 'The connection of the stream has come back.');
  }

  /** The producer is gone without a `stop`: the stream waits for it, and ends when it does not come. */
  lost(stream: LiveStream, producer: Producer): void {
    stream.detach(producer);
    if (stream.attached || stream.finishing) return;
    const { resumeMs } = this.#options.limits;
    if (resumeMs <= 0) {
      stream.finish('disconnect');
      return;
    }
    stream.status('paused', `The connection of the stream was lost; it is kept for ${resumeMs / 1000} s.`);
    this.#after(stream, resumeMs, () => {
      this.#byToken.delete(stream.token);
      stream.finish('disconnect');
    });
  }

  /** Calls `welcome` once the stream is there; returns what calls it off. */
  expect(streamId: string, welcome: (stream: LiveStream) => void): () => void {
    const waiting = this.#expected.get(streamId) ?? new Set();
    this.#expected.set(streamId, waiting);
    waiting.add(welcome);
    return () => {
      waiting.delete(welcome);
      if (waiting.size === 0 && this.#expected.get(streamId) === waiting) this.#expected.delete(streamId);
    };
  }

  /** Every event of every stream from now on; returns what ends it. */
  listen(listener: Listener): () => void {
    this.#everyone.add(listener);
    return () => this.#everyone.delete(listener);
  }

  /** Takes no new stream and ends those there are; resolves when all have ended. */
  async drain(reason: EndReason): Promise<void> {
    this.#draining = true;
    for (const stream of this.#live()) stream.finish(reason);
    if (this.#open > 0) await new Promise<void>((resolve) => this.#onEmpty.add(resolve));
  }

  /** Ends every stream for an error that is not one stream's own: the model has failed. */
  abortAll(error: UndertoneError): void {
    for (const stream of this.#live()) stream.abort(error);
  }

  /** Forgets everything that waits. */
  clear(): void {
    for (const stop of this.#timers.values()) stop();
    this.#timers.clear();
    this.#expected.clear();
    this.#everyone.clear();
  }

  #live(): LiveStream[] {
    return [...this.#streams.values()].filter((stream) => !stream.hub.ended);
  }

  #ended(stream: LiveStream, failure: UndertoneError | undefined): void {
    const { finishedKeepMs, maxFinishedStreams, resumeMs } = this.#options.limits;
    this.#open -= 1;
    this.#finished.add(stream);
    this.#budget.finish(stream.hub.history, () => this.#forget(stream));
    // A producer that lost its connection after `stop` may still fetch its last events.
    if (resumeMs <= 0) this.#byToken.delete(stream.token);
    // Who follows it still gets its last words.
    const keepMs = this.#unwanted.delete(stream.runId) ? Math.min(finishedKeepMs, LAST_WORDS_MS) : finishedKeepMs;
    this.#after(stream, keepMs, () => this.#forget(stream));
    for (const oldest of this.#finished) {
      if (this.#finished.size <= maxFinishedStreams) break;
      this.#forget(oldest);
    }
    this.#options.taps?.ended(stream, failure);
    this.#options.onEnded?.(stream, failure);
    if (this.#open > 0) return;
    for (const tell of this.#onEmpty) tell();
    this.#onEmpty.clear();
  }

  #forget(stream: LiveStream): void {
    this.#callOff(stream);
    this.#finished.delete(stream);
    this.#budget.remove(stream.hub.history);
    this.#byToken.delete(stream.token);
    if (this.#streams.get(stream.hub.streamId) === stream) this.#streams.delete(stream.hub.streamId);
  }

  #after(stream: LiveStream, ms: number, run: () => void): void {
    this.#callOff(stream);
    this.#timers.set(stream, this.#options.clock.after(ms, run));
  }

  #callOff(stream: LiveStream): void {
    this.#timers.get(stream)?.();
    this.#timers.delete(stream);
  }
}
