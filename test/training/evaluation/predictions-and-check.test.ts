import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { type FoldRecord, readFolds, writePredictions } from '../../../src/training/evaluation/fold-record.ts';
import {
  checkEvaluation,
  differencesFrom,
  METRICS,
  metricsJson,
  PREDICTIONS,
  recomputed,
} from '../../../src/training/evaluation/metrics-file.ts';
import { type ClipPrediction, parsePredictions, predictionsCsv } from '../../../src/training/evaluation/predictions.ts';
import { figuresOf, tallyOf } from '../../../src/training/evaluation/tally.ts';
import type { ClassLabel } from '../../../src/training/labels.ts';
import { classificationMetrics, reliability } from '../../../src/training/metrics.ts';
import { Random } from '../../../src/training/random.ts';

const LABELS: readonly ClassLabel[] = ['anger', 'neutral', 'calm'];

function rows(seed: string, speakers: readonly string[]): ClipPrediction[] {
  const random = new Random(seed);
  return speakers.flatMap((speaker) =>
    Array.from({ length: 12 }, (_, clip): ClipPrediction => {
      const raw = LABELS.map(() => random.next());
      const whole = raw.reduce((sum, value) => sum + value, 0);
      const probabilities = raw.map((value) => value / whole);
      return {
        clip: `${speaker}-${clip}`,
        speaker,
        gender: speaker.endsWith('2') ? 'female' : 'male',
        truth: LABELS[clip % 3]!,
        guess: LABELS[probabilities.indexOf(Math.max(...probabilities))]!,
        probabilities,
      };
    }),
  );
}

const record = (fold: string, seed: number): FoldRecord => ({
  protocol: 'emobox-ravdess',
  fold,
  folds: 2,
  seed,
  subject: 'mlp',
  configuration: 'configuration',
  settingsHash: `${fold} ${seed}`,
  trained: true,
  labels: LABELS,
  speakers: { train: ['ravdess/09'], validation: [], test: [] },
  clips: { train: 10, validation: 0, test: 24 },
  trainedIn: ['clean'],
  parameters: 1000,
  settings: { epochs: 7 },
  temperature: 1.25,
  curve: [{ loss: 2, ua: 0.3 }, { loss: 1.5 }],
  trainingSeconds: 3.25,
  predictions: {},
});

describe('predictions as CSV', () => {
  const predictions = { labels: LABELS, rows: rows('csv', ['ravdess/01', 'ravdess/02']) };

  it('have a row per clip, to the byte', () => {
    const [head, first] = predictionsCsv({
      labels: ['anger', 'calm'],
      rows: [
        {
          clip: 'csv/a "b",c',
          speaker: 'csv/1',
          gender: '',
          truth: 'calm',
          guess: 'anger',
          probabilities: [0.7500049, 0.2499951],
        },
      ],
    }).split('\n');
    expect(head).toBe('clip,speaker,gender,truth,guess,p.anger,p.calm');
    expect(first).toBe('"csv/a ""b"",c",csv/1,,calm,anger,0.75000,0.25000');
  });

  it('are read back as they were written, but for the sixth decimal, whatever clips are called', () => {
    const read = parsePredictions(predictionsCsv(predictions), 'x.csv');
    expect(read.labels).toEqual(LABELS);
    read.rows.forEach((row, index) => {
      const { probabilities, ...rest } = row;
      const { probabilities: before, ...own } = predictions.rows[index]!;
      expect(rest).toEqual(own);
      for (const [at, value] of probabilities.entries()) expect(Math.abs(value - before[at]!)).toBeLessThan(5.1e-6);
    });
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1 }), (clips) => {
        const named = clips.map((clip) => ({ ...predictions.rows[0]!, clip }));
        const again = parsePredictions(predictionsCsv({ labels: LABELS, rows: named }), 'x.csv');
        expect(again.rows.map(({ clip }) => clip)).toEqual(clips);
      }),
    );
  });

  it.each<[string, (text: string) => string, RegExp]>([
    ['no classes', () => 'clip,speaker,gender,truth,guess\n', /line 1/],
    ['nothing', () => '', /line 1/],
    ['a class that is none', (text) => text.replace(',calm,', ',bored,'), /a class that does not exist/],
    ['a gender that is none', (text) => text.replace(',male,', ',m,'), /the gender "m"/],
    ['a guess that is not the most probable', (text) => swapGuess(text), /is not the most probable class/],
    ['probabilities that are none', (text) => text.replace(/0\.\d+\n/, '0.9\n'), /sum to/],
    ['a row that is too short', (text) => text.replace(/,0\.\d+\n/, '\n'), /2 probabilities of 3 classes/],
  ])('are refused with %s', (_, spoil, what) => {
    expect(() => parsePredictions(spoil(predictionsCsv(predictions)), 'x.csv')).toThrow(what);
  });
});

