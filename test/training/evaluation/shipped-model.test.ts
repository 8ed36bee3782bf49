import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROW_LENGTH } from '../../../src/features/index.ts';
import { loadModel } from '../../../src/inference/index.ts';
import { miniSetFigures, miniSetJson, readMiniSet } from '../../../src/training/evaluation/mini-set.ts';
import type { TrainingReport } from '../../../src/training/index.ts';
import { miniSetClips } from '../../golden/mini-set-clips.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const MODEL = join(ROOT, 'models/default');
const SET = readFileSync(join(ROOT, 'test/golden/mini-set.json'), 'utf8');
const { miniSet } = JSON.parse(readFileSync(join(MODEL, 'metrics.json'), 'utf8')) as TrainingReport;
const AGAIN = 'the model was changed: npm run pin:mini-set -- models/default';

/** metrics.json has four decimals; another runtime's sums differ in the sixth. */
const NEAR = 2e-4;

describe('the shipped model on made-up clips', () => {
  const clips = readMiniSet(SET);

  it('answers as its metrics.json says', async () => {
    const model = await loadModel(MODEL);
    const found = miniSetFigures(model, clips);
    expect(miniSet, AGAIN).toBeDefined();
    expect(found.modelHash, AGAIN).toBe(miniSet!.modelHash);
    expect(found.clips).toBe(miniSet!.clips);
    expect(Object.keys(found.probabilities)).toEqual(Object.keys(miniSet!.probabilities));
    for (const [id, probabilities] of Object.entries(found.probabilities)) {
      expect(probabilities).toHaveLength(model.manifest.labels.length);
      probabilities.forEach((value, label) => {
        expect(
          Math.abs(value - miniSet!.probabilities[id]![label]!),
          `${id}, ${model.manifest.labels[label]}`,
        ).toBeLessThan(NEAR);
      });
    }
    expect(found.guesses).toEqual(miniSet!.guesses);
    model.dispose();
  });

  it('is asked about what tells models apart: no two clips are answered alike, and not all alike sure', () => {
    const rows = Object.values(miniSet!.probabilities);
    expect(new Set(rows.map(String)).size).toBe(rows.length);
    const tops = rows.map((row) => Math.max(...row));
    expect(Math.max(...tops) - Math.min(...tops)).toBeGreaterThan(0.1);
    // Nothing of it stands for how good the model is.
    for (const row of rows) expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 3);
  });

  it('would answer otherwise with other features: the test can fail', async () => {
    const model = await loadModel(MODEL);
    const louder = clips.map(({ id, hops }) => ({ id, hops: hops.map((value) => 1.05 * value) }));
    const found = miniSetFigures(model, louder);
    const moved = Object.entries(found.probabilities).filter(([id, row]) =>
      row.some((value, label) => Math.abs(value - miniSet!.probabilities[id]![label]!) > NEAR),
    );
    expect(moved).toHaveLength(clips.length);
    model.dispose();
  });
});

describe('the made-up clips', () => {
  it('are what this version hears in them', () => {
    const fresh = miniSetClips();
    const kept = readMiniSet(SET);
    expect(kept.map(({ id }) => id)).toEqual(fresh.map(({ id }) => id));
    const { scale } = JSON.parse(SET) as { readonly scale: readonly number[] };
    for (const [index, { hops }] of kept.entries()) {
      const own = fresh[index]!.hops;
      expect(hops).toHaveLength(own.length);
      let far = 0;
      hops.forEach((value, at) => {
        // Half a step of the 16 bits, and what another machine's sine may do.
        const near = Math.abs(value - own[at]!) <= scale[at % ROW_LENGTH]! + 1e-3 * Math.abs(own[at]!) + 1e-4;
        if (!near && !(Number.isNaN(value) && Number.isNaN(own[at]!))) far += 1;
      });
      // A pitch may be found an octave off where two are as good.
      expect(far / hops.length).toBeLessThan(0.002);
    }
  });

  it('are written and read with 16 bits', () => {
    const clips = [
      {
        id: 'a',
        hops: Float32Array.from({ length: 3 * ROW_LENGTH }, (_, at) => (at % 7 === 3 ? Number.NaN : Math.sin(at) * at)),
      },
    ];
    const [read] = readMiniSet(miniSetJson(clips));
    read!.hops.forEach((value, at) => {
      if (at % 7 === 3) expect(value).toBeNaN();
      else expect(Math.abs(value - clips[0]!.hops[at]!)).toBeLessThan(0.01);
    });
    expect(() => readMiniSet(miniSetJson(clips).replace(/"featureSet":"./, '"featureSet":"x'))).toThrow(
      /make it again/,
    );
  });
});
