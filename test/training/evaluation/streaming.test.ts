import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Emotion } from '../../../src/emotions.ts';
import { interpolate } from '../../../src/streams/index.ts';
import type { Clip } from '../../../src/training/clips.ts';
import type { Contestant, Ear } from '../../../src/training/evaluation/contestant.ts';
import type { ProtocolFold } from '../../../src/training/evaluation/protocols.ts';
import { streamingFigureSet } from '../../../src/training/evaluation/streaming/figures.ts';
import { type HeardSpeaker, heardStreams } from '../../../src/training/evaluation/streaming/heard-streams.ts';
import { BARS, dominates, judge, shortfall } from '../../../src/training/evaluation/streaming/judge.ts';
import {
  atStep,
  type StreamSettings,
  scoreThreshold,
} from '../../../src/training/evaluation/streaming/stream-settings.ts';
import { summariseStreams } from '../../../src/training/evaluation/streaming/streaming-summary.ts';
import { Sweep } from '../../../src/training/evaluation/streaming/sweep.ts';
import { Random } from '../../../src/training/random.ts';
import type { StreamingMetrics } from '../../../src/training/streaming-metrics.ts';

const LABELS: readonly Emotion[] = ['anger', 'neutral', 'sadness'];
const PRESENT: StreamSettings = {
  windowMs: 2000,
  stepMs: 500,
  timeConstantMs: 2000,
  hysteresis: 0.05,
  threshold: 0.4,
  minSpeechRatio: 0.15,
  keepSpeechRatio: 0.15,
};

/** A stream of 30 s that changes every 5 s; the classifier gives the acted class `skill` more, with noise of `noise`. */
function heardSpeaker(
  name: string,
  part: HeardSpeaker['part'],
  fold: string,
  skill: number,
  noise: number,
): HeardSpeaker {
  const random = new Random(name);
  const stretches = Array.from({ length: 6 }, (_, index) => ({
    startMs: 5000 * index,
    endMs: 5000 * (index + 1),
    label: index % 3,
  }));
  const endMs = Array.from({ length: 120 }, (_, index) => 250 * (index + 1));
  const logits = Float32Array.from(
    endMs.flatMap((end) => {
      const acted = stretches.find(({ startMs, endMs: last }) => end > startMs && end <= last)!.label;
      return LABELS.map((__, label) => (label === acted ? skill : 0) + noise * random.normal());
    }),
  );
  return {
    part,
    fold,
    seed: 1,
    condition: 'clean',
    speaker: `made/${name}`,
    predicted: { endMs, speechRatio: endMs.map(() => 1), logits },
    stretches,
  };
}

const speakers = (part: HeardSpeaker['part'], skill: number, noise: number): HeardSpeaker[] =>
  ['1', '2'].flatMap((fold) =>
    [1, 2, 3].map((number) => heardSpeaker(`${part}${fold}${number}`, part, fold, skill, noise)),
  );

describe('the threshold of confidence as one of score', () => {
  it('is where the map reaches it', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 2, maxLength: 12 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 2, maxLength: 12 }),
        fc.integer({ min: 0, max: 100 }),
        (scores, accuracies, hundredths) => {
          const length = Math.min(scores.length, accuracies.length);
          const rising = (values: readonly number[]): number[] =>
            values
              .slice(0, length)
              .map((value) => value / 100)
              .sort((a, b) => a - b);
          const confidence = { score: rising(scores), accuracy: rising(accuracies) };
          const threshold = hundredths / 100;
          const score = scoreThreshold({ confidence, threshold });
          if (threshold <= confidence.accuracy[0]!) expect(score).toBe(0);
          else if (threshold > confidence.accuracy.at(-1)!) expect(score).toBe(1);
          else expect(interpolate(confidence.score, confidence.accuracy, score)).toBeCloseTo(threshold, 9);
        },
      ),
    );
  });
});

