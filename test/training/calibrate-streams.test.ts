import { describe, expect, it } from 'vitest';
import type { Emotion } from '../../src/emotions.ts';
import { calibrateStreams, type HeldOutStream } from '../../src/training/calibrate-streams.ts';
import { shortfall } from '../../src/training/evaluation/streaming/judge.ts';
import { Random } from '../../src/training/random.ts';

const LABELS: readonly Emotion[] = ['anger', 'neutral', 'sadness'];
const GRID = { windowMs: 3000, stepMs: 500 };
const SPEECH = { minSpeechRatio: 0.25, keepSpeechRatio: 0.1 };

/** A minute that changes every 12 s, with a pause of little speech after every third second; right more often than not. */
function heldOut(name: string, fold: number): HeldOutStream {
  const random = new Random(name);
  const stretches = Array.from({ length: 5 }, (_, index) => ({
    startMs: 12_000 * index,
    endMs: 12_000 * (index + 1),
    label: index % 3,
  }));
  const endMs = Array.from({ length: 120 }, (_, index) => 500 * (index + 1));
  const logits = endMs.flatMap((end) => {
    const acted = stretches.find(({ startMs, endMs: last }) => end > startMs && end <= last)!.label;
    return LABELS.map((_, label) => (label === acted ? 1.2 : 0) + random.normal());
  });
  return {
    condition: 'clean',
    corpus: 'made',
    fold,
    predicted: {
      endMs,
      speechRatio: endMs.map((end) => (end % 3000 === 0 ? 0.12 : 0.8)),
      logits: Float32Array.from(logits),
    },
    stretches,
  };
}

const streams = Array.from({ length: 8 }, (_, index) => heldOut(`stream ${index}`, index % 2));

describe('the settings of a live timeline', () => {
  const calibration = calibrateStreams(streams, LABELS, GRID, SPEECH);
  const chosen = calibration.trials.find(
    ({ timeConstantMs, hysteresis }) =>
      timeConstantMs === calibration.smoothing.timeConstantMs && hysteresis === calibration.smoothing.hysteresis,
  )!;

  it('are those that miss the bars least of those that are about as right as the rightest', () => {
    const rightest = Math.max(...calibration.trials.map(({ metrics }) => metrics.ua));
    const good = calibration.trials.filter(({ metrics }) => metrics.ua >= rightest - 0.01);
    expect(chosen.metrics.ua).toBeGreaterThanOrEqual(rightest - 0.01);
    expect(shortfall(chosen.metrics)).toBe(Math.min(...good.map(({ metrics }) => shortfall(metrics))));
    // The made-up classifier gains by smoothing.
    expect(calibration.smoothing.timeConstantMs).toBeGreaterThan(0);
  });

  it('are measured as they will hold, the threshold and both shares of speech in force', () => {
    expect(calibration.streaming).toEqual({ clean: chosen.metrics });
    expect(calibration.threshold).toBeGreaterThan(0);
    expect(chosen.metrics.coverage).toBeGreaterThan(0.85);
    expect(chosen.metrics.coverage).toBeLessThan(1);
  });

  it('would flip in every pause if it took as much speech to keep a label as to get one', () => {
    const one = calibrateStreams(streams, LABELS, GRID, { minSpeechRatio: 0.25 });
    const flips = ({ streaming: { clean } }: typeof one): number => clean!.flipsPerMinute;
    // Twenty pauses a minute, in and out of each.
    expect(flips(one) - flips(calibration)).toBeGreaterThan(20);
  });

  it('leave confidence calibrated, each fold by the map of the others', () => {
    expect(calibration.reliability.ece).toBeLessThan(0.12);
    const [first] = calibration.coverage;
    expect(first!.coverage).toBeGreaterThan(0.99);
    for (const [index, { coverage }] of calibration.coverage.slice(1).entries()) {
      expect(coverage).toBeLessThanOrEqual(calibration.coverage[index]!.coverage);
    }
  });
});
