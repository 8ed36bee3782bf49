import { describe, expect, it } from 'vitest';
import { featureSet } from '../../src/features/index.ts';
import { Normaliser } from '../../src/inference/index.ts';
import type { Clip } from '../../src/training/clips.ts';
import type { WindowSet } from '../../src/training/feature-cache.ts';
import { Random } from '../../src/training/random.ts';
import { Sampler } from '../../src/training/sampler.ts';
import { normalisationOf, rowsOf } from '../../src/training/window-rows.ts';

const F = featureSet.length;
const LABELS = ['anger', 'fear', 'neutral'] as const;

/** A set of one window per clip, whose first feature is the number of the clip, from 1. */
function setOf(corpus: string, clips: readonly [speaker: string, label: Clip['label']][], firstFeature = 1): WindowSet {
  const features = new Float32Array(clips.length * F);
  clips.forEach((_, index) => {
    features[index * F] = firstFeature + index;
  });
  return {
    key: corpus,
    condition: 'clean',
    clips: clips.map(([speaker, label], index) => ({
      id: `${corpus}/${index}`,
      path: '',
      corpus,
      speaker: `${corpus}/${speaker}`,
      corpusLabel: label,
      label,
    })),
    count: clips.length,
    streamOf: Int32Array.from(clips.keys()),
    features,
    speechRatio: new Float32Array(clips.length).fill(1),
    endMs: new Float32Array(clips.length),
    spansMs: clips.map(() => []),
  };
}

const identity = new Normaliser({
  mean: new Float64Array(F),
  deviation: new Float64Array(F).fill(1),
  clip: 1e6,
});

describe('drawing batches', () => {
  // Three speakers of one corpus, one of another with ten times the clips and without fear.
  const first = setOf('a', [
    ['1', 'anger'],
    ['2', 'fear'],
    ['3', 'neutral'],
    ['3', 'neutral'],
  ]);
  const second = setOf(
    'b',
    [...Array.from({ length: 39 }, (): [string, 'anger'] => ['1', 'anger']), ['1', 'neutral']],
    100,
  );
  const rows = rowsOf([first, second], 0.2, () => true);
  const options = { labels: LABELS, labelSmoothing: 0.3, mixed: 0 };

  it('takes corpora by their speakers and classes alike, not by their clips', () => {
    const sampler = new Sampler(rows, identity, options, new Random(1));
    const { input, targets, rows: count } = sampler.draw(20_000);
    let fromSecond = 0;
    const drawn = [0, 0, 0];
    for (let row = 0; row < count; row++) {
      if (input[row * F]! >= 100) fromSecond += 1;
      const own = targets.subarray(row * 3, row * 3 + 3);
      drawn[own.indexOf(Math.max(...own))]! += 1;
    }
    expect(fromSecond / count).toBeCloseTo(1 / 4, 1);
    // Three of four rows have thirds of each class, one of four halves of two.
    expect(drawn[0]! / count).toBeCloseTo(0.75 / 3 + 0.25 / 2, 1);
    expect(drawn[1]! / count).toBeCloseTo(0.75 / 3, 1);
  });

  it('lets a corpus say nothing of the classes that it has not', () => {
    const { input, targets, counted, rows: count } = new Sampler(rows, identity, options, new Random(2)).draw(500);
    for (let row = 0; row < count; row++) {
      const without = input[row * F]! >= 100;
      expect(counted[row * 3 + 1]).toBe(without ? 0 : 1);
      const own = [...targets.subarray(row * 3, row * 3 + 3)];
      expect(own.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
      expect(Math.max(...own)).toBeCloseTo(0.7 + 0.3 / (without ? 2 : 3), 5);
      if (without) expect(own[1]).toBe(0);
    }
  });

  it('mixes a row with its neighbour, targets as features, and stays a distribution', () => {
    const {
      input,
      targets,
      rows: count,
    } = new Sampler(rows, identity, { ...options, mixed: 1 }, new Random(3)).draw(400);
    let mixed = 0;
    for (let row = 0; row < count; row++) {
      if (!Number.isInteger(input[row * F]!)) mixed += 1;
      const own = targets.subarray(row * 3, row * 3 + 3);
      expect(own.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
    }
    expect(mixed).toBeGreaterThan(count / 2);
  });

  it('draws the same for the same seed', () => {
    const draw = (seed: number) => new Sampler(rows, identity, options, new Random(seed)).draw(50);
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });
});

describe('rows to train with', () => {
  it('are those with enough speech of the wanted clips', () => {
    const set = setOf('a', [
      ['1', 'anger'],
      ['2', 'anger'],
      ['1', 'fear'],
    ]);
    set.speechRatio.set([0.1, 0.9, 0.2]);
    expect(rowsOf([set], 0.2, () => true).map(({ index }) => index)).toEqual([1, 2]);
    expect(rowsOf([set], 0.2, (clip) => clip.speaker === 'a/1').map(({ index }) => index)).toEqual([2]);
  });

  it('are normalised by mean and deviation of what is defined', () => {
    const set = setOf('a', [
      ['1', 'anger'],
      ['2', 'anger'],
      ['1', 'fear'],
      ['1', 'fear'],
    ]);
    // The second feature is undefined in one window, the third far from 0, the fourth constant.
    [2, Number.NaN, 4, 9].forEach((value, index) => {
      set.features[index * F + 1] = value;
      set.features[index * F + 2] = 1e6 + value * 1000;
      set.features[index * F + 3] = 5;
    });
    set.features[1 * F + 2] = Number.NEGATIVE_INFINITY;
    const { mean, deviation } = normalisationOf(rowsOf([set], 0, () => true));
    expect(mean[0]).toBe(2.5);
    expect(deviation[0]).toBeCloseTo(Math.sqrt(5 / 4), 12);
    expect(mean[1]).toBeCloseTo(5, 12);
    expect(deviation[1]).toBeCloseTo(Math.sqrt((9 + 1 + 16) / 3), 12);
    expect(mean[2]).toBeCloseTo(1_005_000, 6);
    expect(deviation[2]).toBeCloseTo(1000 * Math.sqrt(26 / 3), 2);
    expect(deviation[3]).toBe(1);
  });
});
