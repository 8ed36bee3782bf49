import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadModel } from '../../../src/inference/index.ts';
import { runEvaluation, runTraining, type TrainingResult } from '../../../src/training/index.ts';
import { syntheticRavdess } from '../synthetic-corpus.ts';

let corpus: string;
let work: string;
let result: TrainingResult;

const train = (name: string, seed = 1): Promise<TrainingResult> =>
  runTraining({
    corpora: [`ravdess=${corpus}`],
    classifier: 'sequence',
    out: join(work, name),
    cache: join(work, 'cache'),
    quick: true,
    seed,
    workers: 0,
  });

beforeAll(async () => {
  corpus = await syntheticRavdess(6, 4);
  work = mkdtempSync(join(tmpdir(), 'undertone-sequence-training-'));
  result = await train('first');
}, 120_000);

describe('a quick training of a sequence network', () => {
  it('finds more than chance in speakers that it has not heard', () => {
    const clean = Object.values(Object.values(result.report.clips)[0]!)[0]!;
    expect(clean.count).toBe(6 * 3 * 4);
    // Chance is 1/3.
    expect(clean.ua).toBeGreaterThan(0.6);
  });

  it('tests every speaker once', () => {
    const tested = result.report.folds.flatMap(({ test }) => test);
    expect([...tested].sort()).toEqual(['01', '02', '03', '04', '05', '06'].map((actor) => `ravdess/${actor}`));
  });

  it('writes a model of kind sequence that loads, and says what it is', async () => {
    const model = await loadModel(result.folder);
    expect(model.manifest.kind).toBe('sequence');
    expect(model.manifest.training.command).toContain('--classifier sequence');
    expect(statSync(join(result.folder, 'weights.bin')).size).toBe(4 * result.report.parameters);
    const card = readFileSync(join(result.folder, 'CARD.md'), 'utf8');
    expect(card).toContain('25 frames a second');
    expect(card).toContain('the mean of 1 such networks');
  });

  it('gives the same model again from what it kept, and another with another seed', async () => {
    const bytes = (folder: string): Buffer => readFileSync(join(folder, 'weights.bin'));
    const again = await train('again');
    expect(bytes(again.folder).equals(bytes(result.folder))).toBe(true);
    const other = await train('other', 2);
    expect(bytes(other.folder).equals(bytes(result.folder))).toBe(false);
  });

  it('is measured as it is, through its own hops', async () => {
    const evaluated = await runEvaluation({
      protocol: 'held-out',
      corpora: [`ravdess=${await syntheticRavdess(4, 3, 40)}`],
      subject: { model: result.folder },
      cache: join(work, 'cache'),
      out: join(work, 'evaluation'),
      workers: 0,
    });
    expect(evaluated.metrics).toBeDefined();
  });

  it('is one of the classifiers that are trained for each fold of a protocol', async () => {
    const evaluated = await runEvaluation({
      protocol: 'held-out',
      corpora: [`ravdess=${corpus}`],
      subject: { classifier: 'sequence' },
      plain: true,
      quick: true,
      cache: join(work, 'cache'),
      out: join(work, 'protocol'),
      workers: 0,
    });
    expect(JSON.stringify(evaluated.metrics)).toContain('sequence');
  }, 240_000);

  it('refuses a classifier that cannot be served', async () => {
    await expect(
      runTraining({ corpora: [`ravdess=${corpus}`], classifier: 'svm', out: join(work, 'none') }),
    ).rejects.toMatchObject({ code: 'usage' });
  });
});
