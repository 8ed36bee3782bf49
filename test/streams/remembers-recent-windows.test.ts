import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecentWindows } from '../../src/streams/recent-windows.ts';

const label = fc.constantFrom('anger', 'neutral', 'sadness', 'unknown' as const);
const window = fc.record({ label, arousal: fc.double({ min: -1, max: 1, noNaN: true }), valence: fc.constant(0.25) });

/** The plain way: all of them in a list. */
function plain(
  windows: readonly { endMs: number; label: string; arousal: number; valence: number }[],
  startMs: number,
) {
  const counted = windows.filter((each) => each.endMs > startMs && each.label !== 'unknown');
  const counts = [...new Set(counted.map((each) => each.label))].map((name) => ({
    name,
    votes: counted.filter((each) => each.label === name).length,
  }));
  const most = Math.max(0, ...counts.map(({ votes }) => votes));
  const mean = (of: 'arousal' | 'valence') =>
    counted.length === 0 ? 0 : counted.reduce((sum, each) => sum + each[of], 0) / counted.length;
  return {
    label: counts.find(({ votes }) => votes === most)?.name ?? 'unknown',
    arousal: mean('arousal'),
    valence: mean('valence'),
  };
}

describe('the recent windows of a channel', () => {
  it('are the newest of them, and judged as a plain list of them would be', () => {
    fc.assert(
      fc.property(
        fc.array(window, { maxLength: 400 }),
        fc.integer({ min: 1, max: 300 }),
        fc.nat(400),
        (all, most, from) => {
          const recent = new RecentWindows(most);
          const kept = all.map((each, index) => ({ ...each, endMs: index }));
          for (const { endMs, label: name, arousal, valence } of kept)
            recent.push(endMs, name as 'unknown', arousal, valence);
          expect(recent.mood(from)).toEqual(plain(kept.slice(-most), from));
          recent.clear();
          expect(recent.mood(-1)).toEqual({ label: 'unknown', arousal: 0, valence: 0 });
          recent.push(7, 'anger', 0.5, 0.5);
          expect(recent.mood(6).label).toBe('anger');
        },
      ),
    );
  });
});
