import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMOTIONS, type Emotion } from '../../src/emotions.ts';
import type { WindowEvent } from '../../src/protocol/index.ts';
import { LegTally } from '../../src/store/intake/leg-tally.ts';
import { StreamScript } from './script.ts';

interface Drawn {
  readonly label: Emotion | 'unknown';
  /** In 1/10,000. */
  readonly valence: number;
  /** Windows that a gap has taken the place of, before this one. */
  readonly gap: number;
}

const drawn = fc.record<Drawn>({
  label: fc.constantFrom(...EMOTIONS.slice(0, 3), 'unknown' as const),
  valence: fc.integer({ min: -10_000, max: 10_000 }),
  gap: fc.oneof({ weight: 20, arbitrary: fc.constant(0) }, fc.nat(30)),
});

function windowsOf(all: readonly Drawn[]): readonly WindowEvent[] {
  const script = new StreamScript();
  let endMs = 0;
  for (const { label, valence, gap } of all) {
    endMs += 500 * (gap + 1);
    script.window(0, endMs, label, { valence: valence / 10_000, startMs: endMs - 500 });
  }
  return script.events.filter((event): event is WindowEvent => event.type === 'window');
}

/** The definition, by hand: of every 10 s that end with a window, those with 5 s of labels, the lowest mean, the first such. */
function lowestOf(windows: readonly WindowEvent[]): { valence: number; startMs: number } | null {
  let lowest: { valence: number; startMs: number } | null = null;
  for (const { endMs } of windows) {
    const startMs = endMs - 10_000;
    if (startMs < 0) continue;
    const inside = windows.filter(
      (window) => window.label !== 'unknown' && window.endMs > startMs && window.endMs <= endMs,
    );
    if (inside.length * 500 < 5000) continue;
    const units = inside.reduce((sum, { valence }) => sum + Math.round(valence * 10_000), 0);
    const valence = units / inside.length / 10_000;
    if (lowest === null || valence < lowest.valence - 1e-12) lowest = { valence, startMs };
  }
  return lowest;
}

describe('the figures of a leg', () => {
  it('have the lowest ten seconds', () => {
    fc.assert(
      fc.property(fc.array(drawn, { maxLength: 80 }), (all) => {
        const windows = windowsOf(all);
        const tally = new LegTally();
        for (const window of windows) tally.window(window);
        const { lowest } = tally.figures();
        const truth = lowestOf(windows);
        expect(lowest === null).toBe(truth === null);
        if (lowest === null || truth === null) return;
        expect(lowest.valence).toBeCloseTo(truth.valence, 10);
        expect(lowest.startMs).toBe(truth.startMs);
      }),
      { numRuns: 300 },
    );
  });

  it('are those that the stream adds up itself', () => {
    fc.assert(
      fc.property(fc.array(drawn, { minLength: 1, maxLength: 40 }), (all) => {
        const script = new StreamScript();
        const tally = new LegTally();
        for (const window of windowsOf(all)) {
          script.events.push(window);
          tally.window(window);
        }
        const { speechMs, turns, coverage, shares, arousal, valence } = tally.figures();
        const truth = script.summaries()[0]!;
        expect({ speechMs, turns }).toEqual({ speechMs: truth.speechMs, turns: truth.turns });
        expect(coverage).toBeCloseTo(truth.coverage, 12);
        expect(Object.keys(shares)).toEqual(Object.keys(truth.shares));
        for (const [label, share] of Object.entries(shares))
          expect(share).toBeCloseTo(truth.shares[label as Emotion]!, 12);
        if (coverage === 0) expect([arousal, valence]).toEqual([null, null]);
        else expect(valence).toBeCloseTo(truth.valence, 12);
      }),
    );
  });

  it('weigh a label by the time that its windows added', () => {
    const tally = new LegTally();
    // Windows of 3 s, half a second apart; after a gap one adds no more than itself.
    const script = new StreamScript().window(0, 500, 'anger').window(0, 1000, 'anger').window(0, 20_000, 'fear');
    for (const event of script.events) if (event.type === 'window') tally.window(event);
    expect(tally.figures().labelledMs).toEqual({ anger: 1000, fear: 3000 });
  });

  it('are the stream’s own once it has ended, for it counts what did not come', () => {
    const script = new StreamScript().window(0, 500, 'anger');
    const tally = new LegTally();
    for (const event of script.events) if (event.type === 'window') tally.window(event);
    tally.turn();
    const [summary] = script.summaries();
    tally.ended({
      ...summary!,
      windows: 4,
      speechMs: 2000,
      turns: 3,
      shares: { anger: 0.5, fear: 0.5 },
      coverage: 1,
      valence: -0.25,
    });
    expect(tally.figures()).toMatchObject({
      speechMs: 2000,
      turns: 3,
      shares: { anger: 0.5, fear: 0.5 },
      valence: -0.25,
    });
    tally.ended({ ...summary!, coverage: 0, shares: {}, arousal: 0, valence: 0 });
    expect(tally.figures()).toMatchObject({ arousal: null, valence: null, shares: {} });
  });
});