/** The first row's guess becomes another class. */
function swapGuess(text: string): string {
  const [head, first, ...rest] = text.split('\n');
  const cells = first!.split(',');
  cells[4] = LABELS.find((label) => label !== cells[4])!;
  return [head, cells.join(','), ...rest].join('\n');
}

describe('a folder of an evaluation', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'undertone-evaluation-'));
    for (const seed of [1, 2]) {
      for (const [fold, speakers] of [
        ['1', ['ravdess/01', 'ravdess/02']],
        ['2', ['ravdess/11', 'ravdess/12']],
      ] as const) {
        const clean = writePredictions(join(folder, PREDICTIONS), record(fold, seed), 'clean', {
          labels: LABELS,
          rows: rows(`${seed} ${fold}`, speakers),
        });
        writePredictions(join(folder, PREDICTIONS), clean, 'phone', {
          labels: LABELS,
          rows: rows(`${seed} ${fold} phone`, speakers),
        });
      }
    }
    writeFileSync(join(folder, METRICS), metricsJson(recomputed(folder)));
  });

  const spoil = (name: string, from: string | RegExp, to: string): void => {
    const path = join(folder, name);
    const text = readFileSync(path, 'utf8');
    const spoilt = text.replace(from, to);
    expect(spoilt).not.toBe(text);
    writeFileSync(path, spoilt);
  };

  it('is named by protocol, fold, seed and condition', () => {
    expect(readdirSync(join(folder, PREDICTIONS)).sort()).toEqual(
      ['1-1', '1-2', '2-1', '2-2'].flatMap((name) =>
        ['csv', 'json', 'phone.csv'].map((ending) => `emobox-ravdess-${name}.${ending}`),
      ),
    );
    expect(readFolds(join(folder, PREDICTIONS)).map(({ record: { fold, seed } }) => [fold, seed])).toEqual([
      ['1', 1],
      ['1', 2],
      ['2', 1],
      ['2', 2],
    ]);
  });

  it('says how many test clips have no prediction', () => {
    expect(recomputed(folder).conditions.clean!.missing).toBe(0);
    const [first] = readFolds(join(folder, PREDICTIONS));
    writePredictions(
      join(folder, PREDICTIONS),
      { ...first!.record, clips: { train: 10, validation: 0, test: 31 } },
      'clean',
      first!.conditions.get('clean')!,
    );
    expect(recomputed(folder).conditions.clean!.missing).toBe(7);
  });

  it('may have folds that are called anything', () => {
    const odd = mkdtempSync(join(tmpdir(), 'undertone-odd-'));
    writePredictions(odd, { ...record('../a/b "c"', 1), folds: 1 }, 'clean', {
      labels: LABELS,
      rows: rows('x', ['csv/1']),
    });
    expect(readdirSync(odd)).toHaveLength(2);
    expect(readFolds(odd)[0]!.record.fold).toBe('../a/b "c"');
  });

  it('passes the check as it was written', () => {
    expect(checkEvaluation(folder)).toEqual([]);
  });

  it('does not pass with any digit of metrics.json changed', () => {
    const text = readFileSync(join(folder, METRICS), 'utf8');
    const digits = [...text.matchAll(/\d/g)].map(({ index }) => index);
    const random = new Random('digits');
    const metrics = recomputed(folder);
    for (let trial = 0; trial < 300; trial++) {
      const at = digits[random.index(digits.length)]!;
      const changed = text.slice(0, at) + String((Number(text[at]) + 1) % 10) + text.slice(at + 1);
      let value: unknown;
      try {
        value = JSON.parse(changed);
      } catch {
        continue; // 0.5 became 1… or 05: not JSON, which is refused for itself
      }
      // A digit within a text is one of a speaker or a seed: they are checked alike.
      if (JSON.stringify(value) === JSON.stringify(JSON.parse(text))) continue;
      expect(differencesFrom(metrics, value).length, changed.slice(at - 40, at + 20)).toBeGreaterThan(0);
    }
  });

  it('says which number it is, what stands there, and what it should be', () => {
    const right = recomputed(folder).conditions.clean!.ua.value;
    spoil(METRICS, /("clean": \{\s+"clips": \d+,\s+"missing": \d+,\s+"ua": \{ "value": )[\d.]+/, '$10.987654');
    expect(checkEvaluation(folder)).toEqual([
      { path: 'conditions.clean.ua.value', written: 0.987654, recomputed: Number(right.toFixed(6)) },
    ]);
  });

  it('does not pass where a number is missing, or one is there that has no source', () => {
    spoil(METRICS, '"complete": true,', '');
    spoil(METRICS, '"formatVersion": 1,', '"formatVersion": 1, "best": 0.99,');
    expect(
      checkEvaluation(folder)
        .map(({ path }) => path)
        .sort(),
    ).toEqual(['best', 'complete']);
  });

  it('is refused where a prediction was changed', () => {
    spoil(join(PREDICTIONS, 'emobox-ravdess-2-1.csv'), /,male,anger,/, ',male,calm,');
    expect(() => checkEvaluation(folder)).toThrow(/emobox-ravdess-2-1\.csv cannot be read: it is not what/);
  });

  it('does not pass where a prediction was changed with its hash', () => {
    const [first] = readFolds(join(folder, PREDICTIONS));
    const clean = first!.conditions.get('clean')!;
    const [row, ...rest] = clean.rows;
    const other = LABELS.find((label) => label !== row!.truth)!;
    writePredictions(join(folder, PREDICTIONS), first!.record, 'clean', {
      labels: clean.labels,
      rows: [{ ...row!, truth: other }, ...rest],
    });
    expect(checkEvaluation(folder).map(({ path }) => path)).toContain('conditions.clean.ua.value');
  });

  it('does not pass where a fold was taken away', () => {
    for (const seed of [1, 2]) rmSync(join(folder, PREDICTIONS, `emobox-ravdess-2-${seed}.json`));
    expect(checkEvaluation(folder).map(({ path }) => path)).toContain('complete');
  });

  it('is refused where its folds are of several settings, or one lacks a seed', () => {
    writePredictions(join(folder, PREDICTIONS), { ...record('3', 1), configuration: 'other' }, 'clean', {
      labels: LABELS,
      rows: rows('x', ['ravdess/05']),
    });
    expect(() => recomputed(folder)).toThrow(/several settings/);
    writePredictions(join(folder, PREDICTIONS), record('3', 1), 'clean', {
      labels: LABELS,
      rows: rows('x', ['ravdess/05']),
    });
    expect(() => recomputed(folder)).toThrow(/lacks one of the seeds/);
  });

  it('says what is missing', () => {
    expect(() => checkEvaluation(join(folder, 'nowhere'))).toThrow(/metrics\.json does not exist/);
    writeFileSync(join(folder, METRICS), '{');
    expect(() => checkEvaluation(folder)).toThrow(/it is not JSON/);
    expect(() => readFolds(join(folder, 'nowhere'))).toThrow(/does not exist/);
  });
});

