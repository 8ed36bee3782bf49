import { describe, expect, it } from 'vitest';
import { featureSet } from '../../../src/features/index.ts';
import { CLASSIFIER_NAMES, type LabelledRows } from '../../../src/training/classifiers/classifier.ts';
import { onFunctionals } from '../../../src/training/classifiers/functional-classifier.ts';
import type { Learner, Problem, Trial } from '../../../src/training/classifiers/learner.ts';
import { logisticRegression } from '../../../src/training/classifiers/logistic-regression.ts';
import {
  classifierName,
  FUNCTIONAL_CLASSIFIERS,
  functionalClassifier,
} from '../../../src/training/classifiers/named.ts';
import type { Clip } from '../../../src/training/clips.ts';
import type { ClassLabel } from '../../../src/training/labels.ts';
import { Random } from '../../../src/training/random.ts';
import type { WindowRow } from '../../../src/training/window-rows.ts';

const { length } = featureSet;

interface Made {
  readonly label: ClassLabel;
  readonly corpus?: string;
  readonly speaker?: string;
  /** The first feature; the others are noise. */
  readonly first: number;
}

/** One window per clip. */
function windows(made: readonly Made[], seed = 'windows'): LabelledRows<WindowRow> {
  const random = new Random(seed);
  const clips = made.map(
    ({ label, corpus = 'x', speaker = 's' }, index): Clip => ({
      id: `${corpus}/${index}`,
      path: '',
      corpus,
      speaker: `${corpus}/${speaker}`,
      corpusLabel: label,
      label,
    }),
  );
  const features = Float32Array.from({ length: made.length * length }, (_, at) =>
    at % length === 0 ? made[at / length]!.first : random.normal(),
  );
  const set = {
    key: seed,
    condition: 'clean' as const,
    count: made.length,
    streamOf: Int32Array.from(made.keys()),
    features,
    speechRatio: new Float32Array(made.length).fill(1),
    endMs: new Float32Array(made.length),
    spansMs: [],
    clips,
  };
  return { rows: made.map((_, index) => ({ set, index })), labels: made.map(({ label }) => label) };
}

/** Remembers what it was given; scores a row by its first column. */
function spy(overrides: Partial<Learner> = {}): Learner & { readonly problems: Problem[] } {
  const problems: Problem[] = [];
  return {
    name: 'svm',
    variant: {},
    defaults: { n: 1 },
    candidates: [{ n: 1 }, { n: 2 }],
    async learn(problem) {
      problems.push(problem);
      return {
        parameters: 7,
        scores: (x) =>
          Float32Array.from({ length: x.rows * problem.classes }, (_, at) =>
            at % problem.classes === 0 ? -x.values[Math.floor(at / problem.classes) * length]! : 0,
          ),
      };
    },
    ...overrides,
    problems,
  };
}

const several = (count: number, of: Made): Made[] => Array.from({ length: count }, () => of);

