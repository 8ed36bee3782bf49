import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ClassifierName } from '../../src/training/classifiers/classifier.ts';
import { comparisonOf, placeOf, readEvaluation } from '../../src/training/compare/comparison.ts';
import { comparisonFigure } from '../../src/training/compare/figure.ts';
import { type Comparison, comparisonPage } from '../../src/training/compare/page.ts';
import { metricsJson } from '../../src/training/evaluation/metrics-file.ts';

const DOCS = resolve(import.meta.dirname, '../../docs');
const PREDICTIONS = join(DOCS, 'comparison');
const read = (...path: readonly string[]): string => readFileSync(join(DOCS, ...path), 'utf8');

describe('docs/comparison.md', () => {
  const written = JSON.parse(read('comparison', 'comparison.json')) as Comparison;
  const recomputed: Comparison = {
    formatVersion: 1,
    command: written.command,
    protocols: written.protocols.map(({ protocol, classifiers }) =>
      comparisonOf(
        protocol,
        classifiers.map(({ classifier }) =>
          readEvaluation(placeOf(PREDICTIONS, protocol, classifier as ClassifierName)),
        ),
      ),
    ),
  };

  it('says what the predictions of each clip beside it lead to, to the last digit', () => {
    expect(metricsJson(recomputed)).toBe(read('comparison', 'comparison.json'));
    expect(comparisonPage(recomputed, (protocol) => `images/comparison-${protocol}.svg`)).toBe(read('comparison.md'));
  });

  it('shows them in its figures', () => {
    for (const of of recomputed.protocols) {
      expect(comparisonFigure(of)).toBe(read('images', `comparison-${of.protocol}.svg`));
    }
  });

  it('is of whole protocols, and every classifier was tested on every clip', () => {
    expect(
      recomputed.protocols.map(({ protocol, clips, folds, complete }) => [protocol, clips, folds, complete]),
    ).toEqual([
      // 1440 recordings, one of which RAVDESS has twice.
      ['emobox-ravdess', 1439, 6, true],
      ['emobox-emodb', 535, 5, true],
    ]);
  });
});
