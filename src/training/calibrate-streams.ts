import type { Emotion } from '../emotions.ts';
import type { ModelManifest } from '../inference/index.ts';
import { interpolate } from '../streams/index.ts';
import { fitConfidence, type PiecewiseMap } from './calibration.ts';
import type { WindowGrid } from './clip-windows.ts';
import type { ConditionName } from './conditions.ts';
import { type Decision, type DecisionSettings, decide, type PredictedStream } from './decide.ts';
import { shortfall } from './evaluation/streaming/judge.ts';
import { groupBy } from './group-by.ts';
import { reliability } from './metrics.ts';
import { type JudgedStream, type StreamingMetrics, type Stretch, streamingMetrics } from './streaming-metrics.ts';

/** A stream of a held-out speaker: what the model of its fold made of it (logits over the temperature), and the truth. */
export interface HeldOutStream {
  readonly condition: ConditionName;
  readonly corpus: string;
  readonly fold: number;
  readonly predicted: PredictedStream;
  readonly stretches: readonly Stretch[];
}

export interface SmoothingTrial {
  readonly timeConstantMs: number;
  readonly hysteresis: number;
  /** With its own threshold in force. */
  readonly metrics: StreamingMetrics;
}

export interface StreamCalibration {
  readonly smoothing: ModelManifest['smoothing'];
  readonly confidence: PiecewiseMap;
  readonly threshold: number;
  readonly trials: readonly SmoothingTrial[];
  /** With the threshold in force, by condition. */
  readonly streaming: Readonly<Record<string, StreamingMetrics>>;
  /** Of the confidence, each fold's by the map of the other folds. */
  readonly reliability: ReturnType<typeof reliability>;
  /** What a threshold leaves labelled, and how much of that is right. */
  readonly coverage: readonly { readonly threshold: number; readonly coverage: number; readonly accuracy: number }[];
}

/** Of `ModelManifest['calibration']`. */
export type SpeechShares = Pick<ModelManifest['calibration'], 'minSpeechRatio' | 'keepSpeechRatio'>;

const TIME_CONSTANTS_MS = [0, 500, 1000, 1500, 2000, 3000] as const;
const HYSTERESES = [0, 0.05, 0.1, 0.15, 0.2, 0.3] as const;
/** A setting counts as right as the best within this much UA; of those, the one that follows best is taken. */
const AS_GOOD = 0.01;
/** The threshold leaves at least this share of the windows with speech a label. */
const COVERAGE = 0.9;

const IDENTITY: PiecewiseMap = { score: [0, 1], accuracy: [0, 1] };

/**
 * Chooses smoothing, confidence map and threshold on streams of held-out speakers, through the serving pipeline's own decision. Of
 * the settings that are about as right as the rightest, the one that misses the bars of a live timeline (changes followed, delay,
 * flips) least.
 *
 * @param speech shares of speech that a label takes.
 */
export function calibrateStreams(
  streams: readonly HeldOutStream[],
  labels: readonly Emotion[],
  analysis: WindowGrid,
  speech: SpeechShares,
): StreamCalibration {
  const settings = (smoothing: ModelManifest['smoothing'], confidence: PiecewiseMap, threshold: number) => ({
    labels,
    analysis,
    smoothing,
    calibration: { temperature: 1, confidence, threshold, ...speech },
  });
  const trials = TIME_CONSTANTS_MS.flatMap((timeConstantMs) =>
    HYSTERESES.map((hysteresis) => {
      const smoothing = { timeConstantMs, hysteresis };
      const windows = scoredWindows(streams, judge(streams, settings(smoothing, IDENTITY, 0)));
      const confidence = fitConfidence(
        windows.map(({ score }) => score),
        windows.map(({ right }) => right),
      );
      const confidences = windows.map(({ score }) => at(confidence, score));
      const threshold = thresholdFor(confidences);
      const inForce = judge(streams, settings(smoothing, confidence, threshold));
      const metrics = streamingMetrics(inForce, labels.length);
      return { timeConstantMs, hysteresis, metrics, windows, confidence, confidences, threshold, inForce };
    }),
  );
  const { timeConstantMs, hysteresis, windows, confidence, confidences, threshold, inForce } = bestOf(trials);
  const byCondition = groupBy(streams.keys(), (index) => streams[index]!.condition);
  return {
    smoothing: { timeConstantMs, hysteresis },
    confidence,
    threshold,
    trials: trials.map(({ metrics, ...trial }) => ({
      timeConstantMs: trial.timeConstantMs,
      hysteresis: trial.hysteresis,
      metrics,
    })),
    streaming: Object.fromEntries(
      [...byCondition].map(([condition, of]) => [
        condition,
        streamingMetrics(
          of.map((index) => inForce[index]!),
          labels.length,
        ),
      ]),
    ),
    reliability: crossFitted(windows),
    coverage: coverageCurve(windows, confidences),
  };
}

