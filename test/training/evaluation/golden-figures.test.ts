import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Interval } from '../../../src/training/evaluation/bootstrap.ts';
import { clipLoss, clipTemperature } from '../../../src/training/evaluation/clip-temperature.ts';
import type { FoldRecord, MeasuredFold } from '../../../src/training/evaluation/fold-record.ts';
import type { Predictions } from '../../../src/training/evaluation/predictions.ts';
import type { ProtocolName } from '../../../src/training/evaluation/protocols.ts';
import { type ConditionMetrics, type PooledFigure, summarise } from '../../../src/training/evaluation/summary.ts';
import { highest } from '../../../src/training/fit.ts';
import type { ClassLabel } from '../../../src/training/labels.ts';
import { type StreamingMetrics, type Stretch, streamingMetrics } from '../../../src/training/streaming-metrics.ts';

// From numpy and scipy: scripts/golden-evaluation.py.
interface Golden {
  readonly labels: readonly ClassLabel[];
  readonly apart: GoldenEvaluation;
  readonly shared: GoldenEvaluation;
  readonly temperature: {
    readonly clips: readonly { readonly truth: number; readonly logits: number[][]; readonly speech: number[] }[];
    readonly temperature: number;
    readonly loss: number;
  };
  readonly streaming: {
    readonly streams: readonly {
      readonly endMs: readonly number[];
      readonly labels: readonly number[];
      readonly stretches: readonly Stretch[];
    }[];
    readonly figures: StreamingMetrics;
  };
}

interface GoldenEvaluation {
  readonly rows: readonly {
    readonly fold: string;
    readonly seed: number;
    readonly clip: string;
    readonly speaker: string;
    readonly gender: 'female' | 'male';
    readonly truth: number;
    readonly p: readonly number[];
  }[];
  readonly figures: {
    readonly ua: Interval;
    readonly uaBySeed: readonly number[];
    readonly pooled: Readonly<Record<PooledFigure, Interval>>;
    readonly classes: readonly Readonly<Record<'precision' | 'recall' | 'f1', Interval>>[];
    readonly units: readonly Interval[];
    readonly genders: Readonly<Record<string, Interval>>;
    readonly confusion: readonly (readonly number[])[];
    readonly spread: ConditionMetrics['speakerSpread'];
    readonly coverage: ConditionMetrics['coverage'];
  };
}

const golden = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../golden/evaluation.json'), 'utf8')) as Golden;

function measured(rows: GoldenEvaluation['rows'], protocol: ProtocolName): MeasuredFold[] {
  const names = [...new Set(rows.map(({ fold, seed }) => `${seed} ${fold}`))];
  return names.map((name) => {
    const own = rows.filter(({ fold, seed }) => `${seed} ${fold}` === name);
    const record: FoldRecord = {
      protocol,
      fold: own[0]!.fold,
      folds: names.length / 2,
      seed: own[0]!.seed,
      subject: 'mlp',
      configuration: 'c',
      settingsHash: name,
      trained: true,
      labels: golden.labels,
      speakers: { train: [], validation: [], test: [] },
      clips: { train: 0, validation: 0, test: own.length },
      trainedIn: ['clean'],
      parameters: 1,
      settings: {},
      temperature: 1,
      curve: [],
      trainingSeconds: 0,
      predictions: { clean: '' },
    };
    const predictions: Predictions = {
      labels: golden.labels,
      rows: own.map(({ clip, speaker, gender, truth, p }) => ({
        clip,
        speaker,
        gender,
        truth: golden.labels[truth]!,
        guess: golden.labels[highest(p, 0, p.length)]!,
        probabilities: p,
      })),
    };
    return { record, conditions: new Map([['clean', predictions]]) };
  });
}

