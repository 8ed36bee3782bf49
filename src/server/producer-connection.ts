import { asUndertoneError, UndertoneError } from '../errors.ts';
import type { AnalysisLimits, ModelDescription, StartMessage } from '../protocol/index.ts';
import type { Clock } from './clock.ts';
import type { ClientConnection, ConnectionOwner } from './connection.ts';
import { type Connected, DRAINING } from './connections.ts';
import { encodeBytes } from './encoded-event.ts';
import { Follower } from './follower.ts';
import type { ServerLimits } from './limits.ts';
import type { LiveStream, Producer } from './live-stream.ts';
import type { Registry } from './registry.ts';
import { Session, type SessionAction, type SessionInput } from './session.ts';

export interface ProducerContext {
  readonly registry: Registry;
  readonly analysis: AnalysisLimits;
  readonly limits: ServerLimits;
  readonly clock: Clock;
  readonly model: ModelDescription;
  /** Where its streams come from. */
  readonly origin: string;
  readonly onRejected: (error: UndertoneError) => void;
}

/** Does what the session of one producer says: between its socket and its stream. */
export class ProducerConnection implements Connected, ConnectionOwner, Producer {
  readonly #connection: ClientConnection;
  readonly #context: ProducerContext;
  readonly #session: Session;
  readonly #openedAtMs: number;
  #stream: LiveStream | undefined;
  #follower: Follower | undefined;
  #congestedSinceMs: number | undefined;

  constructor(connection: ClientConnection, context: ProducerContext) {
    this.#connection = connection;
    this.#context = context;
    this.#session = new Session(context.analysis);
    this.#openedAtMs = context.clock.now();
    connection.own(this);
  }

  // From the socket

  text(text: string): void {
    this.#receive({ type: 'text', text });
  }

  audio(bytes: Uint8Array): void {
    this.#receive({ type: 'audio', bytes });
  }

  fault(error: UndertoneError): void {
    this.#receive({ type: 'fault', error });
  }

  lost(clean: boolean): void {
    this.#receive({ type: 'lost', clean });
  }

  get slowMs(): number {
    const since = this.#congestedSinceMs;
    const congestedMs = since === undefined ? 0 : this.#context.clock.now() - since;
    return Math.max(congestedMs, this.#follower?.waitingMs ?? 0);
  }

  // From the server

  tick(): void {
    this.#connection.tick();
    const { clock, limits } = this.#context;
    if (this.#session.state === 'waiting-start' && clock.now() - this.#openedAtMs >= limits.startTimeoutMs) {
      this.fault(new UndertoneError('start-timeout', { seconds: limits.startTimeoutMs / 1000 }));
    }
  }

  drain(): void {
    this.#connection.send(DRAINING);
    this.#receive({ type: 'drain' });
  }

  /** Its stream has ended, and it with it. */
  drained(): void {}

  terminate(): void {
    this.#connection.terminate();
  }

  // From the stream

  get congested(): boolean {
    return this.#congestedSinceMs !== undefined || this.#follower?.waiting === true;
  }

  ack(receivedSamples: number): void {
    if (this.#stream === undefined) return;
    this.#connection.send(encodeBytes({ type: 'ack', streamId: this.#stream.hub.streamId, receivedSamples }));
  }

  room(): void {
    this.#connection.resume();
  }

  failed(error: UndertoneError): void {
    this.#receive({ type: 'failed', error });
  }

  replaced(): void {
    this.#receive({ type: 'replaced' });
  }

  #receive(input: SessionInput): void {
    for (const action of this.#session.receive(input)) this.#do(action);
  }

  #do(action: SessionAction): void {
    const stream = this.#stream;
    switch (action.do) {
      case 'open':
        this.#open(action.start);
        return;
      case 'audio':
        stream?.accept(action.bytes);
        if (stream?.full) this.#connection.pause();
        return;
      case 'mark':
        stream?.mark(action.name);
        if (stream?.full) this.#connection.pause();
        return;
      case 'finish':
        if (stream === undefined) this.#receive({ type: 'ended', reason: action.reason });
        else stream.finish(action.reason);
        return;
      case 'leave':
        this.#follower?.close();
        if (stream !== undefined) this.#context.registry.lost(stream, this);
        return;
      case 'tell':
        this.#context.onRejected(action.error);
        this.#connection.tell(action.error);
        return;
      case 'close':
        this.#follower?.close();
        stream?.detach(this);
        this.#connection.close(action.code);
    }
  }

  #open(start: StartMessage): void {
    const { registry, origin } = this.#context;
    try {
      if (start.resume === undefined) {
        this.#stream = registry.open(start, this, origin);
        this.#follow(this.#stream, 0);
      } else {
        const stream = registry.resumable(start);
        this.#stream = stream;
        // Without a cursor of its own the client gets what it may have missed since the connection was lost.
        registry.resume(stream, this);
        this.#follow(stream, start.resume.from ?? stream.leftAtCursor);
      }
    } catch (error) {
      this.#receive({ type: 'failed', error: asUndertoneError(error) });
    }
  }

  #follow(stream: LiveStream, from: number): void {
    const { streamId, callId, analysis, channels } = stream.settings;
    const { receivedSamples, receivedMarks } = stream;
    const resume = { token: stream.token };
    const { model } = this.#context;
    this.#connection.send(
      encodeBytes({
        type: 'started',
        streamId,
        callId,
        resume,
        receivedSamples,
        receivedMarks,
        analysis,
        channels,
        model,
      }),
    );
    this.#follower = new Follower(stream.hub, this.#connection, {
      from,
      live: ({ bytes }) => this.#sendLive(bytes),
      onLive: () => stream.uncongested(),
      onEnd: () => this.#receive({ type: 'ended', reason: stream.endReason ?? 'error' }),
      clock: () => this.#context.clock.now(),
    });
    this.#follower.start();
  }

  /** A producer misses no event: when it reads too slowly its stream waits for it. */
  #sendLive(bytes: Buffer): void {
    const { limits, clock } = this.#context;
    this.#connection.send(bytes, () => {
      if (this.#congestedSinceMs === undefined || this.#connection.bufferedBytes > limits.outgoingBytes / 2) return;
      this.#congestedSinceMs = undefined;
      this.#stream?.uncongested();
    });
    if (this.#connection.bufferedBytes > limits.outgoingBytes) this.#congestedSinceMs ??= clock.now();
  }
}
