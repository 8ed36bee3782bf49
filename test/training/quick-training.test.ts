import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeWav } from '../../src/audio/index.ts';
import { featureSet } from '../../src/features/index.ts';
import { loadModel } from '../../src/inference/index.ts';
import {
  type EvaluationOptions,
  runEvaluation,
  runTraining,
  type TrainingProgress,
  type TrainingResult,
} from '../../src/training/index.ts';
import { syntheticRavdess } from './synthetic-corpus.ts';

let corpus: string;
let work: string;
let result: TrainingResult;
const progress: TrainingProgress[] = [];

const onlyClean = () => Object.values(Object.values(result.report.clips)[0]!)[0]!;

const train = (name: string, seed: number): Promise<TrainingResult> =>
  runTraining({
    corpora: [`ravdess=${corpus}`],
    out: join(work, name),
    cache: join(work, 'cache'),
    quick: true,
    seed,
    workers: 0,
    onProgress: (step) => progress.push(step),
  });

beforeAll(async () => {
  corpus = await syntheticRavdess(6, 4);
  work = mkdtempSync(join(tmpdir(), 'undertone-training-'));
  result = await train('first', 1);
}, 120_000);

describe('a quick training', () => {
  it('finds more than chance in speakers that it has not heard', () => {
    const clean = onlyClean();
    expect(clean.count).toBe(6 * 3 * 4);
    expect(clean.speakers).toBe(6);
    expect(result.report.labels).toEqual(['anger', 'happiness', 'sadness']);
    // Chance is 1/3.
    expect(clean.ua).toBeGreaterThan(0.6);
  });

  it('tests every speaker once and trains no fold with those it tests or validates', () => {
    const tested = result.report.folds.flatMap(({ test }) => test);
    expect([...tested].sort()).toEqual(['01', '02', '03', '04', '05', '06'].map((actor) => `ravdess/${actor}`));
    for (const { test, validation } of result.report.folds) {
      expect(validation.length).toBeGreaterThan(0);
      expect(test.filter((speaker) => validation.includes(speaker))).toEqual([]);
    }
  });

  it('writes a model that loads, of this feature set, under a megabyte', async () => {
    const model = await loadModel(result.folder);
    expect(model.manifest.featureSet.hash).toBe(featureSet.hash);
    expect(model.manifest.training.corpora).toMatchObject([{ name: 'RAVDESS', clips: 72, speakers: 6 }]);
    expect(model.manifest.training.corpora[0]!.hours).toBeCloseTo((72 * 2) / 3600, 2);
    expect(readFileSync(join(result.folder, 'weights.bin')).length).toBeLessThan(1e6);
    model.dispose();
  });

  it('names no folder of this machine in what it writes', () => {
    for (const name of ['manifest.json', 'CARD.md', 'metrics.json', 'model.json']) {
      expect(readFileSync(join(result.folder, name), 'utf8')).not.toContain(tmpdir());
    }
    expect(result.manifest.training.command).toMatch(
      /^undertone train --corpus ravdess=\S+ --quick --seed 1 --out first$/,
    );
  });

  it('writes a card with the licence, the figures and the warning', () => {
    const card = readFileSync(join(result.folder, 'CARD.md'), 'utf8');
    expect(card).toContain('CC BY-NC-SA 4.0');
    expect(card).toContain('**not allowed**');
    expect(card).toContain((100 * onlyClean().ua).toFixed(1));
    expect(card).toContain('no model to use');
    expect(card).not.toMatch(/undefined|NaN|\[object/);
  });

  it('gives the same model for the same seed, from the cache, and another for another', async () => {
    progress.length = 0;
    const again = await train('again', 1);
    // Nothing but the last model is computed anew: features and folds are there.
    expect(new Set(progress.map(({ phase }) => phase))).toEqual(new Set(['final training']));
    expect(again.report.clips).toEqual(result.report.clips);
    expect(again.manifest.files).toEqual(result.manifest.files);
    const other = await train('other', 2);
    expect(other.manifest.files['weights.bin']).not.toBe(result.manifest.files['weights.bin']);
  }, 120_000);
});

describe('evaluating it', () => {
  const evaluation = (folder: string, more: Partial<EvaluationOptions> = {}) =>
    runEvaluation({
      protocol: 'held-out',
      subject: { model: result.folder },
      corpora: [`ravdess=${folder}`],
      cache: join(work, 'cache'),
      out: join(work, 'evaluation'),
      workers: 0,
      ...more,
    });

  it('measures clips of speakers that it has not heard, in conditions', async () => {
    const others = await syntheticRavdess(2, 4, 8);
    const { metrics } = await evaluation(others, { conditions: ['clean', 'phone'] });
    expect(Object.keys(metrics.conditions)).toEqual(['clean', 'phone']);
    expect(metrics.conditions.clean).toMatchObject({ clips: 2 * 3 * 4 });
    expect(metrics.conditions.clean!.ua.value).toBeGreaterThan(0.6);
    expect(metrics).toMatchObject({
      subject: 'first 0.1.0',
      retrained: false,
      labels: ['anger', 'happiness', 'sadness'],
    });
  });

  it('refuses speakers that it was trained with, by name', async () => {
    await expect(evaluation(corpus)).rejects.toMatchObject({
      code: 'trained-on-test-speakers',
      message: expect.stringContaining('ravdess/01, ravdess/02, ravdess/03 and 3 more'),
    });
    const mixed = await syntheticRavdess(3, 1, 6);
    await expect(evaluation(mixed)).rejects.toThrow(/\(ravdess\/06\)/);
  });
});

describe('what cannot be trained', () => {
  it.each([
    ['no corpus', [], 'usage'],
    ['an unknown corpus', ['mine=/tmp'], 'usage'],
    ['a folder that is missing', ['ravdess=/nowhere'], 'corpus-invalid'],
    ['a folder without clips', [`ravdess=${import.meta.dirname}`], 'corpus-invalid'],
  ])('says what is wrong: %s', async (_, corpora, code) => {
    await expect(runTraining({ corpora, out: join(tmpdir(), 'never') })).rejects.toMatchObject({ code });
  });

  it('says what is wrong: clips without speech', async () => {
    const silent = mkdtempSync(join(tmpdir(), 'undertone-silence-'));
    const format = { encoding: 'pcm_s16le', sampleRateHz: 16_000, channels: 1 } as const;
    for (const name of ['03-01-03-01-01-01-01', '03-01-04-01-01-01-02', '03-01-05-01-01-01-03']) {
      await writeWav(join(silent, `${name}.wav`), format, new Uint8Array(64_000));
    }
    const training = runTraining({
      corpora: [`ravdess=${silent}`],
      out: join(silent, 'model'),
      cache: join(silent, 'cache'),
      quick: true,
      workers: 0,
    });
    await expect(training).rejects.toThrow('No window of the clips holds enough speech.');
  });
});
