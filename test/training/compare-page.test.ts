import { describe, expect, it } from 'vitest';
import type { ComparedClassifier } from '../../src/training/compare/comparison.ts';
import { comparisonFigure } from '../../src/training/compare/figure.ts';
import { type Comparison, comparisonPage, comparisonText } from '../../src/training/compare/page.ts';

const about = (value: number) => ({ value, low: value - 0.05, high: value + 0.025 });

const compared = (overrides: Partial<ComparedClassifier>): ComparedClassifier => ({
  classifier: 'svm',
  seeds: [1],
  trainedIn: ['clean'],
  ua: about(0.7),
  accuracy: about(0.71),
  macroPrecision: about(0.72),
  macroRecall: about(0.69),
  macroF1: about(0.68),
  ece: about(0.0456),
  toBest: null,
  parameters: 1234567,
  trainingCpuSeconds: 12.345,
  predictionMicroseconds: 1234.5,
  settings: [
    { fold: '1', seed: 1, settings: { cost: 4, gamma: 0.25 } },
    { fold: '2', seed: 1, settings: { cost: 1, gamma: 1 } },
  ],
  ...overrides,
});

const comparison: Comparison = {
  formatVersion: 1,
  command: 'undertone compare --corpus emodb=EmoDB',
  protocols: [
    {
      protocol: 'emobox-emodb',
      labels: ['anger', 'fear', 'neutral', 'boredom'],
      folds: 5,
      complete: true,
      clips: 535,
      speakers: 10,
      classifiers: [
        compared({}),
        compared({
          classifier: 'logistic-regression',
          ua: about(0.6549),
          toBest: { value: -0.0451, low: -0.09, high: 0.01 },
          parameters: 519,
          trainingCpuSeconds: null,
          predictionMicroseconds: null,
          settings: [{ fold: '1', seed: 1, settings: {} }],
        }),
      ],
    },
  ],
};

const cells = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

describe('the page of a comparison', () => {
  const page = comparisonPage(comparison, (protocol) => `images/${protocol}.svg`);
  const rows = page.split('\n').filter((line) => line.startsWith('| '));

  it('has a row per classifier, figures in per cent with their intervals', () => {
    expect(cells(rows[2]!)).toEqual([
      'svm',
      '**70.0** (65.0 to 72.5)',
      '',
      '71.0 (66.0 to 73.5)',
      '72.0 (67.0 to 74.5)',
      '69.0 (64.0 to 71.5)',
      '68.0 (63.0 to 70.5)',
      '0.046',
      '1,234,567',
      '12 s',
      '1235 µs',
    ]);
    // Less by 4.5, from 1.0 more to 9.0 less.
    expect(cells(rows[3]!).slice(0, 3)).toEqual([
      'logistic-regression',
      '**65.5** (60.5 to 68.0)',
      '4.5 (-1.0 to 9.0)',
    ]);
    expect(cells(rows[3]!).slice(-2)).toEqual(['', '']);
    for (const row of rows.slice(0, 4)) expect(cells(row)).toHaveLength(11);
  });

  it('says what was measured, what was chosen, and the command', () => {
    expect(page).toContain(
      '535 test clips of 10 speakers, 4 classes (anger, fear, neutral, boredom), 5 folds; trained with clips clean; seed 1.',
    );
    expect(page).toContain('By chance UA is 25.0.');
    expect(page).toContain('](images/emobox-emodb.svg)');
    expect(page).toContain('```\nundertone compare --corpus emodb=EmoDB\n```');
    expect(page).toContain('| svm | cost 4, gamma 0.25; cost 1, gamma 1 |');
    expect(page).toContain('| logistic-regression | nothing |');
    expect(page).not.toContain('Not all folds');
  });

  it('says of each what it was trained with where they differ', () => {
    const [only] = comparison.protocols;
    const other = compared({ classifier: 'sequence', seeds: [1, 2], trainedIn: ['clean', 'varied'] });
    const mixed = { ...comparison, protocols: [{ ...only!, classifiers: [other, ...only!.classifiers] }] };
    const lines = comparisonPage(mixed, () => '').split('\n');
    expect(lines.filter((line) => line.startsWith('| ')).map((line) => cells(line)[11])).toEqual([
      'trained with',
      '---',
      'clips clean, varied; seeds 1, 2',
      'clips clean; seed 1',
      'clips clean; seed 1',
      ...lines
        .filter((line) => line.startsWith('| '))
        .slice(5)
        .map(() => undefined),
    ]);
    expect(lines.join('\n')).toContain('5 folds. By chance');
  });

  it('warns where folds lack', () => {
    const [only] = comparison.protocols;
    const part = { ...comparison, protocols: [{ ...only!, complete: false }] };
    expect(comparisonPage(part, () => '')).toContain('**Not all folds are in it');
    expect(comparisonText(part)).toMatch(/^emobox-emodb \(not all folds\)\n/);
  });
});

describe('the table in a terminal', () => {
  it('is aligned, figures to the right', () => {
    expect(comparisonText(comparison)).toBe(
      [
        'emobox-emodb',
        'classifier             UA          95 %  accuracy  precision  recall    F1  parameters  training  a window',
        'svm                  70.0  65.0 to 72.5      71.0       72.0    69.0  68.0   1,234,567      12 s   1235 µs',
        'logistic-regression  65.5  60.5 to 68.0      71.0       72.0    69.0  68.0         519                    ',
        '',
      ].join('\n'),
    );
  });
});

describe('the figure', () => {
  it('shows each classifier, its UA and interval, and chance, and tells them to who does not see it', () => {
    const svg = comparisonFigure(comparison.protocols[0]!);
    expect(svg).toContain('<desc>svm: UA 70.0 %; logistic-regression: UA 65.5 %</desc>');
    expect(svg).toContain('logistic-regression: UA 65.5 %, 95 % from 60.5 % to 68.0 %');
    const marks = [...svg.matchAll(/<circle cx="([\d.]+)"/g)].map(([, x]) => Number(x));
    const zero = Number(/x="([\d.]+)"[^>]*>0 %</.exec(svg)![1]);
    const whole = Number(/x="([\d.]+)"[^>]*>100 %</.exec(svg)![1]);
    expect((marks[0]! - zero) / (whole - zero)).toBeCloseTo(0.7, 3);
    expect((marks[1]! - zero) / (whole - zero)).toBeCloseTo(0.6549, 3);
    const chance = Number(/x="([\d.]+)"[^>]*>chance</.exec(svg)![1]);
    expect((chance - zero) / (whole - zero)).toBeCloseTo(0.25, 3);
  });
});
