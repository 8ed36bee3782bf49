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

export function streamingMetrics(streams: readonly JudgedStream[], classes: number): StreamingMetrics {
  const delays: number[] = [];
  const right = new Float64Array(classes);
  const seen = new Float64Array(classes);
  let [windows, labelled, flips, durationMs] = [0, 0, 0, 0];
  for (const { endMs, decisions, stretches } of streams) {
    stretches.forEach((stretch, number) => {
      durationMs += stretch.endMs - stretch.startMs;
      const inside = endMs.flatMap((end, index) =>
        end > stretch.startMs && end <= stretch.endMs ? [{ end, label: decisions[index]!.label }] : [],
      );
      windows += inside.length;
      labelled += inside.filter(({ label }) => label >= 0).length;
      right[stretch.label]! += inside.filter(({ label }) => label === stretch.label).length;
      seen[stretch.label]! += inside.length;
      const first = inside.findIndex(({ label }) => label === stretch.label);
      if (number > 0) delays.push(first < 0 ? Infinity : inside[first]!.end - stretch.startMs);
      for (let index = 1; index < inside.length; index++) {
        if (inside[index]!.label !== inside[index - 1]!.label && index !== first) flips += 1;
      }
    });
  }
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
