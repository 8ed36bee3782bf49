import type { Emotion } from '../../../emotions.ts';
import { decide } from '../../decide.ts';
import { type StreamingMetrics, type StreamTally, streamingFigures, streamTally } from '../../streaming-metrics.ts';
import type { HeardSpeaker } from './heard-streams.ts';
import { atStep, type StreamSettings } from './stream-settings.ts';

/** What each stream adds to the figures under some settings, through the serving pipeline's own decision. */
export function tallies(
  streams: readonly HeardSpeaker[],
  settings: StreamSettings,
  labels: readonly Emotion[],
): StreamTally[] {
  const { windowMs, stepMs, timeConstantMs, hysteresis, threshold, minSpeechRatio } = settings;
  const keepSpeechRatio = Math.min(minSpeechRatio, settings.keepSpeechRatio);
  const manifest = {
    labels,
    analysis: { windowMs, stepMs },
    smoothing: { timeConstantMs, hysteresis },
    calibration: {
      temperature: 1,
      confidence: { score: [0, 1], accuracy: [0, 1] },
      threshold,
      minSpeechRatio,
      keepSpeechRatio,
    },
  };
  return streams.map(({ predicted, stretches }) => {
    const stream = atStep(predicted, stepMs);
    return streamTally({ endMs: stream.endMs, decisions: decide(manifest, stream), stretches }, labels.length);
  });
}

export const judge = (
  streams: readonly HeardSpeaker[],
  settings: StreamSettings,
  labels: readonly Emotion[],
): StreamingMetrics => streamingFigures(tallies(streams, settings, labels));

/** The bars of a live timeline: changes followed, median delay, flips a minute within one emotion. */
export const BARS = { followed: 0.6, medianDelayMs: 2000, flipsPerMinute: 2 } as const;

/** 0 where all three bars are met; else how far they are missed, each as a share of its bar, at most 5. */
export function shortfall({ followed, medianDelayMs, flipsPerMinute }: StreamingMetrics): number {
  const over = (value: number, bar: number): number => Math.min(5, Math.max(0, value / bar - 1));
  return (
    Math.max(0, 1 - followed / BARS.followed) +
    over(medianDelayMs, BARS.medianDelayMs) +
    over(flipsPerMinute, BARS.flipsPerMinute)
  );
}

/** Whether `a` is at least as good as `b` by all three, and better by one. */
export function dominates(a: StreamingMetrics, b: StreamingMetrics): boolean {
  const pairs = [
    [a.followed, b.followed],
    [-a.medianDelayMs, -b.medianDelayMs],
    [-a.flipsPerMinute, -b.flipsPerMinute],
  ] as const;
  return pairs.every(([x, y]) => x >= y) && pairs.some(([x, y]) => x > y);
}
