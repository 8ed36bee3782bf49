import type { Emotion } from '../../src/emotions.ts';
import {
  type AlertEvent,
  type ChannelDescription,
  type ChannelSummary,
  type EndReason,
  encodeEvent,
  type StreamStatusEvent,
  type TimelineEvent,
  type TurnEvent,
  type WindowEvent,
} from '../../src/protocol/index.ts';
import type { StoreItem, StreamOpening } from '../../src/store/index.ts';

export const START_MS = Date.parse('2026-11-02T09:30:00.000Z');

export const CHANNELS: readonly ChannelDescription[] = [
  { name: 'caller', role: 'customer' },
  { name: 'agent', role: 'employee' },
];

let scripts = 0;

type Unplaced<E> = Partial<Omit<E, 'type' | 'streamId' | 'cursor' | 'channel' | 'channelName' | 'role'>>;

/** What a server would tell the store of one stream, made up. */
export class StreamScript {
  readonly opening: StreamOpening;
  readonly events: TimelineEvent[] = [];
  readonly texts: string[] = [];
  readonly #items: StoreItem[] = [];
  #cursor = 0;

  constructor(opening: Partial<StreamOpening> = {}) {
    scripts += 1;
    const streamId = opening.streamId ?? `stream-${scripts}`;
    this.opening = {
      runId: `run-${scripts}`,
      streamId,
      callId: streamId,
      startedAtMs: START_MS,
      model: { name: 'default', version: '1', hash: 'abc', labels: ['anger', 'happiness', 'neutral', 'sadness'] },
      analysis: { windowMs: 3000, stepMs: 500, descriptors: [] },
      channels: CHANNELS,
      metadata: {},
      ...opening,
    };
    this.#items.push({ kind: 'opened', stream: this.opening });
  }

  /** A window of 3 s, or from the start, that ends at `endMs`. */
  window(
    channel: number,
    endMs: number,
    label: Emotion | 'unknown' = 'neutral',
    change: Unplaced<WindowEvent> = {},
  ): this {
    const probabilities = label === 'unknown' ? { neutral: 0.4 } : { [label]: 0.9, sadness: 0.1 };
    return this.#event({
      type: 'window',
      ...this.#place(channel),
      seq: endMs / 500 - 1,
      startMs: Math.max(0, endMs - 3000),
      endMs,
      label,
      ...(label === 'unknown' && { reason: 'silence' }),
      score: 0.9,
      confidence: 0.8,
      probabilities,
      raw: probabilities,
      arousal: 0.25,
      valence: label === 'anger' ? -0.5 : 0.125,
      speechRatio: 1,
      openTurn: null,
      added: { speechMs: 500, levelDb: -20.5, pitchSemitones: 30.25, syllables: 2 },
      quality: { levelDb: -22.5, clippedRatio: 0 },
      latencyMs: 12.5,
      ...change,
    });
  }

  turn(channel: number, startMs: number, endMs: number, change: Unplaced<TurnEvent> = {}): this {
    return this.#event({
      type: 'turn',
      ...this.#place(channel),
      startMs,
      endMs,
      label: 'neutral',
      arousal: 0,
      valence: 0,
      ...change,
    });
  }

  mark(name: string, atMs: number): this {
    return this.#event({ type: 'mark', ...this.#numbered(), name, atMs });
  }

  gap(startMs: number, endMs: number): this {
    const status: Pick<StreamStatusEvent, 'code' | 'message'> = { code: 'gap', message: 'No audio came.' };
    return this.#event({ type: 'status', ...this.#numbered(), ...status, startMs, endMs });
  }

  alert(rule: string, state: AlertEvent['state'], atMs: number, change: Partial<AlertEvent> = {}): this {
    return this.#event({
      type: 'alert',
      ...this.#numbered(),
      rule,
      severity: 'medium',
      state,
      atMs,
      sinceMs: atMs - 500,
      ...(state === 'cleared' && { cause: 'condition' }),
      evidence: [
        {
          measure: 'anger',
          comparison: 'above',
          threshold: 0.6,
          value: 0.75,
          holds: true,
          channel: 0,
          channelName: 'caller',
        },
      ],
      ...change,
    });
  }

  /** The stream's end; without summaries those of its windows and turns. */
  ended(durationMs: number, reason: EndReason = 'stop', channels = this.summaries()): this {
    this.#event({ type: 'ended', ...this.#numbered(), reason, durationMs, channels });
    return this.closed(durationMs, reason);
  }

  /** Without an `ended` event, as when the analysis has failed. */
  closed(durationMs: number, reason: EndReason = 'stop'): this {
    const { runId, startedAtMs } = this.opening;
    this.#items.push({ kind: 'closed', runId, reason, atMs: startedAtMs + durationMs });
    return this;
  }

  recorded(file: string): this {
    this.#items.push({ kind: 'recorded', runId: this.opening.runId, file, bytes: 1234 });
    return this;
  }

  missing(events: number): this {
    this.#items.push({ kind: 'missing', runId: this.opening.runId, events });
    return this;
  }

  /** What has been said since the last time. */
  take(): readonly StoreItem[] {
    return this.#items.splice(0);
  }

  /** As the stream adds them up itself. */
  summaries(): readonly ChannelSummary[] {
    return this.opening.channels.map(({ name, role }, channel) => {
      const of = this.events.filter((event) => 'channel' in event && event.channel === channel);
      const windows = of.filter((event) => event.type === 'window');
      const labelled = windows.filter(({ label }) => label !== 'unknown');
      const mean = (value: (window: WindowEvent) => number): number =>
        labelled.length === 0 ? 0 : labelled.reduce((sum, window) => sum + value(window), 0) / labelled.length;
      const labels = [...new Set(labelled.map(({ label }) => label))].sort();
      return {
        channel,
        channelName: name,
        role,
        windows: windows.length,
        speechMs: windows.reduce((sum, { added }) => sum + added.speechMs, 0),
        turns: of.filter(({ type }) => type === 'turn').length,
        shares: Object.fromEntries(labels.map((label) => [label, mean((window) => (window.label === label ? 1 : 0))])),
        coverage: windows.length === 0 ? 0 : labelled.length / windows.length,
        arousal: mean(({ arousal }) => arousal),
        valence: mean(({ valence }) => valence),
      };
    });
  }

  #event(event: TimelineEvent): this {
    const text = encodeEvent(event);
    this.texts.push(text);
    // What the wire says, rounded.
    const sent: TimelineEvent = JSON.parse(text);
    this.events.push(sent);
    const { runId, startedAtMs } = this.opening;
    const atMs = startedAtMs + ('endMs' in sent ? (sent.endMs ?? 0) : 'atMs' in sent ? sent.atMs : 0);
    this.#items.push({ kind: 'event', runId, bytes: Buffer.from(text), atMs });
    return this;
  }

  #numbered(): { streamId: string; cursor: number } {
    const cursor = this.#cursor;
    this.#cursor += 1;
    return { streamId: this.opening.streamId, cursor };
  }

  #place(channel: number) {
    const { name, role } = this.opening.channels[channel]!;
    return { ...this.#numbered(), channel, channelName: name, role };
  }
}