describe('a learner on functionals', () => {
  it('gets z-scores of the training rows, clipped, 0 where one is not defined', async () => {
    const learner = spy();
    const { rows, labels } = windows([
      { label: 'fear', first: 1 },
      { label: 'anger', first: 3 },
      { label: 'anger', first: Number.NaN },
      ...several(197, { label: 'fear', first: 2 }),
      { label: 'fear', first: 900 },
    ]);
    const fitted = await onFunctionals(learner).fit(rows, labels, { seed: '1' });
    expect(fitted.labels).toEqual(['anger', 'fear']);
    const [{ x, truth, classes }] = learner.problems as [Problem];
    expect([x.rows, x.columns, classes]).toEqual([201, length, 2]);
    expect([...truth.subarray(0, 4)]).toEqual([1, 0, 0, 1]);
    const first = Array.from({ length: x.rows }, (_, row) => x.values[row * length]!);
    expect(first[2]).toBe(0);
    expect(first[200]).toBe(5);
    // Mean and deviation by hand over the 200 that are defined.
    const mean = (1 + 3 + 197 * 2 + 900) / 200;
    const deviation = Math.sqrt(((1 - mean) ** 2 + (3 - mean) ** 2 + 197 * (2 - mean) ** 2 + (900 - mean) ** 2) / 200);
    expect(first[0]).toBeCloseTo((1 - mean) / deviation, 5);
    // And what is predicted goes through the same, also more rows than one batch.
    const scores = fitted.predict([...rows, ...rows, ...rows]);
    expect(scores).toHaveLength(3 * 201 * 2);
    expect(scores[0]).toBeCloseTo(-first[0]!, 6);
    expect(scores[2 * 201 * 2]).toBe(scores[0]);
  });

  it('balances classes', async () => {
    const learner = spy();
    const { rows, labels } = windows([...several(9, { label: 'anger', first: 0 }), { label: 'fear', first: 1 }]);
    await onFunctionals(learner).fit(rows, labels, { seed: '1' });
    const { weights } = learner.problems[0]!;
    expect(weights[9]).toBeCloseTo(9 * weights[0]!, 9);
    expect(weights.reduce((sum, of) => sum + of, 0)).toBeCloseTo(10, 9);
  });

  it('chooses on validation by UA, the mean of the corpora, and leaves out classes that were not trained', async () => {
    const tried: number[] = [];
    const trials: Trial[] = [];
    const learner = spy({
      async choose(_, trial) {
        trials.push(trial);
        return { n: 2 };
      },
      async learn(_, { n }) {
        tried.push(n!);
        return { parameters: 1, scores: (x) => new Float32Array(x.rows * 2) };
      },
    });
    const { rows, labels } = windows([
      { label: 'anger', first: 0 },
      { label: 'fear', first: 1 },
    ]);
    const validation = windows([
      { label: 'anger', first: 0, corpus: 'a' },
      { label: 'sadness', first: 0, corpus: 'a' },
      { label: 'anger', first: 0, corpus: 'a' },
      { label: 'fear', first: 0, corpus: 'a' },
      { label: 'fear', first: 0, corpus: 'b' },
    ]);
    const fitted = await onFunctionals(learner).fit(rows, labels, { seed: '1', validation });
    expect(tried).toEqual([2]);
    expect(fitted.settings).toEqual({ n: 2 });
    const [{ x, merit }] = trials as [Trial];
    expect(x.rows).toBe(4);
    // anger, anger, fear of a and fear of b: all taken for anger is a UA of ½ in a and 0 in b.
    expect(merit(Float32Array.of(1, 0, 1, 0, 1, 0, 1, 0))).toBeCloseTo(0.25, 9);
    expect(merit(Float32Array.of(1, 0, 0, 1, 0, 1, 0, 1))).toBeCloseTo((0.75 + 1) / 2, 9);
  });

  it('chooses nothing where settings are given, and takes defaults where nothing can be chosen', async () => {
    const made = windows([
      { label: 'anger', first: 0 },
      { label: 'fear', first: 1 },
    ]);
    const settingsWith = async (options: object) =>
      (await onFunctionals(spy()).fit(made.rows, made.labels, { seed: '1', ...options })).settings;
    expect(await settingsWith({})).toEqual({ n: 1 });
    expect(await settingsWith({ settings: { n: 9 }, validation: made })).toEqual({ n: 9 });
    const strangers = windows([{ label: 'sadness', first: 0 }]);
    expect(await settingsWith({ validation: strangers })).toEqual({ n: 1 });
  });

  it('draws from too many rows, of each class in proportion, the same for the same seed', async () => {
    const { rows, labels } = windows([
      ...several(80, { label: 'anger', first: 0 }),
      ...several(20, { label: 'fear', first: 1 }),
      { label: 'sadness', first: 2 },
    ]);
    const drawn = async (seed: string): Promise<number[]> => {
      const learner = spy({ mostRows: 50 });
      await onFunctionals(learner).fit(rows, labels, { seed });
      return [...learner.problems[0]!.truth, ...learner.problems[0]!.x.values];
    };
    const once = await drawn('1');
    const truth = once.slice(0, once.length / (length + 1));
    expect([0, 1, 2].map((label) => truth.filter((of) => of === label).length)).toEqual([39, 9, 1]);
    expect(await drawn('1')).toEqual(once);
    expect(await drawn('2')).not.toEqual(once);
  });

  it('refuses to learn one class', async () => {
    const { rows, labels } = windows(several(3, { label: 'anger', first: 0 }));
    await expect(onFunctionals(spy()).fit(rows, labels, { seed: '1' })).rejects.toMatchObject({ code: 'usage' });
  });

  it('tells how far it is, from 0 to 1 and never back', async () => {
    const { rows, labels } = windows(
      Array.from({ length: 60 }, (_, index): Made => {
        const label = index % 2 === 0 ? 'anger' : 'fear';
        return { label, first: index % 2 };
      }),
    );
    for (const learner of [logisticRegression(), spy()]) {
      const shares: number[] = [];
      await onFunctionals(learner).fit(rows, labels, {
        seed: '1',
        validation: { rows, labels },
        onProgress: (share) => shares.push(share),
      });
      expect(shares).toEqual([...shares].sort((a, b) => a - b));
      expect(shares.at(-1)).toBe(1);
    }
  });
});

