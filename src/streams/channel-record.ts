import type { Emotion } from '../emotions.ts';
import type { ChannelDescription, ChannelSummary, Probabilities } from '../protocol/index.ts';
import type { DecidedWindow } from './label.ts';
import { RecentWindows, type TurnMood } from './recent-windows.ts';
import { SegmentMerger } from './segments.ts';
import type { ChannelCheckpoint } from './types.ts';

/** As many recent windows as a turn is judged by; 10 minutes at the shortest step, and the bound of this memory. */
const RECENT_WINDOWS = 6000;

/** What one channel's timeline remembers: enough for its segments, its turns and the summary, and bounded. */
export class ChannelRecord {
  readonly channel: number;
  readonly description: ChannelDescription;
  readonly segments: SegmentMerger;
  #lowQuality = false;
  readonly #recent = new RecentWindows(RECENT_WINDOWS);
  readonly #labelled = new Map<Emotion, number>();
  #windows = 0;
  #arousal = 0;
  #valence = 0;
  #turns = 0;
  #speechMs = 0;
  #endMs = 0;

  constructor(channel: number, description: ChannelDescription, from?: ChannelCheckpoint) {
    this.channel = channel;
    this.description = description;
    this.segments = new SegmentMerger(from?.segment);
    if (from === undefined) return;
    this.#windows = from.windows;
    this.#endMs = from.endMs;
    this.#speechMs = from.speechMs;
    this.#turns = from.turns;
    this.#arousal = from.arousal;
    this.#valence = from.valence;
    for (const [label, count] of Object.entries(from.labelled)) this.#labelled.set(label as Emotion, count);
  }

  checkpoint(): ChannelCheckpoint {
    return {
      windows: this.#windows,
      endMs: this.#endMs,
      speechMs: this.#speechMs,
      turns: this.#turns,
      labelled: Object.fromEntries(this.#labelled),
      arousal: this.#arousal,
      valence: this.#valence,
      segment: this.segments.open,
    };
  }

  /** Takes a window; tells whether the channel's quality has just become low. */
  window(decided: DecidedWindow, lowQuality: boolean): { readonly becameLow: boolean } {
    const { label, window } = decided;
    this.#windows += 1;
    this.#endMs = window.endMs;
    this.#speechMs += window.added.speechMs;
    if (label !== 'unknown') {
      this.#labelled.set(label, (this.#labelled.get(label) ?? 0) + 1);
      this.#arousal += decided.arousal;
      this.#valence += decided.valence;
    }
    this.#recent.push(window.endMs, label, decided.arousal, decided.valence);
    const becameLow = lowQuality && !this.#lowQuality;
    this.#lowQuality = lowQuality;
    return { becameLow };
  }

  /** The label of most of the windows that ended in a turn, and their mean arousal and valence. Forgets what is older. */
  turn(startMs: number): TurnMood {
    this.#turns += 1;
    const mood = this.#recent.mood(startMs);
    this.#recent.clear();
    return mood;
  }

  summary(): ChannelSummary {
    const labelled = [...this.#labelled.values()].reduce((total, count) => total + count, 0);
    const shares: Probabilities = Object.fromEntries(
      [...this.#labelled].sort(([a], [b]) => a.localeCompare(b)).map(([label, count]) => [label, count / labelled]),
    );
    return {
      channel: this.channel,
      channelName: this.description.name,
      role: this.description.role,
      windows: this.#windows,
      speechMs: this.#speechMs,
      turns: this.#turns,
      shares,
      coverage: this.#windows > 0 ? labelled / this.#windows : 0,
      arousal: labelled > 0 ? this.#arousal / labelled : 0,
      valence: labelled > 0 ? this.#valence / labelled : 0,
    };
  }
}
