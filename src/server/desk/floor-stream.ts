import type { FloorLeg, StreamStatusEvent, WindowEvent } from '../../protocol/index.ts';
import type { EncodedEvent } from '../encoded-event.ts';
import type { LiveStream } from '../live-stream.ts';
import { type Glance, glanceAt } from './glance.ts';
import { RECENT_MS, RecentMood } from './recent-mood.ts';
import type { SideSigns } from './urgency.ts';

/** Slots of 2 s: the last 20 s, the last 10 s, the 30 s before. */
const VALENCE_SLOTS = 10;
const ANGER_SLOTS = 5;
const BEFORE_SLOTS = 20;

interface Leg {
  readonly mood: RecentMood;
  /** The last window, as it was encoded. */
  latest: EncodedEvent | undefined;
  latestMs: number;
  lastSpeechMs: number;
}

/** One live stream as the floor shows it. Its windows are read from its history when somebody asks, not as they come. */
export class FloorStream {
  readonly stream: LiveStream;
  readonly #legs: readonly Leg[];
  /** Windows before this cursor have been read, or are too old. */
  #readTo = 0;
  /** The end of the latest window that was read. */
  #nowMs = 0;
  #paused = false;

  constructor(stream: LiveStream) {
    this.stream = stream;
    this.#legs = stream.settings.channels.map(() => ({
      mood: new RecentMood(),
      latest: undefined,
      latestMs: 0,
      lastSpeechMs: 0,
    }));
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** How much of the stream is known. */
  get durationMs(): number {
    return this.#nowMs;
  }

  /** How long no leg has spoken. */
  get silenceMs(): number {
    return this.#nowMs - Math.max(...this.#legs.map(({ lastSpeechMs }) => lastSpeechMs));
  }

  /** Conditions are few, and are not in the history for ever. */
  status(event: EncodedEvent): void {
    const { code } = JSON.parse(event.bytes.toString()) as StreamStatusEvent;
    if (code === 'paused') this.#paused = true;
    if (code === 'resumed') this.#paused = false;
  }

  /** Reads the windows that came since the last time, of the last minute at most. */
  catchUp(): void {
    const { history } = this.stream.hub;
    const first = Math.max(this.#readTo, history.oldestCursor);
    // The latest first: it says how far back a minute is.
    for (let cursor = history.nextCursor - 1; cursor >= first; cursor -= 1) {
      const event = history.at(cursor);
      if (event?.type !== 'window') continue;
      const glance = glanceAt(event.bytes);
      if (glance.endMs <= this.#nowMs - RECENT_MS) break;
      this.#window(event, glance);
    }
    this.#readTo = history.nextCursor;
  }

  /** @param withheld whether the policy withholds the emotions of a leg */
  legs(withheld: (channel: number) => boolean): FloorLeg[] {
    return this.#legs.map(({ latest: encoded, latestMs, lastSpeechMs, mood }, channel) => {
      const { name, role } = this.stream.settings.channels[channel]!;
      const head = { name, role, streamId: this.stream.streamId, channel };
      const speaking = latestMs > 0 && lastSpeechMs === latestMs;
      if (withheld(channel)) return { ...head, ...NOTHING, withheld: true, speaking, recent: [] };
      const recent = mood.valences(this.#nowMs);
      if (encoded === undefined) return { ...head, ...NOTHING, withheld: false, speaking, recent };
      const latest = JSON.parse(encoded.bytes.toString()) as WindowEvent;
      const { label, reason = null, score, confidence, arousal, valence } = latest;
      return { ...head, label, reason, score, confidence, arousal, valence, withheld: false, speaking, recent };
    });
  }

  signs(withheld: (channel: number) => boolean): SideSigns[] {
    const nowMs = this.#nowMs;
    return this.#legs.flatMap(({ mood }, channel) => {
      if (withheld(channel)) return [];
      return {
        role: this.stream.settings.channels[channel]!.role,
        valence: mood.mean('valence', nowMs, 0, VALENCE_SLOTS),
        anger: mood.mean('anger', nowMs, 0, ANGER_SLOTS),
        angerBefore: mood.mean('anger', nowMs, ANGER_SLOTS, BEFORE_SLOTS),
      };
    });
  }

  #window(event: EncodedEvent, glance: Glance): void {
    const leg = this.#legs[event.channel]!;
    const { endMs, spoke } = glance;
    this.#nowMs = Math.max(this.#nowMs, endMs);
    if (endMs > leg.latestMs) Object.assign(leg, { latest: event, latestMs: endMs });
    if (spoke) leg.lastSpeechMs = Math.max(leg.lastSpeechMs, endMs);
    leg.mood.add(glance);
  }
}

const NOTHING = { label: 'unknown', reason: null, score: 0, confidence: 0, arousal: 0, valence: 0 } as const;