describe('a longer step', () => {
  it('leaves out the windows that are not on its grid, but for the last', () => {
    const stream = {
      endMs: [250, 500, 750, 1000, 1250, 1500, 1610],
      speechRatio: [1, 2, 3, 4, 5, 6, 7],
      logits: Float32Array.from([1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6, 7, -7]),
    };
    expect(atStep(stream, 500)).toEqual({
      endMs: [500, 1000, 1500, 1610],
      speechRatio: [2, 4, 6, 7],
      logits: Float32Array.from([2, -2, 4, -4, 6, -6, 7, -7]),
    });
    expect(atStep(stream, 250)).toEqual({ ...stream, endMs: stream.endMs });
  });
});

describe('how settings are judged', () => {
  const metrics = (followed: number, medianDelayMs: number, flipsPerMinute: number): StreamingMetrics => ({
    windows: 1,
    accuracy: 1,
    ua: 1,
    coverage: 1,
    followed,
    medianDelayMs,
    flipsPerMinute,
  });

  it('nothing is missed where all three bars are met', () => {
    expect(shortfall(metrics(BARS.followed, BARS.medianDelayMs, BARS.flipsPerMinute))).toBe(0);
    expect(shortfall(metrics(1, 0, 0))).toBe(0);
  });

  it('what is missed is a share of the bar, and endless only so much', () => {
    expect(shortfall(metrics(0.3, 2000, 2))).toBeCloseTo(0.5, 9);
    expect(shortfall(metrics(1, 3000, 2))).toBeCloseTo(0.5, 9);
    expect(shortfall(metrics(1, 0, 6))).toBeCloseTo(2, 9);
    expect(shortfall(metrics(0, Infinity, 100))).toBeCloseTo(1 + 5 + 5, 9);
  });

  it('better is better by one and worse by none', () => {
    expect(dominates(metrics(0.7, 2000, 3), metrics(0.6, 2000, 3))).toBe(true);
    expect(dominates(metrics(0.7, 2000, 4), metrics(0.6, 2000, 3))).toBe(false);
    expect(dominates(metrics(0.6, 2000, 3), metrics(0.6, 2000, 3))).toBe(false);
    expect(dominates(metrics(0.6, 2000, 3), metrics(0.6, Infinity, 3))).toBe(true);
  });

  it('a classifier that is never wrong is followed in a step, without a flip', () => {
    const perfect = speakers('test', 20, 0);
    const found = judge(perfect, { ...PRESENT, timeConstantMs: 0, threshold: 0, stepMs: 250 }, LABELS);
    expect(found).toMatchObject({ followed: 1, medianDelayMs: 250, flipsPerMinute: 0, accuracy: 1, coverage: 1 });
    // A second of smoothing delays it: the past must be outweighed.
    const slow = judge(perfect, { ...PRESENT, timeConstantMs: 1000, threshold: 0 }, LABELS);
    expect(slow.medianDelayMs).toBeGreaterThan(found.medianDelayMs);
  });
});

