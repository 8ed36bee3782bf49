import type { Emotion } from '../emotions.ts';
import type { OpenSegment } from './types.ts';

export interface Segment {
  readonly startMs: number;
  readonly endMs: number;
  readonly label: Emotion | 'unknown';
  readonly meanScore: number;
  readonly windows: number;
}

/**
 * Merges consecutive windows of one label. Windows overlap; each stands for the time that it added, from the end of the
 * one before it to its own, so that the segments of a channel tile its timeline.
 */
export class SegmentMerger {
  #startMs = 0;
  #endMs = 0;
  #label: Emotion | 'unknown' | undefined;
  #scores = 0;
  #windows = 0;

  constructor(from?: OpenSegment) {
    if (from === undefined) return;
    this.#startMs = from.startMs;
    this.#endMs = from.endMs;
    this.#label = from.label;
    this.#scores = from.scores;
    this.#windows = from.windows;
  }

  /** The segment that is open, to go on with elsewhere. */
  get open(): OpenSegment {
    return {
      startMs: this.#startMs,
      endMs: this.#endMs,
      label: this.#label,
      scores: this.#scores,
      windows: this.#windows,
    };
  }

  /** @returns the segment that this window's label has ended, if it has. */
  push(label: Emotion | 'unknown', score: number, endMs: number): Segment | undefined {
    const ended = label === this.#label ? undefined : this.end();
    this.#label = label;
    this.#endMs = endMs;
    this.#scores += score;
    this.#windows += 1;
    return ended;
  }

  /** Ends the segment that is open, if one is. */
  end(): Segment | undefined {
    if (this.#label === undefined) return undefined;
    const segment: Segment = {
      startMs: this.#startMs,
      endMs: this.#endMs,
      label: this.#label,
      meanScore: this.#scores / this.#windows,
      windows: this.#windows,
    };
    this.#label = undefined;
    this.#startMs = this.#endMs;
    this.#scores = 0;
    this.#windows = 0;
    return segment;
  }
}
