import type { AngerMetrics, MoodAverage, MoodMetrics, VoiceFigure, VoiceMetrics } from '../../protocol/index.ts';
import { AngerWatch } from './anger-watch.ts';
import type { MeteredWindow } from './metered-window.ts';
import { RecentTallies } from './recent-tallies.ts';
import {
  accumulate,
  coverageOf,
  moodOf,
  newTally,
  speechMsOf,
  type Tally,
  tallyWindow,
  total,
  type VoiceMeans,
  voiceOf,
} from './tally.ts';
import { TimeSlots } from './time-slots.ts';
import { Trend } from './trend.ts';

const RECENT_MS = 30_000;
/** Speech that a speaker's own baseline is made of. */
const BASELINE_SPEECH_MS = 20_000;
const MS_PER_MINUTE = 60_000;

/** What the windows of one side add up to: mood, voice, anger. Its memory does not grow with the call. */
export class SideMeter {
  readonly #row = newTally();
  readonly #whole = newTally();
  readonly #recent = new RecentTallies(RECENT_MS);
  readonly #slots = new TimeSlots();
  readonly #baseline = newTally();
  readonly #trend = new Trend(2);
  readonly #anger = new AngerWatch();
  #endMs = 0;

  push(window: MeteredWindow): void {
    const { endMs, label } = window;
    // What a gap jumped over is no time of this window.
    const startMs = Math.min(endMs, Math.max(this.#endMs, window.startMs));
    this.#endMs = Math.max(this.#endMs, endMs);
    tallyWindow(window, endMs - startMs, this.#row);
    accumulate(this.#whole, this.#row);
    this.#recent.push(endMs, this.#row);
    this.#slots.push(startMs, endMs, this.#row);
    if (speechMsOf(this.#baseline) < BASELINE_SPEECH_MS) accumulate(this.#baseline, this.#row);
    if (label !== 'unknown') {
      this.#trend.push((startMs + endMs) / 2 / MS_PER_MINUTE, endMs - startMs, [window.arousal, window.valence]);
    }
    this.#anger.push(label, startMs, endMs);
  }

  anger(): AngerMetrics {
    return this.#anger.metrics();
  }

  voice(nowMs: number): VoiceMetrics {
    const complete = speechMsOf(this.#baseline) >= BASELINE_SPEECH_MS;
    const baseline = voiceOf(complete ? this.#baseline : newTally());
    const whole = voiceOf(this.#whole);
    const recent = voiceOf(this.#recent.sum(nowMs));
    const figure = (name: keyof VoiceMeans): VoiceFigure => ({
      baseline: baseline[name],
      whole: whole[name],
      recent: recent[name],
      change: difference(recent[name], baseline[name]),
    });
    return {
      levelDb: figure('levelDb'),
      pitchSemitones: figure('pitchSemitones'),
      syllablesPerSecond: figure('syllablesPerSecond'),
    };
  }

  /** Mood of several sides together. */
  static mood(sides: readonly SideMeter[], nowMs: number): MoodMetrics {
    const whole = total(sides.map((side) => side.#whole));
    const third = (index: number): Tally =>
      total(sides.map((side) => side.#slots.sum((index * nowMs) / 3, ((index + 1) * nowMs) / 3, nowMs)));
    const thirds: [MoodAverage, MoodAverage, MoodAverage] = [moodOf(third(0)), moodOf(third(1)), moodOf(third(2))];
    const trend = new Trend(2);
    for (const side of sides) trend.add(side.#trend);
    return {
      coverage: coverageOf(whole),
      whole: moodOf(whole),
      recent: moodOf(total(sides.map((side) => side.#recent.sum(nowMs)))),
      thirds,
      change: {
        arousal: difference(thirds[2].arousal, thirds[0].arousal),
        valence: difference(thirds[2].valence, thirds[0].valence),
      },
      trend: { arousalPerMinute: trend.slope(0), valencePerMinute: trend.slope(1) },
    };
  }
}

const difference = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a - b);
