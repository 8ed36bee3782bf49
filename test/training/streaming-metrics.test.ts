import { describe, expect, it } from 'vitest';
import type { Decision } from '../../src/training/decide.ts';
import { streamingMetrics, stretchesOf } from '../../src/training/streaming-metrics.ts';

const decided = (label: number): Decision => ({
  label,
  top: Math.max(0, label),
  reason: undefined,
  score: 1,
  confidence: 1,
});

describe('what is acted in a joined stream', () => {
  it('is one stretch per run of clips alike, with the pauses in it and after it', () => {
    expect(
      stretchesOf(
        [
          [300, 2000],
          [2500, 4000],
          [4600, 6000],
          [6200, 7000],
        ],
        [1, 1, 0, 0],
      ),
    ).toEqual([
      { startMs: 300, endMs: 4600, label: 1 },
      { startMs: 4600, endMs: 7000, label: 0 },
    ]);
  });
});

describe('streaming figures', () => {
  // A window every second. Stretch A (label 0) from 0 to 6 s, B (label 1) to 12 s, A again to 15 s.
  const stretches = [
    { startMs: 0, endMs: 6000, label: 0 },
    { startMs: 6000, endMs: 12_000, label: 1 },
    { startMs: 12_000, endMs: 15_000, label: 0 },
  ];
  const labels = [-1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 1, 1, 1];
  const endMs = labels.map((_, index) => 1000 * (index + 1));
  const figures = streamingMetrics([{ endMs, decisions: labels.map(decided), stretches }], 2);

  it('count windows, those with a label, and those whose label is right', () => {
    expect(figures.windows).toBe(15);
    expect(figures.coverage).toBeCloseTo(14 / 15, 12);
    // Right: five of six, three of six, none of three.
    expect(figures.accuracy).toBeCloseTo(8 / 14, 12);
    expect(figures.ua).toBeCloseTo((5 / 9 + 3 / 6) / 2, 12);
  });

  it('count the changes that are followed, and a missed one as infinitely late', () => {
    expect(figures.followed).toBe(1 / 2);
    // The first change is followed at 9 s, three seconds late; the second never.
    expect(figures.medianDelayMs).toBe(3000);
    const missed = streamingMetrics([{ endMs, decisions: labels.map(() => decided(0)), stretches }], 2);
    expect(missed.followed).toBe(1 / 2); // back to A, where it still was
    expect(missed.medianDelayMs).toBe(1000);
  });

  it('count flips within an emotion, but not the change to the right label', () => {
    // A: −1 → 0 is the change to the right one. B: 0 → 1 is it too; then 1 → 0 and 0 → 1 are flips. 15 s in all.
    expect(figures.flipsPerMinute).toBeCloseTo(2 / 0.25, 12);
  });
});