const judge = (streams: readonly HeldOutStream[], settings: DecisionSettings): JudgedStream[] =>
  streams.map(({ predicted, stretches }) => ({
    endMs: predicted.endMs,
    decisions: decide(settings, predicted),
    stretches,
  }));

function bestOf<T extends SmoothingTrial>(trials: readonly T[]): T {
  const rightest = Math.max(...trials.map(({ metrics }) => metrics.ua));
  const good = trials.filter(({ metrics }) => metrics.ua >= rightest - AS_GOOD);
  return good.reduce((a, b) => (shortfall(b.metrics) < shortfall(a.metrics) ? b : a));
}

interface ScoredWindow {
  readonly fold: number;
  readonly score: number;
  readonly right: boolean;
}

/** Windows with speech, in a stretch: their score, and whether their label is right. */
function scoredWindows(streams: readonly HeldOutStream[], judged: readonly JudgedStream[]): ScoredWindow[] {
  return judged.flatMap(({ endMs, decisions, stretches }, stream) =>
    endMs.flatMap((end, index) => {
      const stretch = stretches.find(({ startMs, endMs: last }) => end > startMs && end <= last);
      const { label, score } = decisions[index] as Decision;
      if (stretch === undefined || label < 0) return [];
      return [{ fold: streams[stream]!.fold, score, right: label === stretch.label }];
    }),
  );
}

const at = ({ score, accuracy }: PiecewiseMap, value: number): number => interpolate(score, accuracy, value);

function thresholdFor(confidences: readonly number[]): number {
  const sorted = [...confidences].sort((a, b) => a - b);
  const value = sorted[Math.floor((1 - COVERAGE) * sorted.length)] ?? 0;
  // Two decimals, downwards, so that at least the share is left.
  return Math.floor(value * 100) / 100;
}

function crossFitted(windows: readonly ScoredWindow[]): ReturnType<typeof reliability> {
  const confidences: number[] = [];
  const right: boolean[] = [];
  for (const fold of new Set(windows.map((window) => window.fold))) {
    const others = windows.filter((window) => window.fold !== fold);
    const map = fitConfidence(
      others.map(({ score }) => score),
      others.map((window) => window.right),
    );
    for (const window of windows) {
      if (window.fold !== fold) continue;
      confidences.push(at(map, window.score));
      right.push(window.right);
    }
  }
  return reliability(confidences, right);
}

function coverageCurve(
  windows: readonly ScoredWindow[],
  confidences: readonly number[],
): StreamCalibration['coverage'] {
  return Array.from({ length: 19 }, (_, step) => (step + 1) / 20).map((threshold) => {
    const kept = windows.filter((_, index) => confidences[index]! >= threshold);
    const right = kept.filter((window) => window.right).length;
    return {
      threshold,
      coverage: kept.length / Math.max(1, windows.length),
      accuracy: right / Math.max(1, kept.length),
    };
  });
}
