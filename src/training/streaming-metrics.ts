import type { Decision } from './decide.ts';

/** A stretch of a stream in which one emotion is acted. */
export interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
  readonly label: number;
}

/** The decisions on one stream and what was acted in it. */
export interface JudgedStream {
  readonly endMs: readonly number[];
  readonly decisions: readonly Decision[];
  readonly stretches: readonly Stretch[];
}

/** How a timeline follows what is acted. */
export interface StreamingMetrics {
  readonly windows: number;
  /** Share of the windows with a label whose label is right; a window belongs to the stretch that its end lies in. */
  readonly accuracy: number;
  /** Mean over the emotions of the share of their windows, with a label or not, that are labelled right. */
  readonly ua: number;
  /** Share of the windows that have a label. */
  readonly coverage: number;
  /** Share of the changes of emotion that the label follows before the next. */
  readonly followed: number;
  /** Median, over all changes, of the time until the label follows; Infinity (null in JSON) where it mostly does not. */
  readonly medianDelayMs: number;
  /** Changes of the label within one emotion, other than to the right one for the first time; `unknown` counts as a label. */
  readonly flipsPerMinute: number;
}

/** Stretches of one label each from the spans of single clips: neighbours alike are one, pauses belong to what was before. */
export function stretchesOf(
  spansMs: readonly (readonly [start: number, end: number])[],
  labels: readonly number[],
): Stretch[] {
  const stretches: Stretch[] = [];
  spansMs.forEach(([startMs, endMs], index) => {
    const label = labels[index]!;
    const last = stretches.at(-1);
    if (last?.label === label) {
      stretches[stretches.length - 1] = { ...last, endMs };
      return;
    }
    if (last !== undefined) stretches[stretches.length - 1] = { ...last, endMs: startMs };
    stretches.push({ startMs, endMs, label });
  });
  return stretches;
}

/** What one stream adds to the figures of several. */
export interface StreamTally {
  readonly windows: number;
  readonly labelled: number;
  readonly flips: number;
  readonly durationMs: number;
  /** Of each change of emotion: until the label followed, ms; Infinity where it did not before the next change. */
  readonly delaysMs: readonly number[];
  /** By class: windows in its stretches, and those of them labelled right. */
  readonly seen: readonly number[];
  readonly right: readonly number[];
}

export function streamTally({ endMs, decisions, stretches }: JudgedStream, classes: number): StreamTally {
  const delaysMs: number[] = [];
  const right = new Array<number>(classes).fill(0);
  const seen = new Array<number>(classes).fill(0);
  let [windows, labelled, flips, durationMs, next] = [0, 0, 0, 0, 0];
  for (const [number, { startMs, endMs: lastMs, label }] of stretches.entries()) {
    durationMs += lastMs - startMs;
    while (endMs[next]! <= startMs) next += 1;
    const from = next;
    while (endMs[next]! <= lastMs) next += 1;
    const guesses = decisions.slice(from, next).map((decision) => decision.label);
    const first = guesses.indexOf(label);
    windows += guesses.length;
    labelled += guesses.filter((guess) => guess >= 0).length;
    seen[label]! += guesses.length;
    right[label]! += guesses.filter((guess) => guess === label).length;
    flips += guesses.filter((guess, at) => at > 0 && guess !== guesses[at - 1] && at !== first).length;
    if (number > 0) delaysMs.push(first < 0 ? Infinity : endMs[from + first]! - startMs);
  }
  return { windows, labelled, flips, durationMs, delaysMs, seen, right };
}

export function streamingMetrics(streams: readonly JudgedStream[], classes: number): StreamingMetrics {
  return streamingFigures(streams.map((stream) => streamTally(stream, classes)));
}

/** @param times how often each stream counts; once where it is not given. */
export function streamingFigures(tallies: readonly StreamTally[], times?: ArrayLike<number>): StreamingMetrics {
  const classes = tallies[0]?.seen.length ?? 0;
  const right = new Float64Array(classes);
  const seen = new Float64Array(classes);
  const delays: number[] = [];
  let [windows, labelled, flips, durationMs] = [0, 0, 0, 0];
  tallies.forEach((tally, index) => {
    const count = times?.[index] ?? 1;
    windows += count * tally.windows;
    labelled += count * tally.labelled;
    flips += count * tally.flips;
    durationMs += count * tally.durationMs;
    for (let label = 0; label < classes; label++) {
      right[label]! += count * tally.right[label]!;
      seen[label]! += count * tally.seen[label]!;
    }
    for (let time = 0; time < count; time++) delays.push(...tally.delaysMs);
  });
  const total = right.reduce((sum, value) => sum + value, 0);
  const recalls = Array.from(right, (hits, label) => (seen[label]! > 0 ? hits / seen[label]! : Number.NaN));
  const known = recalls.filter((recall) => !Number.isNaN(recall));
  delays.sort((a, b) => a - b);
  return {
    windows,
    accuracy: total / Math.max(1, labelled),
    ua: known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length),
    coverage: labelled / Math.max(1, windows),
    followed: delays.filter(Number.isFinite).length / Math.max(1, delays.length),
    medianDelayMs: delays.length === 0 ? Number.NaN : delays[Math.floor((delays.length - 1) / 2)]!,
    flipsPerMinute: flips / Math.max(1e-9, durationMs / 60_000),
  };
}
