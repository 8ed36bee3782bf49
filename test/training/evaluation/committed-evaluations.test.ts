import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EVALUATIONS, withTables } from '../../../scripts/evaluation-tables.ts';
import { readFolds } from '../../../src/training/evaluation/fold-record.ts';
import { checkEvaluation, METRICS, PREDICTIONS } from '../../../src/training/evaluation/metrics-file.ts';
import { protocols } from '../../../src/training/evaluation/protocols.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const HOME = join(ROOT, EVALUATIONS);
const RUNS = readdirSync(HOME).filter((name) => existsSync(join(HOME, name, METRICS)));

describe('the evaluations in the repository', () => {
  it('are there', () => {
    expect(RUNS.length).toBeGreaterThan(0);
  });

  it.each(RUNS)('%s: every number of metrics.json follows from the predictions', (name) => {
    expect(checkEvaluation(join(HOME, name))).toEqual([]);
  });

  it.each(RUNS)('%s: tests nobody whom it trained with, no clip twice, and holds out whom it chose on', (name) => {
    const folds = readFolds(join(HOME, name, PREDICTIONS));
    for (const { record, conditions } of folds) {
      const { train, validation, test } = record.speakers;
      expect(train.filter((speaker) => validation.includes(speaker))).toEqual([]);
      if (!protocols[record.protocol].speakerDependent) {
        expect(test.filter((speaker) => train.includes(speaker) || validation.includes(speaker))).toEqual([]);
      }
      for (const { rows } of conditions.values()) {
        expect(rows.filter(({ speaker }) => !test.includes(speaker))).toEqual([]);
      }
    }
    const seeds = new Set(folds.map(({ record }) => record.seed));
    for (const seed of seeds) {
      const clips = folds
        .filter(({ record }) => record.seed === seed)
        .flatMap(({ conditions }) => conditions.get('clean')!.rows.map(({ clip }) => clip));
      expect(new Set(clips).size).toBe(clips.length);
    }
  });

  it.each(RUNS)('%s: names no folder of the machine that it was made on', (name) => {
    for (const path of readdirSync(join(HOME, name), { recursive: true, encoding: 'utf8' })) {
      if (!/\.(json|csv|html|svg)$/.test(path)) continue;
      expect(readFileSync(join(HOME, name, path), 'utf8'), path).not.toMatch(/\/(work|tmp|home|root|Users)\//);
    }
  });
});

describe('the page of the evaluations', () => {
  const page = readFileSync(join(ROOT, 'docs/evaluation.md'), 'utf8');

  it('has the numbers that the predictions give: npm run docs:evaluation', () => {
    expect(withTables(page, ROOT)).toBe(page);
  });

  it('would not with a digit changed', () => {
    const changed = page.replace(
      /\*\*(\d)(\d\.\d)\*\* \(/,
      (_, first: string, rest: string) => `**${(Number(first) + 1) % 10}${rest}** (`,
    );
    expect(changed).not.toBe(page);
    expect(withTables(changed, ROOT)).not.toBe(changed);
  });
});
