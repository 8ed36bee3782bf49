import type { Emotion } from '../../../emotions.ts';
import type { ConditionName } from '../../conditions.ts';
import { groupBy } from '../../group-by.ts';
import { type StreamingMetrics, type StreamTally, streamingFigures } from '../../streaming-metrics.ts';
import { type Interval, percentileInterval, RESAMPLES, speakerDraws } from '../bootstrap.ts';
import { BARS, dominates, tallies } from './judge.ts';
import type { StreamSettings } from './stream-settings.ts';
import { type HeardWindow, type Knob, Sweep, type Trial, VALUES } from './sweep.ts';

/** Figures of a timeline with intervals of 95 % over speakers. Null in JSON: mostly never. */
export type StreamingIntervals = { readonly [name in (typeof FIGURES)[number]]: Interval } & {
  /** Of one seed. */
  readonly windows: number;
};

const FIGURES = ['accuracy', 'ua', 'coverage', 'followed', 'medianDelayMs', 'flipsPerMinute'] as const;

/** What `streaming.json` says. */
export interface StreamingSummary {
  readonly formatVersion: 1;
  readonly subject: string;
  readonly protocol: string;
  readonly labels: readonly Emotion[];
  readonly seeds: readonly number[];
  readonly windowsMs: readonly number[];
  readonly bars: typeof BARS;
  /** On streams of the validation speakers, who were held out of training; null where there are none. */
  readonly chosen: { readonly settings: StreamSettings; readonly validation: StreamingMetrics } | null;
  /** The settings that hold now, for comparison. */
  readonly present: { readonly settings: StreamSettings; readonly validation: StreamingMetrics | null };
  /** Tried settings that are at least as good as the present ones by followed, delay and flips, and better by one; best UA first. */
  readonly better: readonly Trial[];
  /** By condition, on streams of the test speakers. */
  readonly test: Readonly<Partial<Record<ConditionName, StreamingTest>>>;
  /** One knob turned, the others as chosen (as they are, where nothing was chosen): on validation, else on test. */
  readonly curves: Readonly<Record<Knob | 'windowMs', readonly Trial[]>>;
  /** Of all that was tried, those that no other dominates. */
  readonly frontier: readonly Trial[];
}

export interface StreamingTest {
  readonly present: StreamingIntervals;
  /** With the settings chosen over all folds' validation speakers. */
  readonly chosen: StreamingIntervals | null;
  /** Each fold with the settings that its own validation speakers chose: nobody has a part in the choice that they are tested with. */
  readonly nested: StreamingIntervals | null;
}

export interface SummaryInput {
  readonly subject: string;
  readonly protocol: string;
  readonly labels: readonly Emotion[];
  readonly seeds: readonly number[];
  readonly conditions: readonly ConditionName[];
  readonly heard: readonly HeardWindow[];
  readonly present: StreamSettings;
  readonly onProgress?: (share: number) => void;
}

