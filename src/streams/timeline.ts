import type {
  AlertChange,
  ChannelDescription,
  ChannelPosition,
  EndedEvent,
  SegmentEvent,
  StreamStatusEvent,
  TimelineEvent,
} from '../protocol/index.ts';
import { AlertEngine, type AlertRule } from './alerts/index.ts';
import { ChannelRecord } from './channel-record.ts';
import type { DecidedWindow } from './label.ts';
import { CallMeter } from './metrics/index.ts';
import type { Beside } from './signals.ts';
import type { Block } from './stage.ts';
import { startOf } from './summarize.ts';
import type { Checkpoint } from './types.ts';

/** More than this share of samples at full scale is worth a warning. */
const CLIPPED_RATIO = 0.02;

export interface TimelineOptions {
  readonly streamId: string;
  readonly channels: readonly ChannelDescription[];
  /** Milliseconds; nothing where there is no clock. */
  readonly clock: (() => number) | undefined;
  readonly from?: Checkpoint | undefined;
  readonly rules?: readonly AlertRule[] | undefined;
  readonly lengthMs?: number | undefined;
}

type Emit = (event: TimelineEvent) => void;
type Unnumbered<E> = E extends unknown ? Omit<E, 'streamId' | 'cursor'> : never;

/**
 * Results → numbered events: windows, the segments and turns they make, marks, conditions, the alerts that all these cause,
 * and the summary at the end.
 */
export class Timeline implements Block<DecidedWindow | Beside, TimelineEvent> {
  readonly #options: TimelineOptions;
  readonly #channels: readonly ChannelRecord[];
  readonly #alerts: AlertEngine;
  /** Alerts that are raised, by their rule, as they were raised. */
  readonly #raised = new Map<string, AlertChange>();
  /** Those that were raised where the stream was analysed before. */
  #interrupted: readonly AlertChange[];
  #cursor: number;

  constructor(options: TimelineOptions) {
    const { channels, from, rules = [], lengthMs } = options;
    this.#options = options;
    this.#cursor = from?.cursor ?? 0;
    this.#channels = channels.map(
      (description, channel) => new ChannelRecord(channel, description, from?.channels[channel]),
    );
    this.#interrupted = from?.raised ?? [];
    // Without rules, too: those that come later must know the call's figures.
    const meter = new CallMeter(channels, startOf(from));
    this.#alerts = new AlertEngine(rules, { channels, meter, ...(lengthMs !== undefined && { lengthMs }) });
  }

  checkpoint(): Checkpoint {
    const raised = [...this.#interrupted, ...this.#raised.values()];
    return {
      cursor: this.#cursor,
      channels: this.#channels.map((record) => record.checkpoint()),
      ...(raised.length > 0 && { raised }),
    };
  }

  next(item: DecidedWindow | Beside, emit: Emit): void {
    switch (item.kind) {
      case 'decided':
        this.#window(item, emit);
        return;
      case 'turn': {
        const { channel, startMs, endMs } = item;
        const record = this.#channels[channel]!;
        this.#send({ type: 'turn', ...this.#position(record), startMs, endMs, ...record.turn(startMs) }, emit);
        return;
      }
      case 'mark':
        this.#send({ type: 'mark', name: item.name, atMs: item.atMs }, emit);
        return;
      case 'status': {
        const { kind: _, ...status } = item;
        this.#send({ type: 'status', ...status }, emit);
        return;
      }
      case 'rules':
        for (const change of this.#alerts.replace(item.rules)) this.#alert(change, emit);
    }
  }

  /** The segments that are open, then `ended`. */
  end(reason: EndedEvent['reason'], durationMs: number, emit: Emit): void {
    for (const record of this.#channels) this.#segment(record, record.segments.end(), emit);
    const channels = this.#channels.map((record) => record.summary());
    this.#send({ type: 'ended', reason, durationMs, channels }, emit);
  }

  #window(decided: DecidedWindow, emit: Emit): void {
    const { window, kind: _, ...result } = decided;
    const record = this.#channels[window.channel]!;
    this.#segment(record, record.segments.push(result.label, result.score, window.endMs), emit);
    const { becameLow } = record.window(decided, window.quality.clippedRatio > CLIPPED_RATIO);
    if (becameLow) this.#send(lowQuality(window.channel, window.endMs), emit);
    const { clock } = this.#options;
    this.#send(
      {
        type: 'window',
        ...this.#position(record),
        seq: window.seq,
        startMs: window.startMs,
        endMs: window.endMs,
        ...result,
        speechRatio: window.speechRatio,
        openTurn: window.openTurn,
        added: window.added,
        quality: window.quality,
        ...(window.descriptors !== undefined && { descriptors: window.descriptors }),
        // Clocks of two threads differ by what lay between reading them.
        latencyMs: clock === undefined ? 0 : Math.max(0, clock() - window.arrivedAtMs),
      },
      emit,
    );
  }

  #segment(
    record: ChannelRecord,
    segment: Omit<SegmentEvent, keyof ChannelPosition | 'type' | 'streamId' | 'cursor'> | undefined,
    emit: Emit,
  ): void {
    if (segment !== undefined) this.#send({ type: 'segment', ...this.#position(record), ...segment }, emit);
  }

  #position(record: ChannelRecord): ChannelPosition {
    return { channel: record.channel, channelName: record.description.name, role: record.description.role };
  }

  /** An event and the alerts that it causes; `ended` comes after them, for nothing comes after it. */
  #send(event: Unnumbered<TimelineEvent>, emit: Emit): void {
    if (this.#interrupted.length > 0) this.#clearInterrupted(emit);
    const numbered = this.#numbered(event);
    const changes = this.#alerts.next(numbered);
    if (event.type !== 'ended') this.#emit(numbered, emit);
    for (const change of changes) this.#alert(change, emit);
    if (event.type === 'ended') this.#emit(this.#numbered(event), emit);
  }

  #clearInterrupted(emit: Emit): void {
    const atMs = Math.max(0, ...(this.#options.from?.channels.map(({ endMs }) => endMs) ?? []));
    const interrupted = this.#interrupted;
    this.#interrupted = [];
    for (const raised of interrupted) {
      this.#alert({ ...raised, state: 'cleared', atMs, cause: 'interrupted', evidence: [] }, emit);
    }
  }

  #alert(change: AlertChange, emit: Emit): void {
    if (change.state === 'raised') this.#raised.set(change.rule, change);
    else this.#raised.delete(change.rule);
    this.#emit(this.#numbered({ type: 'alert', ...change }), emit);
  }

  #emit(event: TimelineEvent, emit: Emit): void {
    this.#cursor += 1;
    emit(event);
  }

  #numbered(event: Unnumbered<TimelineEvent>): TimelineEvent {
    const { type, ...rest } = event;
    // The spread of a union is not seen as the union again.
    return { type, streamId: this.#options.streamId, cursor: this.#cursor, ...rest } as TimelineEvent;
  }
}

const lowQuality = (channel: number, endMs: number): Unnumbered<StreamStatusEvent> => ({
  type: 'status',
  code: 'low-quality',
  message: 'The audio is clipped; lower the recording level.',
  channel,
  endMs,
});