describe('classifiers by name', () => {
  // Two speakers of each class, well apart in sixty features.
  const apart = (seed: string): LabelledRows<WindowRow> => {
    const made = windows(
      Array.from({ length: 120 }, (_, index): Made => {
        const label = (['anger', 'calm', 'sadness'] as const)[index % 3]!;
        return { label, first: 0, speaker: String(index % 4) };
      }),
      seed,
    );
    const [{ set }] = made.rows as [WindowRow];
    made.labels.forEach((label, row) => {
      const shift = { anger: 0, calm: 2, sadness: 4 }[label as 'anger'];
      for (let feature = 0; feature < 60; feature++) set.features[row * length + feature]! += shift;
    });
    return made;
  };

  it.each(FUNCTIONAL_CLASSIFIERS)('%s learns, chooses, and learns again with what it chose', async (name) => {
    const known = apart('known');
    const validation = apart('validation');
    const test = apart('test');
    const classifier = await functionalClassifier(name, { quick: true });
    expect(classifier.name).toBe(name);
    const search = await classifier.fit(known.rows, known.labels, { seed: '1', validation });
    expect(search.labels).toEqual(['anger', 'sadness', 'calm']);
    const final = await classifier.fit([...known.rows, ...validation.rows], [...known.labels, ...validation.labels], {
      seed: '2',
      settings: search.settings,
    });
    expect(final.settings).toEqual(search.settings);
    const scores = final.predict(test.rows);
    const right = test.labels.filter((label, row) => {
      const own = scores.subarray(3 * row, 3 * row + 3);
      return final.labels[own.indexOf(Math.max(...own))] === label;
    });
    // Chance is 1/3.
    expect(right.length / test.labels.length).toBeGreaterThan(0.6);
  });

  it('are those of the list, and no others', () => {
    for (const name of CLASSIFIER_NAMES) expect(classifierName(name)).toBe(name);
    expect(() => classifierName('SVM')).toThrow(expect.objectContaining({ code: 'usage' }));
    expect(FUNCTIONAL_CLASSIFIERS).toHaveLength(CLASSIFIER_NAMES.length - 1);
  });

  it('differ in variant where they are small', async () => {
    for (const name of ['random-forest', 'gradient-boosting', 'mlp'] as const) {
      const [whole, quick] = [await functionalClassifier(name), await functionalClassifier(name, { quick: true })];
      expect(JSON.stringify(quick.variant)).not.toBe(JSON.stringify(whole.variant));
    }
  });
});