/** To nine decimals, everywhere. */
function expectClose(found: unknown, expected: unknown, path = ''): void {
  if (typeof expected === 'number') {
    expect(found, path).toBeCloseTo(expected, 9);
    return;
  }
  expect(Object.keys(found as object).sort(), path).toEqual(Object.keys(expected as object).sort());
  for (const [key, value] of Object.entries(expected as object)) {
    expectClose((found as Record<string, unknown>)[key], value, `${path}.${key}`);
  }
}

describe.each([
  // Speakers are drawn within their fold …
  ['folds that share no speaker', golden.apart, 'emobox-ravdess'],
  // … or, where all folds have all speakers, once for all of them.
  ['folds that share their speakers', golden.shared, 'emobox-emodb'],
] as const)('figures of %s', (_, { rows, figures }, protocol) => {
  const metrics = summarise(measured(rows, protocol));
  const clean = metrics.conditions.clean!;

  it('the headline is the mean of the folds, with its interval and each seed', () => {
    expectClose(clean.ua, figures.ua);
    expectClose(
      clean.uaBySeed.map(({ ua }) => ua),
      figures.uaBySeed,
    );
    expectClose(
      clean.uaByUnit.map(({ ua }) => ua),
      figures.units,
    );
    expect(clean.ua.low).toBeLessThan(clean.ua.value);
    expect(clean.ua.high).toBeGreaterThan(clean.ua.value);
  });

  it('accuracy, UA, precision, F1 and calibration error of all clips, with their intervals', () => {
    expectClose(clean.pooled, figures.pooled);
  });

  it('precision, recall and F1 of each class, with their intervals', () => {
    expectClose(
      clean.classes.map(({ precision, recall, f1 }) => ({ precision, recall, f1 })),
      figures.classes,
    );
    expect(clean.classes.map(({ support }) => 2 * support)).toEqual(
      clean.confusion.map((row) => row.reduce((sum, count) => sum + count, 0)),
    );
  });

  it('who was taken for whom, by gender, by speaker', () => {
    expect(clean.confusion).toEqual(figures.confusion);
    expectClose(Object.fromEntries(clean.genders.map(({ gender, ua }) => [gender, ua])), figures.genders);
    expectClose(clean.speakerSpread, figures.spread);
    expect(clean.speakers.map(({ ua }) => ua).sort()[0]).toBeCloseTo(figures.spread.lowest, 9);
  });

  it('accuracy against coverage', () => {
    expectClose(clean.coverage, figures.coverage);
  });

  it('bins of confidence hold each clip once', () => {
    expect(clean.reliability.map(({ clips }) => clips).reduce((sum, clips) => sum + clips, 0)).toBe(rows.length);
    expect(clean.clips).toBe(rows.length / 2);
  });
});

describe('the temperature of whole clips', () => {
  const clips = golden.temperature.clips.map(({ truth, logits, speech }) => ({
    truth,
    stream: {
      endMs: speech.map((_, index) => 500 * index),
      speechRatio: speech,
      logits: Float32Array.from(logits.flat()),
    },
  }));

  it('makes the true classes most likely', () => {
    const found = clipTemperature(clips, golden.labels.length);
    expect(found).toBeCloseTo(golden.temperature.temperature, 2);
    expect(clipLoss(clips, golden.labels.length, golden.temperature.temperature)).toBeCloseTo(
      golden.temperature.loss,
      5,
    );
    expect(clipLoss(clips, golden.labels.length, found)).toBeCloseTo(golden.temperature.loss, 6);
  });

  it('is 1 where there is nothing to find it on', () => {
    expect(clipTemperature([], 4)).toBe(1);
  });
});

describe('figures of a live timeline', () => {
  it('are those of the labels, window by window', () => {
    const judged = golden.streaming.streams.map(({ endMs, labels, stretches }) => ({
      endMs,
      stretches,
      decisions: labels.map((label) => ({
        label,
        top: Math.max(0, label),
        reason: undefined,
        score: 1,
        confidence: 1,
      })),
    }));
    expectClose(streamingMetrics(judged, 3), golden.streaming.figures);
  });
});
