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

export interface SideSums {
  readonly whole: Tally;
  readonly recent: Tally;
  readonly thirds: readonly [Tally, Tally, Tally];
  readonly trend: Trend;
}

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

  /** The sums that mood and voice are read from. */
  sums(nowMs: number): SideSums {
    const third = (index: number): Tally => this.#slots.sum((index * nowMs) / 3, ((index + 1) * nowMs) / 3, nowMs);
    return {
      whole: this.#whole,
      recent: this.#recent.sum(nowMs),
      thirds: [third(0), third(1), third(2)],
      trend: this.#trend,
    };
  }

  voice({ whole, recent }: SideSums): VoiceMetrics {
    const complete = speechMsOf(this.#baseline) >= BASELINE_SPEECH_MS;
    const before = voiceOf(complete ? this.#baseline : newTally());
    const all = voiceOf(whole);
    const now = voiceOf(recent);
    const figure = (name: keyof VoiceMeans): VoiceFigure => ({
      baseline: before[name],
      whole: all[name],
      recent: now[name],
      change: difference(now[name], before[name]),
    });
    return {
      levelDb: figure('levelDb'),
      pitchSemitones: figure('pitchSemitones'),
      syllablesPerSecond: figure('syllablesPerSecond'),
    };
  }
}

/** Mood from the sums of one side, or of several together. */
export function moodMetrics({ whole, recent, thirds, trend }: SideSums): MoodMetrics {
  const averages: [MoodAverage, MoodAverage, MoodAverage] = [moodOf(thirds[0]), moodOf(thirds[1]), moodOf(thirds[2])];
  return {
    coverage: coverageOf(whole),
    whole: moodOf(whole),
    recent: moodOf(recent),
    thirds: averages,
    change: {
      arousal: difference(averages[2].arousal, averages[0].arousal),
      valence: difference(averages[2].valence, averages[0].valence),
    },
    trend: { arousalPerMinute: trend.slope(0), valencePerMinute: trend.slope(1) },
  };
}

/** The sums of several sides together. */
export function together(sides: readonly SideSums[]): SideSums {
  const third = (index: 0 | 1 | 2): Tally => total(sides.map(({ thirds }) => thirds[index]));
  const trend = new Trend(2);
  for (const side of sides) trend.add(side.trend);
  return {
    whole: total(sides.map(({ whole }) => whole)),
    recent: total(sides.map(({ recent }) => recent)),
    thirds: [third(0), third(1), third(2)],
    trend,
  };
}

const difference = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a - b);
