import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Clip } from '../../src/training/clips.ts';
import { speakerFolds } from '../../src/training/folds.ts';
import { joinedStreams } from '../../src/training/joined-streams.ts';

const clip = (
  corpus: string,
  speaker: string,
  label: Clip['label'],
  number: number,
  gender?: 'female' | 'male',
): Clip => ({
  id: `${corpus}/${speaker}-${label}-${number}`,
  path: `/${corpus}/${speaker}-${label}-${number}.wav`,
  corpus,
  speaker: `${corpus}/${speaker}`,
  ...(gender && { gender }),
  corpusLabel: label,
  label,
});

const clips: Clip[] = [
  ...Array.from({ length: 24 }, (_, actor) =>
    (['anger', 'neutral', 'sadness'] as const).flatMap((label) =>
      Array.from({ length: 12 }, (_, number) =>
        clip('ravdess', String(actor + 1), label, number, actor % 2 === 0 ? 'male' : 'female'),
      ),
    ),
  ).flat(),
  ...Array.from({ length: 10 }, (_, speaker) =>
    clip('emodb', String(speaker), 'anger', 0, speaker < 5 ? 'male' : 'female'),
  ),
  ...['OAF', 'YAF'].map((speaker) => clip('tess', speaker, 'fear', 0, 'female')),
];

describe('folds over speakers', () => {
  it('test each speaker of the testable corpora once, and no other, whatever the seed and the number of folds', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 2, max: 8 }), (seed, count) => {
        const folds = speakerFolds(clips, count, seed);
        const tested = folds.flatMap(({ test }) => [...test]);
        expect(tested).toHaveLength(34);
        expect(new Set(tested).size).toBe(34);
        expect(tested.some((speaker) => speaker.startsWith('tess'))).toBe(false);
        for (const { test, validation } of folds) {
          expect([...test].filter((speaker) => validation.has(speaker))).toEqual([]);
        }
      }),
    );
  });

  it('have women and men of each corpus in every fold', () => {
    for (const { test } of speakerFolds(clips, 5, 1)) {
      const genders = (corpus: string): Set<string | undefined> =>
        new Set(clips.filter((of) => of.corpus === corpus && test.has(of.speaker)).map(({ gender }) => gender));
      expect(genders('ravdess').size).toBe(2);
      expect(genders('emodb').size).toBe(2);
    }
  });

  it('are the same for the same seed and others for another', () => {
    const of = (seed: number): string[][] => speakerFolds(clips, 5, seed).map(({ test }) => [...test]);
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
  });
});

describe('joined streams', () => {
  const streams = joinedStreams(clips, 1);

  it('are one per speaker, of their own clips, none twice', () => {
    expect(streams).toHaveLength(36);
    for (const { speaker, clips: own, paths, pausesMs } of streams) {
      expect(own.every((of) => of.speaker === speaker)).toBe(true);
      expect(new Set(own).size).toBe(own.length);
      expect(paths).toEqual(own.map(({ path }) => path));
      expect(pausesMs!.every((pause) => pause >= 200 && pause <= 1000)).toBe(true);
    }
  });

  it('stay with an emotion for three to six clips before they change', () => {
    const { clips: own } = streams.find(({ speaker }) => speaker === 'ravdess/1')!;
    const runs: number[] = [];
    own.forEach((of, index) => {
      if (index > 0 && own[index - 1]!.label === of.label) runs[runs.length - 1]! += 1;
      else runs.push(1);
    });
    expect(runs.length).toBeGreaterThan(4);
    // A run is cut short only where the clips of its emotion end.
    expect(runs.every((length) => length <= 6)).toBe(true);
    expect(runs.filter((length) => length < 3).length).toBeLessThanOrEqual(3);
  });
});
