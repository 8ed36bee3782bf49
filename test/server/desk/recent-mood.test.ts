import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Glance } from '../../../src/server/desk/glance.ts';
import { RecentMood } from '../../../src/server/desk/recent-mood.ts';

const windowOf = (endMs: number, valence: number, anger = 0, labelled = true): Glance => ({
  endMs,
  labelled,
  anger,
  valence,
  spoke: true,
});

const moodOf = (windows: readonly Glance[]): RecentMood => {
  const mood = new RecentMood();
  for (const window of windows) mood.add(window);
  return mood;
};

describe('the mood of the last minute', () => {
  it('has a mean for every 2 s, the latest last, and nothing where there was no label', () => {
    const mood = moodOf([windowOf(500, 0.1), windowOf(2000, 0.3), windowOf(2500, 0.9, 0, false), windowOf(4100, -0.5)]);
    const valences = mood.valences(4500);
    expect(valences).toHaveLength(30);
    expect(valences.slice(-4)).toEqual([null, 0.2, null, -0.5]);
  });

  it('forgets what is older than a minute', () => {
    const mood = moodOf([windowOf(1000, 0.5)]);
    expect(mood.valences(60_000)[0]).toBe(0.5);
    expect(mood.valences(60_001).every((value) => value === null)).toBe(true);
    mood.add(windowOf(61_000, -0.25));
    expect(mood.valences(61_000).filter((value) => value !== null)).toEqual([-0.25]);
  });

  it('is the same in whatever order the windows come, and that of a plain mean', () => {
    const windows = fc.uniqueArray(
      fc.record({ endMs: fc.integer({ min: 1, max: 90_000 }), valence: fc.double({ min: -1, max: 1, noNaN: true }) }),
      { minLength: 1, maxLength: 60, selector: ({ endMs }) => endMs },
    );
    fc.assert(
      fc.property(windows, fc.infiniteStream(fc.nat()), (all, order) => {
        const events = all.map(({ endMs, valence }) => windowOf(endMs, valence, (valence + 1) / 2));
        const nowMs = Math.max(...all.map(({ endMs }) => endMs));
        const shuffled = events
          .map((event) => ({ event, at: order.next().value ?? 0 }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ event }) => event);
        const [mood, other] = [moodOf(events), moodOf(shuffled)];
        expect(other.valences(nowMs)).toEqual(mood.valences(nowMs));
        mood.valences(nowMs).forEach((value, index) => {
          const last = Math.ceil(nowMs / 2000) - (29 - index);
          const within = all.filter(({ endMs }) => Math.ceil(endMs / 2000) === last);
          const mean = within.reduce((sum, { valence }) => sum + valence, 0) / within.length;
          if (within.length === 0) expect(value).toBeNull();
          else expect(Math.abs((value ?? 9) - mean)).toBeLessThanOrEqual(0.005 + 1e-9);
        });
      }),
    );
  });

  it('tells means of parts of it', () => {
    const mood = moodOf([windowOf(2000, -0.2, 0.1), windowOf(4000, -0.4, 0.3), windowOf(6000, -0.6, 0.8)]);
    expect(mood.mean('anger', 6000, 0, 1)).toBeCloseTo(0.8, 9);
    expect(mood.mean('anger', 6000, 1, 3)).toBeCloseTo(0.2, 9);
    expect(mood.mean('valence', 6000, 0, 10)).toBeCloseTo(-0.4, 9);
    expect(mood.mean('valence', 6000, 3, 10)).toBeNull();
  });
});
