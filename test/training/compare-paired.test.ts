import { describe, expect, it } from 'vitest';
import { type PairedClip, pairedDifference } from '../../src/training/compare/paired.ts';
import { Random } from '../../src/training/random.ts';

const LABELS = ['anger', 'fear'] as const;

/** Clips of speakers a to …, each with its truth and whether it was heard right. */
function clips(
  right: (speaker: number, clip: number) => boolean,
  { speakers = 6, each = 10, unitOf = (speaker: number) => String(speaker % 2), seed = 1 } = {},
): PairedClip[] {
  return Array.from({ length: speakers * each }, (_, index): PairedClip => {
    const speaker = Math.floor(index / each);
    const truth = LABELS[index % 2]!;
    const guess = right(speaker, index % each) ? truth : LABELS[1 - (index % 2)]!;
    return {
      clip: `x/${index}`,
      speaker: `x/${speaker}`,
      gender: '',
      truth,
      guess,
      probabilities: LABELS.map((label) => (label === guess ? 0.9 : 0.1)),
      seed,
      unit: unitOf(speaker),
    };
  });
}

describe('the difference of two classifiers on the same clips', () => {
  it('is nothing, for certain, where they are alike', () => {
    const random = new Random('alike');
    const answers = Array.from({ length: 60 }, () => random.next() < 0.6);
    const one = clips((speaker, clip) => answers[speaker * 10 + clip]!);
    expect(pairedDifference(one, one, LABELS)).toEqual({ value: 0, low: 0, high: 0 });
  });

  it('is certain where one is better by as much on every speaker, however hard some are', () => {
    // Speaker s is heard right in s of 8 clips by one, and in 2 more by the other.
    const one = clips((speaker, clip) => clip >= 2 && clip - 2 < speaker + 1);
    const other = clips((speaker, clip) => clip < 2 || clip - 2 < speaker + 1);
    const { value, low, high } = pairedDifference(other, one, LABELS);
    expect(value).toBeCloseTo(0.2, 12);
    expect([low, high].map((of) => Number(of.toFixed(9)))).toEqual([0.2, 0.2]);
    // Alone, each of them is uncertain, by what the speakers differ.
    expect(pairedDifference(one, other, LABELS).value).toBeCloseTo(-0.2, 12);
  });

  it('is open where each is better on some speakers', () => {
    const one = clips((speaker) => speaker < 3);
    const other = clips((speaker) => speaker >= 3);
    const { value, low, high } = pairedDifference(one, other, LABELS);
    // Unit 0 has speakers 0, 2, 4 and unit 1 has 1, 3, 5: (2 − 1 + 1 − 2) / 6.
    expect(value).toBeCloseTo(0, 12);
    expect(low).toBeLessThan(-0.3);
    expect(high).toBeGreaterThan(0.3);
  });

  it('is the mean over units, then over seeds', () => {
    const all = (seed: number, right: (speaker: number) => boolean) =>
      // Unit 0 holds one speaker, unit 1 five.
      clips(right, { seed, unitOf: (speaker) => String(Math.min(1, speaker)) });
    const one = [...all(1, (speaker) => speaker === 0), ...all(2, () => true)];
    const other = [...all(1, () => false), ...all(2, () => false)];
    expect(pairedDifference(one, other, LABELS).value).toBeCloseTo((0.5 + 1) / 2, 12);
  });

  it('draws among all speakers where they are in several units', () => {
    const mixed = (right: (speaker: number, clip: number) => boolean) =>
      clips(right).map((row, index) => ({ ...row, unit: String(index % 3) }));
    const { value, low, high } = pairedDifference(
      mixed((speaker) => speaker < 2),
      mixed(() => false),
      LABELS,
    );
    expect(value).toBeCloseTo(1 / 3, 12);
    expect(low).toBeLessThan(0.1);
    expect(high).toBeGreaterThan(0.6);
  });

  it('is not taken of different clips', () => {
    const one = clips(() => true);
    expect(() => pairedDifference(one, one.slice(1), LABELS)).toThrow(RangeError);
    expect(() => pairedDifference(one, [...one.slice(1), { ...one[0]!, clip: 'x/other' }], LABELS)).toThrow(RangeError);
    // Seeds may differ: each is the mean over its own.
    const later = one.map((row) => ({ ...row, seed: 2 }));
    expect(pairedDifference(one, later, LABELS).value).toBe(0);
  });
});
