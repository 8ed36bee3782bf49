import type { Stretch } from '../../protocol/index.ts';
import { beginSilence, endSilence, type SilenceRecord } from './silence.ts';

/** Speaking at once for less is a change of turns that met, not an interruption. */
const INTERRUPTION_MS = 500;

/** A turn of a channel, or, with channel `MISSING`, audio that never came. */
export interface Interval extends Stretch {
  readonly channel: number;
}
export const MISSING = -1;

/** What one side's turns add up to; the words are those of `SideMetrics`. */
export interface SideFloor extends SilenceRecord {
  turns: number;
  talkMs: number;
  longestTurnMs: number;
  overlaps: number;
  interruptions: number;
  answers: number;
  answerMs: number;
  longestAnswerMs: number;
  lastAnswerMs: number | null;
}

interface CallFloor extends SilenceRecord {
  talkMs: number;
  overtalkMs: number;
  overtalks: number;
  missingMs: number;
}

const NO_SILENCE_YET: SilenceRecord = { silentSinceMs: 0, longestSilence: null };
const NO_TURN_YET: SideFloor = {
  ...NO_SILENCE_YET,
  turns: 0,
  talkMs: 0,
  longestTurnMs: 0,
  overlaps: 0,
  interruptions: 0,
  answers: 0,
  answerMs: 0,
  longestAnswerMs: 0,
  lastAnswerMs: null,
};

/**
 * Who has the floor: a walk along the time axis over intervals that come in order of their starts. Talk, silence, overtalk,
 * interruptions and pauses before answers, without looking back.
 */
export class Floor {
  readonly call: CallFloor = { ...NO_SILENCE_YET, talkMs: 0, overtalkMs: 0, overtalks: 0, missingMs: 0 };
  readonly sides: readonly SideFloor[];
  #atMs = 0;
  #active: readonly Interval[] = [];
  /** Who spoke last before nobody did, and until when; nobody where audio is missing since. */
  #lastSpeakers: readonly number[] = [];
  #lastSpeechMs = 0;

  constructor(channels: number) {
    this.sides = Array.from({ length: channels }, () => ({ ...NO_TURN_YET }));
  }

  copy(): Floor {
    const copy = new Floor(this.sides.length);
    Object.assign(copy.call, this.call);
    for (const [index, side] of this.sides.entries()) Object.assign(copy.sides[index]!, side);
    copy.#atMs = this.#atMs;
    copy.#active = this.#active;
    copy.#lastSpeakers = this.#lastSpeakers;
    copy.#lastSpeechMs = this.#lastSpeechMs;
    return copy;
  }

  /** Takes the interval that begins next. What begins before the walk's place counts, among the others, from there. */
  begin(interval: Interval): void {
    const startMs = Math.max(interval.startMs, this.#atMs);
    const { channel, endMs } = interval;
    this.advance(startMs);
    if (channel === MISSING) this.#lastSpeakers = [];
    else this.#beginTurn(interval, startMs);
    endSilence(this.call, startMs);
    for (const [index, side] of this.sides.entries()) {
      if (channel === MISSING || channel === index) endSilence(side, startMs);
    }
    this.#active = [...this.#active, { channel, startMs, endMs: Math.max(endMs, startMs) }];
  }

  /** Walks to `ms`. */
  advance(ms: number): void {
    for (;;) {
      const nextEndMs = Math.min(...this.#active.map(({ endMs }) => endMs));
      if (nextEndMs > ms) break;
      this.#pass(nextEndMs);
      this.#end(nextEndMs);
    }
    this.#pass(ms);
  }

  /** Walks to the end of the call and ends the silences that last. */
  close(ms: number): void {
    this.advance(ms);
    for (const record of [this.call, ...this.sides]) endSilence(record, ms);
  }

  #beginTurn(interval: Interval, startMs: number): void {
    const side = this.sides[interval.channel]!;
    const lengthMs = interval.endMs - interval.startMs;
    side.turns += 1;
    side.talkMs += lengthMs;
    side.longestTurnMs = Math.max(side.longestTurnMs, lengthMs);
    const speakers = this.#speakers();
    if (speakers.length === 1) this.call.overtalks += 1;
    // Sides that begin together do not overlap each other; both answer the one before.
    const others = speakers.filter((other) => other.startMs < startMs);
    if (others.length === 0) this.#answer(interval.channel, startMs);
    else this.#overlap(side, interval.endMs, startMs, others);
  }

  #overlap(side: SideFloor, endMs: number, startMs: number, others: readonly Interval[]): void {
    const othersEndMs = Math.max(...others.map((other) => other.endMs));
    side.overlaps += 1;
    if (endMs > othersEndMs && othersEndMs - startMs >= INTERRUPTION_MS) side.interruptions += 1;
  }

  #answer(channel: number, startMs: number): void {
    if (this.#lastSpeakers.length === 0 || this.#lastSpeakers.includes(channel)) return;
    const side = this.sides[channel]!;
    const pauseMs = startMs - this.#lastSpeechMs;
    side.answers += 1;
    side.answerMs += pauseMs;
    side.longestAnswerMs = Math.max(side.longestAnswerMs, pauseMs);
    side.lastAnswerMs = pauseMs;
  }

  #speakers(): readonly Interval[] {
    return this.#active.filter(({ channel }) => channel !== MISSING);
  }

  #pass(ms: number): void {
    const passedMs = ms - this.#atMs;
    if (passedMs <= 0) return;
    this.#atMs = ms;
    const speakers = this.#speakers().length;
    if (speakers > 0) this.call.talkMs += passedMs;
    else if (this.#active.length > 0) this.call.missingMs += passedMs;
    if (speakers > 1) this.call.overtalkMs += passedMs;
  }

  /** Everything that ends at `ms`; silence begins where nothing else goes on. */
  #end(ms: number): void {
    const ended = this.#active.filter(({ endMs }) => endMs <= ms).map(({ channel }) => channel);
    this.#active = this.#active.filter(({ endMs }) => endMs > ms);
    const active = this.#active.map(({ channel }) => channel);
    const missing = active.includes(MISSING);
    if (active.length === 0) beginSilence(this.call, ms);
    for (const [index, side] of this.sides.entries()) {
      const free = ended.includes(index) || ended.includes(MISSING);
      if (free && !missing && !active.includes(index)) beginSilence(side, ms);
    }
    const speakers = ended.filter((channel) => channel !== MISSING);
    if (speakers.length === 0 || this.#speakers().length > 0) return;
    this.#lastSpeakers = speakers;
    this.#lastSpeechMs = ms;
  }
}
