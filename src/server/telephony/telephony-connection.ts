import { asUndertoneError, UndertoneError } from '../../errors.ts';
import type {
  AnalysisLimits,
  DialectAction,
  DialectSession,
  DialectStart,
  EndReason,
  TimelineEvent,
} from '../../protocol/index.ts';
import type { Clock } from '../clock.ts';
import type { ConnectionOwner } from '../connection.ts';
import type { Connected } from '../connections.ts';
import type { ServerLimits } from '../limits.ts';
import type { Registry } from '../registry.ts';
import { closeReason } from './close-reason.ts';
import { Leg, type LegOwner } from './leg.ts';
import type { PlatformSocket } from './platform-socket.ts';

export interface TelephonyContext {
  readonly registry: Registry;
  readonly analysis: AnalysisLimits;
  readonly limits: ServerLimits;
  readonly clock: Clock;
  /** The dialect. */
  readonly origin: string;
  readonly onRejected: (error: UndertoneError) => void;
}

const NORMAL = 1000;
const GOING_AWAY = 1001;
/** No code in the close frame. */
const NO_STATUS = 1005;
/** A platform that was told of the end has so long to hang up by its own rules. */
const FAREWELL_MS = 1_000;

interface Closing {
  readonly code: number;
  readonly reason: string;
}

/**
 * One socket of a platform: what comes goes to the session of its dialect, and what the session makes of it is done to the
 * streams of the registry. Their end is the end of the socket where something went wrong; else the platform hangs up itself.
 */
export class TelephonyConnection implements Connected, ConnectionOwner, LegOwner {
  readonly #socket: PlatformSocket;
  readonly #session: DialectSession;
  readonly #context: TelephonyContext;
  /** By the session's own name. */
  readonly #open = new Map<string, Leg>();
  /** Closed by the session; their last events are still to come. */
  readonly #ending = new Set<Leg>();
  #hearing = true;
  #closing: Closing | undefined;
  #everOpened = false;
  /** Whether the last event of a stream was answered with something, so that the platform may still have something to say. */
  #tookLeave = false;
  #heardAtMs: number;
  #congestedSinceMs: number | undefined;

  constructor(socket: PlatformSocket, session: DialectSession, context: TelephonyContext) {
    this.#socket = socket;
    this.#session = session;
    this.#context = context;
    this.#heardAtMs = context.clock.now();
    socket.own(this);
  }

  // From the socket

  text(message: string): void {
    this.#hear(() => this.#session.text(message));
  }

  audio(bytes: Uint8Array): void {
    this.#hear(() => this.#session.binary(bytes));
  }

  fault(error: UndertoneError): void {
    if (error.code === 'idle-timeout' || error.code === 'slow-consumer') this.#abandon(error);
    else this.#reject(error);
  }

  lost(_clean: boolean, code: number): void {
    const closed = code === NORMAL || code === GOING_AWAY || code === NO_STATUS;
    this.#finish(closed ? 'closed' : 'lost');
    this.#leave();
  }

  get slowMs(): number {
    const since = this.#congestedSinceMs;
    return since === undefined ? 0 : this.#context.clock.now() - since;
  }

  // From the server

