import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { featureSet } from '../../src/features/index.ts';
import { startRuntime } from '../../src/inference/index.ts';
import type { Clip } from '../../src/training/clips.ts';
import { crossValidate, heldOutLogits, heldOutPerceptrons } from '../../src/training/cross-validate.ts';
import type { WindowSet } from '../../src/training/feature-cache.ts';
import { DEFAULT_FIT } from '../../src/training/fit.ts';
import type { Fold } from '../../src/training/folds.ts';
import { Random } from '../../src/training/random.ts';

const F = featureSet.length;
const LABELS = ['anger', 'sadness'] as const;
const SPEAKERS = ['a', 'b', 'c', 'd'];
const FOLD: Fold = { test: new Set(['x/a']), validation: new Set(['x/b']) };

/** Four speakers, the classes told by the first hundred features. `changed` makes one speaker's windows something else. */
function windows(changed?: string): WindowSet {
  const random = new Random('held out');
  const clips = SPEAKERS.flatMap((speaker) =>
    LABELS.flatMap((label) =>
      Array.from(
        { length: 6 },
        (_, number): Clip => ({
          id: `x/${speaker}-${label}-${number}`,
          path: '',
          corpus: 'x',
          speaker: `x/${speaker}`,
          corpusLabel: label,
          label,
        }),
      ),
    ),
  );
  const features = Float32Array.from({ length: clips.length * F }, () => random.normal());
  clips.forEach(({ speaker, label }, index) => {
    for (let feature = 0; feature < 100; feature++) features[index * F + feature]! += label === 'anger' ? 2 : -2;
    if (speaker === changed) features.fill(100 + index, index * F, (index + 1) * F);
  });
  return {
    key: changed ?? 'none',
    condition: 'clean',
    clips,
    count: clips.length,
    streamOf: Int32Array.from(clips.keys()),
    features,
    speechRatio: new Float32Array(clips.length).fill(1),
    endMs: new Float32Array(clips.length).fill(500),
    spansMs: clips.map(() => [[0, 500] as const]),
  };
}

async function train(set: WindowSet) {
  const { tf } = await startRuntime('tfjs-wasm');
  const [model] = await crossValidate(
    {
      tf,
      labels: LABELS,
      sets: [set],
      minSpeechRatio: 0.2,
      fit: {
        ...DEFAULT_FIT,
        hidden: [8],
        dropout: [0.1, 0.1],
        batchRows: 16,
        batchesPerEpoch: 10,
        maxEpochs: 4,
        averaging: 0.8,
      },
      seed: 1,
      cache: mkdtempSync(join(tmpdir(), 'undertone-folds-')),
      onEpoch: () => {},
    },
    [FOLD],
  );
  return { tf, model: model! };
}

describe('a fold', () => {
  it('is the same model whatever its test speaker sounds like: it has never heard them', async () => {
    const { model } = await train(windows());
    const { model: other } = await train(windows('x/a'));
    expect(other.classifier).toEqual(model.classifier);
    expect([other.epochs, other.temperature]).toEqual([model.epochs, model.temperature]);
  });

  it('is another model when someone in its training part sounds otherwise, the validation speaker included', async () => {
    const { model } = await train(windows());
    for (const speaker of ['x/b', 'x/c', 'x/d']) {
      const { model: other } = await train(windows(speaker));
      expect(other.classifier.weights).not.toEqual(model.classifier.weights);
    }
  });

  it('answers for its test speaker only, over its temperature, and rightly', async () => {
    const set = windows();
    const { tf, model } = await train(set);
    const speakers = set.clips.map(({ speaker }) => speaker);
    const logits = heldOutLogits(heldOutPerceptrons(tf, [model]), set, speakers);
    let right = 0;
    set.clips.forEach(({ speaker, label }, index) => {
      const [anger, sadness] = logits.subarray(2 * index, 2 * index + 2);
      if (speaker !== 'x/a') expect([anger, sadness]).toEqual([Number.NaN, Number.NaN]);
      else right += Number(anger! > sadness! === (label === 'anger'));
    });
    expect(right).toBe(12);
    const twice = heldOutLogits(
      heldOutPerceptrons(tf, [{ ...model, temperature: 2 * model.temperature }]),
      set,
      speakers,
    );
    expect(twice[0]).toBeCloseTo(logits[0]! / 2, 5);
  });
});