describe('the choice of settings', () => {
  it('makes a noisy classifier steadier than the present settings do, on streams it has not chosen on', async () => {
    const summary = await summariseStreams({
      subject: 'made up',
      protocol: 'held-out',
      labels: LABELS,
      seeds: [1],
      conditions: ['clean'],
      heard: [
        { windowMs: 1000, streams: [...speakers('validation', 0.5, 1.5), ...speakers('test', 0.5, 1.5)] },
        { windowMs: 2000, streams: [...speakers('validation', 2, 1.5), ...speakers('test', 2, 1.5)] },
      ],
      present: PRESENT,
    });
    expect(summary.chosen!.settings.windowMs).toBe(2000);
    expect(shortfall(summary.chosen!.validation)).toBeLessThan(shortfall(summary.present.validation!));
    const { present, chosen, nested } = summary.test.clean!;
    expect(chosen!.flipsPerMinute.value).toBeLessThan(present.flipsPerMinute.value);
    for (const of of [present, chosen!, nested!]) {
      expect(of.followed.low).toBeLessThanOrEqual(of.followed.value);
      expect(of.followed.high).toBeGreaterThanOrEqual(of.followed.value);
    }
    for (const { metrics } of summary.better) expect(dominates(metrics, summary.present.validation!)).toBe(true);
    for (const a of summary.frontier) {
      expect(summary.frontier.some((b) => dominates(b.metrics, a.metrics))).toBe(false);
    }
    expect(summary.curves.windowMs.map(({ settings }) => settings.windowMs)).toEqual([1000, 2000]);
    for (const { svg, name } of streamingFigureSet(summary)) {
      expect(name).toMatch(/^streaming-/);
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
      new Resvg(svg).render();
    }
  });

  it('of a fold sees the streams of that fold alone', async () => {
    const streams = [
      ...[1, 2].map((number) => heardSpeaker(`a${number}`, 'validation', '1', 20, 0)),
      ...[1, 2].map((number) => heardSpeaker(`b${number}`, 'validation', '2', 0, 1)),
    ];
    const sweep = new Sweep([{ windowMs: 2000, streams }], LABELS);
    expect(sweep.try({ ...PRESENT, threshold: 0 }, '1').metrics.accuracy).toBeGreaterThan(0.7);
    expect(sweep.try({ ...PRESENT, threshold: 0 }, '2').metrics.accuracy).toBeLessThan(0.6);
    expect(shortfall((await sweep.choose('1')).metrics)).toBe(0);
  });

  it('is none where nobody was held out: the present settings are measured alone', async () => {
    const summary = await summariseStreams({
      subject: 'made up',
      protocol: 'held-out',
      labels: LABELS,
      seeds: [1],
      conditions: ['clean'],
      heard: [{ windowMs: 2000, streams: speakers('test', 2, 1) }],
      present: PRESENT,
    });
    expect(summary).toMatchObject({ chosen: null, better: [], present: { validation: null } });
    expect(summary.test.clean).toMatchObject({ chosen: null, nested: null });
    for (const { svg } of streamingFigureSet(summary)) new Resvg(svg).render();
  });
});

describe('the streams of a fold', () => {
  const clips = (speaker: string): Clip[] =>
    LABELS.flatMap((label) =>
      Array.from({ length: 8 }, (_, number) => ({
        id: `made/${speaker}-${label}-${number}`,
        path: `${speaker}-${label}-${number}.wav`,
        corpus: 'made',
        speaker: `made/${speaker}`,
        corpusLabel: label,
        label,
      })),
    );
  const fold: ProtocolFold = { name: '1', train: clips('a'), validation: clips('b'), test: clips('c') };

  /** Says who was asked for which streams. */
  function ear(name: string, asked: string[], search?: Ear): Ear {
    return {
      labels: ['anger', 'sadness'],
      parameters: 0,
      settings: {},
      temperature: 2,
      curve: [],
      search,
      clips: async () => [],
      streams: async (streams) => {
        asked.push(...streams.map(({ speaker }) => `${name} hears ${speaker}`));
        return streams.map(({ clips: own }) => ({
          endMs: [500, 1000],
          speechRatio: [1, 1],
          logits: Float32Array.of(4, 2, 6, 8),
          spansMs: own.map((_, index): [number, number] => [1000 * index, 1000 * index + 900]),
        }));
      },
    };
  }

  it('of validation are heard by the classifier that was not trained with them, of test by the final one, once', async () => {
    const asked: string[] = [];
    let trained = 0;
    const contestant: Contestant = {
      name: 'made up',
      key: 'key',
      trained: true,
      trainedIn: [],
      prepare: async () => {},
      train: async () => {
        trained += 1;
        return ear('final', asked, ear('search', asked));
      },
    };
    const cache = mkdtempSync(join(tmpdir(), 'undertone-streams-'));
    const options = {
      contestant,
      folds: [fold],
      labels: LABELS,
      windowMs: 2000,
      seeds: [1],
      conditions: ['clean' as const],
      cache,
    };
    const heard = await heardStreams(options);
    expect(asked).toEqual(['search hears made/b', 'final hears made/c']);
    expect(heard.map(({ part, speaker }) => [part, speaker])).toEqual([
      ['validation', 'made/b'],
      ['test', 'made/c'],
    ]);
    // Over the temperature; the class that was not trained is as good as impossible.
    expect([...heard[0]!.predicted.logits]).toEqual([2, -1e4, 1, 3, -1e4, 4]);
    expect(await heardStreams(options)).toEqual(heard);
    expect(trained).toBe(1);
    await heardStreams({ ...options, seeds: [2] });
    expect(trained).toBe(2);
  });
});
