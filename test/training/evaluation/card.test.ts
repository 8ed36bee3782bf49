import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { carbonText } from '../../../src/training/evaluation/card-sections.ts';
import { writePredictions } from '../../../src/training/evaluation/fold-record.ts';
import { METRICS, metricsJson, PREDICTIONS, recomputed } from '../../../src/training/evaluation/metrics-file.ts';
import { writeCard } from '../../../src/training/index.ts';
import { madeUpFolds } from './made-up-metrics.ts';

const SHIPPED = resolve(import.meta.dirname, '../../../models/default');
let home: string;
let card: string;

/** An evaluation of made-up predictions, in its own folder. */
function evaluation(name: string, subject: string): void {
  const folder = join(home, 'evaluations', name);
  for (const { record, conditions } of madeUpFolds()) {
    let kept = { ...record, subject };
    for (const [condition, predictions] of conditions) {
      kept = writePredictions(join(folder, PREDICTIONS), kept, condition, predictions);
    }
  }
  writeFileSync(join(folder, METRICS), metricsJson(recomputed(folder)));
}

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'undertone-card-'));
  mkdirSync(join(home, 'model'));
  for (const name of ['manifest.json', 'metrics.json']) cpSync(join(SHIPPED, name), join(home, 'model', name));
  const { kind = 'functionals' } = JSON.parse(readFileSync(join(SHIPPED, 'manifest.json'), 'utf8'));
  evaluation('own', kind === 'functionals' ? 'mlp' : 'sequence');
  evaluation('other', 'random-forest');
  card = readFileSync(writeCard(join(home, 'model'), join(home, 'evaluations')), 'utf8');
});

describe('a model card with evaluations', () => {
  it('has what one needs to judge a model', () => {
    for (const heading of [
      '## For what, and for what not',
      '## Data and licences',
      '## By protocol',
      '### By class',
      '### By group',
      '## Streams',
      '## Limits',
      '## Training',
    ]) {
      expect(card).toContain(heading);
    }
    expect(card).toMatch(/g CO₂e/);
    expect(card).toContain('undertone train --corpus');
    expect(card).not.toMatch(/undefined|NaN|\[object|Infinity/);
    expect(card).not.toContain(tmpdir());
  });

  it('has figures with their intervals, computed from the predictions beside it', () => {
    const { conditions } = recomputed(join(home, 'evaluations', 'own'));
    for (const of of Object.values(conditions)) {
      const [value, low, high] = [of.ua.value, of.ua.low, of.ua.high].map((share) => (100 * share).toFixed(1));
      expect(card).toContain(`**${value}** (${low}–${high})`);
    }
    const [female] = conditions.clean!.genders;
    expect(card).toContain(`${(100 * female!.ua.value).toFixed(1)} (${(100 * female!.ua.low).toFixed(1)}–`);
    expect(card).toContain('[../evaluations/own](../evaluations/own/metrics.json)');
  });

  it('claims nothing from the evaluation of another classifier', () => {
    expect(card).not.toContain('random-forest');
    expect(card).not.toContain('evaluations/other');
  });

  it('is the same whoever writes it again', () => {
    expect(readFileSync(writeCard(join(home, 'model'), join(home, 'evaluations')), 'utf8')).toBe(card);
  });

  it('says what is missing', () => {
    expect(() => writeCard(join(home, 'nowhere'))).toThrow(/manifest\.json does not exist/);
    expect(() => writeCard(join(home, 'model'), join(home, 'nowhere'))).toThrow(/nowhere does not exist/);
  });
});

describe('the carbon of a training', () => {
  it('is its minutes by 15 W a core and 480 g a kWh', () => {
    // 10 h on a core: 150 Wh, 72 g.
    expect(carbonText(600)).toMatch(/^about 150 Wh and 72 g CO₂e/);
    expect(carbonText(1)).toMatch(/^about 0\.25 Wh and 0\.12 g CO₂e/);
  });
});
