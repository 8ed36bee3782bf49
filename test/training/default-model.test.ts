import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EMOTIONS } from '../../src/emotions.ts';
import { featureSet } from '../../src/features/index.ts';
import { loadModel, type ModelManifest } from '../../src/inference/index.ts';
import type { TrainingReport } from '../../src/training/index.ts';

const FOLDER = resolve(import.meta.dirname, '../../models/default');
const text = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');
const manifest = JSON.parse(text('manifest.json')) as ModelManifest;
const report = JSON.parse(text('metrics.json')) as TrainingReport;
const card = text('CARD.md');

describe('the model that is shipped', () => {
  it('loads, knows all emotions and fits the features of this version', async () => {
    const model = await loadModel(FOLDER);
    expect(model.manifest.labels).toEqual(EMOTIONS);
    expect(model.manifest.featureSet).toEqual({
      name: featureSet.name,
      hash: featureSet.hash,
      length: featureSet.length,
    });
    const logits = model.predict(Float32Array.from(manifest.normalisation.mean), 1);
    expect(logits.every(Number.isFinite)).toBe(true);
    model.dispose();
    const bytes = ['model.json', 'weights.bin'].reduce((total, name) => total + statSync(join(FOLDER, name)).size, 0);
    expect(bytes).toBeLessThan(1e6);
  });

  it('is not a quick one', () => {
    expect(report.quick).toBe(false);
    expect(manifest.training.command).not.toContain('--quick');
    expect(report.folds).toHaveLength(5);
  });

  it('tests each speaker once, none that its fold trains or validates with, and claims nothing from TESS and TurEV-DB', () => {
    const tested = report.folds.flatMap(({ test }) => test);
    expect(new Set(tested).size).toBe(tested.length);
    for (const { test, validation } of report.folds) {
      expect(test.filter((speaker) => validation.includes(speaker))).toEqual([]);
    }
    expect(tested.filter((speaker) => /^(tess|turev)\//.test(speaker))).toEqual([]);
    expect(Object.keys(report.clips).sort()).toEqual(['emodb', 'nemo', 'ravdess']);
  });

  it('has figures that follow from its confusion matrices, the same in metrics, manifest and card', () => {
    for (const [corpus, conditions] of Object.entries(report.clips)) {
      expect(Object.keys(conditions)).toEqual(['clean', 'phone', 'noise-10']);
      for (const [condition, figures] of Object.entries(conditions)) {
        const { confusion } = figures;
        const recalls = confusion.flatMap((row, label) => {
          const all = row.reduce((sum, count) => sum + count, 0);
          return all > 0 ? [row[label]! / all] : [];
        });
        const ua = recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length;
        expect(figures.ua).toBeCloseTo(ua, 3);
        const right = confusion.reduce((sum, row, label) => sum + row[label]!, 0);
        expect(figures.accuracy).toBeCloseTo(right / confusion.flat().reduce((sum, count) => sum + count, 0), 3);
        expect(manifest.metrics[`${corpus}.${condition}.ua`]).toBeCloseTo(ua, 3);
        expect(card).toContain(`**${(100 * ua).toFixed(1)}**`);
      }
    }
  });

  it('hears more than chance in voices that it does not know, also over the telephone and in noise', () => {
    for (const conditions of Object.values(report.clips)) {
      for (const { ua, support } of Object.values(conditions)) {
        const chance = 1 / support.filter((count) => count > 0).length;
        expect(ua).toBeGreaterThan(2 * chance);
      }
    }
  });

  it('names the licence of each corpus, and those that forbid commercial use', () => {
    for (const { name, licence } of manifest.training.corpora) {
      expect(card).toContain(`| ${name} |`);
      expect(card).toContain(licence);
    }
    expect(card).toMatch(/forbid commercial use/);
  });

  it('names no folder of the machine that it was made on', () => {
    for (const name of ['manifest.json', 'metrics.json', 'CARD.md', 'model.json']) {
      expect(text(name)).not.toMatch(/\/(work|tmp|home|root|Users)\//);
    }
  });
});