  tick(): void {
    this.#socket.tick();
    if (!this.#hearing || this.#open.size + this.#ending.size > 0) return;
    const { startTimeoutMs, idleTimeoutMs } = this.#context.limits;
    const silentMs = this.#context.clock.now() - this.#heardAtMs;
    if (!this.#everOpened && silentMs >= startTimeoutMs) {
      this.#reject(new UndertoneError('start-timeout', { seconds: startTimeoutMs / 1000 }));
    } else if (silentMs >= idleTimeoutMs) {
      // A platform that has stopped its streams, and forgets to hang up.
      this.#close({ code: NORMAL, reason: '' });
    }
  }

  drain(): void {
    if (!this.#everOpened) this.#close({ code: GOING_AWAY, reason: 'shutting-down' });
  }

  drained(): void {
    const goAway = (): void => this.#close({ code: GOING_AWAY, reason: 'shutting-down' });
    if (this.#tookLeave) this.#context.clock.after(FAREWELL_MS, goAway);
    else goAway();
  }

  terminate(): void {
    this.#socket.terminate();
  }

  // From its streams

  get congested(): boolean {
    return this.#congestedSinceMs !== undefined;
  }

  room(): void {
    for (const leg of this.#legs()) if (leg.stream.full) return;
    this.#socket.resume();
  }

  failed(error: UndertoneError): void {
    this.#reject(error);
  }

  event(event: TimelineEvent): void {
    try {
      const actions = this.#session.event?.(event) ?? [];
      this.#tookLeave ||= event.type === 'ended' && actions.length > 0;
      this.#perform(actions);
    } catch (thrown) {
      this.#reject(asUndertoneError(thrown));
    }
  }

  ended(leg: Leg): void {
    this.#ending.delete(leg);
    for (const [name, open] of this.#open) if (open === leg) this.#open.delete(name);
    this.room();
    this.#heardAtMs = this.#context.clock.now();
    this.#closeWhenQuiet();
  }

  *#legs(): Iterable<Leg> {
    yield* this.#open.values();
    yield* this.#ending;
  }

  #hear(read: () => readonly DialectAction[]): void {
    this.#heardAtMs = this.#context.clock.now();
    if (!this.#hearing) return;
    try {
      this.#perform(read());
    } catch (thrown) {
      this.#reject(asUndertoneError(thrown));
    }
  }

  #perform(actions: readonly DialectAction[], reason?: EndReason): void {
    for (const action of actions) this.#do(action, reason);
  }

  /** @param reason why streams end, over what the session says */
  #do(action: DialectAction, reason: EndReason | undefined): void {
    switch (action.kind) {
      case 'open':
        this.#openLeg(action.leg, action.start);
        return;
      case 'reply':
        this.#reply(action.message);
        return;
      case 'hangup':
        this.#hangUp({ code: action.closeCode, reason: action.reason });
        return;
    }
    const leg = this.#open.get(action.leg);
    if (leg === undefined) return;
    switch (action.kind) {
      case 'audio':
        leg.stream.accept(action.bytes);
        break;
      case 'gap':
        leg.stream.gap(action.durationMs);
        break;
      case 'mark':
        leg.stream.mark(action.name);
        break;
      case 'status':
        leg.stream.announce(action.code, action.message);
        break;
      case 'close':
        this.#open.delete(action.leg);
        this.#ending.add(leg);
        leg.stream.finish(reason ?? action.reason);
        return;
    }
    if (leg.stream.full) this.#socket.pause();
  }

  #openLeg(name: string, { format, channels, callId, metadata = {} }: DialectStart): void {
    const { registry, analysis, origin } = this.#context;
    const start = {
      type: 'start',
      format,
      channels,
      analysis: analysis.defaults,
      metadata,
      ...(callId !== undefined && { callId }),
    } as const;
    const leg = new Leg(this, (producer) => registry.open(start, producer, origin));
    this.#everOpened = true;
    this.#open.set(name, leg);
    leg.listen(this.#session.event !== undefined);
  }

  /** A platform misses no event: when it reads too slowly its streams wait for it. */
  #reply(message: string | Uint8Array): void {
    const { limits, clock } = this.#context;
    this.#socket.sendMessage(message, () => {
      if (this.#congestedSinceMs === undefined || this.#socket.bufferedBytes > limits.outgoingBytes / 2) return;
      this.#congestedSinceMs = undefined;
      for (const leg of this.#legs()) leg.stream.uncongested();
    });
    if (this.#socket.bufferedBytes > limits.outgoingBytes) this.#congestedSinceMs ??= clock.now();
  }

  /** The session's own wish: its streams are flushed, then the socket is closed. */
  #hangUp(closing: Closing): void {
    if (this.#closing !== undefined) return;
    this.#closing = closing;
    this.#finish('closed');
    this.#closeWhenQuiet();
  }

  /** An error of the platform, or inside: what came before it is still analysed, then the socket is closed with its code. */
  #reject(error: UndertoneError): void {
    if (this.#closing !== undefined || !this.#hearing) return;
    this.#context.onRejected(error);
    this.#closing = { code: error.closeCode, reason: closeReason(error) };
    this.#finish('lost', 'error');
    this.#closeWhenQuiet();
  }

  /** An error of the connection: nobody is there to wait for the last events. */
  #abandon(error: UndertoneError): void {
    this.#context.onRejected(error);
    this.#finish('lost');
    this.#leave();
    this.#socket.close(error.closeCode, closeReason(error));
  }

  /** Nothing is heard any more; what was held back is analysed, and what is open ends. */
  #finish(how: 'closed' | 'lost', reason?: EndReason): void {
    if (!this.#hearing) return;
    this.#hearing = false;
    this.#perform(this.#session.ended(how), reason);
  }

  #leave(): void {
    for (const leg of this.#legs()) leg.leave();
    this.#open.clear();
    this.#ending.clear();
  }

  #closeWhenQuiet(): void {
    if (this.#closing === undefined || this.#open.size + this.#ending.size > 0) return;
    this.#socket.close(this.#closing.code, this.#closing.reason);
  }

  #close(closing: Closing): void {
    this.#closing ??= closing;
    this.#finish('closed');
    this.#closeWhenQuiet();
  }
}