export async function summariseStreams(input: SummaryInput): Promise<StreamingSummary> {
  const { heard, labels, present, conditions } = input;
  const [first] = conditions;
  const part = (which: 'validation' | 'test', condition: ConditionName | undefined): HeardWindow[] =>
    heard.map(({ windowMs, streams }) => ({
      windowMs,
      streams: streams.filter((stream) => stream.part === which && stream.condition === condition),
    }));
  const validation = part('validation', first);
  const validated = validation.every(({ streams }) => streams.length > 0);
  const sweep = new Sweep(validated ? validation : part('test', first), labels);
  const folds = [...new Set(heard[0]!.streams.map(({ fold }) => fold))];
  const progress = (from: number, to: number) => (share: number) => input.onProgress?.(from + share * (to - from));
  const chosen = validated ? await sweep.choose(undefined, progress(0, 0.7)) : undefined;
  const byFold = new Map<string, StreamSettings>();
  if (validated) {
    for (const [index, fold] of folds.entries()) {
      const of = await sweep.choose(
        fold,
        progress(0.7 + (0.3 * index) / folds.length, 0.7 + (0.3 * (index + 1)) / folds.length),
      );
      byFold.set(fold, of.settings);
    }
  }
  const now = sweep.try(present);
  const curves = curvesOf(
    sweep,
    chosen?.settings ?? present,
    heard.map(({ windowMs }) => windowMs),
  );
  const { trials } = sweep;
  return {
    formatVersion: 1,
    subject: input.subject,
    protocol: input.protocol,
    labels,
    seeds: input.seeds,
    windowsMs: heard.map(({ windowMs }) => windowMs),
    bars: BARS,
    chosen: chosen === undefined ? null : { settings: chosen.settings, validation: chosen.metrics },
    present: { settings: present, validation: validated ? now.metrics : null },
    better: trials
      .filter(({ metrics }) => validated && dominates(metrics, now.metrics))
      .sort((a, b) => b.metrics.ua - a.metrics.ua)
      .slice(0, 10),
    test: Object.fromEntries(
      conditions.map((condition) => {
        const test = part('test', condition);
        const of = (settingsOf: (fold: string) => StreamSettings): StreamingIntervals =>
          intervals(test, settingsOf, labels);
        return [
          condition,
          {
            present: of(() => present),
            chosen: chosen === undefined ? null : of(() => chosen.settings),
            nested: chosen === undefined ? null : of((fold) => byFold.get(fold)!),
          },
        ];
      }),
    ),
    curves,
    frontier: trials
      .filter(({ metrics }) => !trials.some((other) => dominates(other.metrics, metrics)))
      .sort((a, b) => a.metrics.flipsPerMinute - b.metrics.flipsPerMinute),
  };
}

function curvesOf(
  sweep: Sweep,
  settings: StreamSettings,
  windowsMs: readonly number[],
): Record<Knob | 'windowMs', readonly Trial[]> {
  const turned = (knob: Knob | 'windowMs', values: readonly number[]): Trial[] =>
    values.map((value) => sweep.try({ ...settings, [knob]: value }));
  return {
    windowMs: turned('windowMs', windowsMs),
    stepMs: turned('stepMs', VALUES.stepMs),
    timeConstantMs: turned('timeConstantMs', VALUES.timeConstantMs),
    hysteresis: turned('hysteresis', VALUES.hysteresis),
    threshold: turned('threshold', VALUES.threshold),
    minSpeechRatio: turned('minSpeechRatio', VALUES.minSpeechRatio),
    keepSpeechRatio: turned('keepSpeechRatio', VALUES.keepSpeechRatio),
  };
}

/** Figures of the test speakers' streams, each fold with its settings. */
function intervals(
  windows: readonly HeardWindow[],
  settingsOf: (fold: string) => StreamSettings,
  labels: readonly Emotion[],
): StreamingIntervals {
  const folds = [...new Set(windows[0]!.streams.map(({ fold }) => fold))];
  const own: { readonly speaker: string; readonly seed: number; readonly tally: StreamTally }[] = [];
  for (const fold of folds) {
    const settings = settingsOf(fold);
    const streams = windows
      .find(({ windowMs }) => windowMs === settings.windowMs)!
      .streams.filter((stream) => stream.fold === fold);
    tallies(streams, settings, labels).forEach((tally, index) => {
      own.push({ speaker: streams[index]!.speaker, seed: streams[index]!.seed, tally });
    });
  }
  const speakers = [...groupBy(own, ({ speaker }) => speaker).keys()].sort();
  const draws = speakerDraws(
    speakers.map(() => 0),
    RESAMPLES,
    'bootstrap over speakers of streams',
  );
  const place = own.map(({ speaker }) => speakers.indexOf(speaker));
  const all = own.map(({ tally }) => tally);
  const whole = streamingFigures(all);
  const resampled = Array.from({ length: RESAMPLES }, (_, resample) =>
    streamingFigures(
      all,
      place.map((speaker) => draws[resample * speakers.length + speaker]!),
    ),
  );
  const seeds = new Set(own.map(({ seed }) => seed)).size;
  return {
    windows: whole.windows / seeds,
    ...(Object.fromEntries(
      FIGURES.map((name) => [
        name,
        percentileInterval(
          whole[name],
          resampled.map((of) => of[name]),
        ),
      ]),
    ) as { readonly [name in (typeof FIGURES)[number]]: Interval }),
  };
}