describe('figures of counts', () => {
  it('are those of the clips one by one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(2), fc.nat(2), fc.integer({ min: 34_000, max: 99_999 })), { minLength: 1 }),
        (clips) => {
          const predictions = clips.map(([truth, guess, score], index): ClipPrediction => {
            const rest = (1 - score / 1e5) / 2;
            return {
              clip: String(index),
              speaker: 's',
              gender: '',
              truth: LABELS[truth]!,
              guess: LABELS[guess]!,
              probabilities: LABELS.map((_, label) => (label === guess ? score / 1e5 : rest)),
            };
          });
          const figures = figuresOf(tallyOf(predictions, LABELS));
          const truth = clips.map(([of]) => of);
          const guess = clips.map(([, of]) => of);
          const expected = classificationMetrics(truth, guess, 3);
          expect(figures.accuracy).toBeCloseTo(expected.accuracy, 12);
          expect(figures.ua).toBeCloseTo(expected.ua, 12);
          expect(figures.macroF1).toBeCloseTo(expected.macroF1, 12);
          expect(figures.weightedF1).toBeCloseTo(expected.weightedF1, 12);
          expect(figures.precision).toEqual(expected.precision);
          const { ece } = reliability(
            clips.map(([, , score]) => score / 1e5),
            clips.map(([of, as]) => of === as),
          );
          expect(figures.ece).toBeCloseTo(ece, 12);
        },
      ),
    );
  });
});
