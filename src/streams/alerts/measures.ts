import { EMOTIONS, type Emotion } from '../../emotions.ts';
import type { CallMetrics, SideMetrics } from '../../protocol/index.ts';
import type { CallMeter, MeteredWindow } from '../metrics/index.ts';

/** What a measure counts in; it decides how a threshold is written and where it may lie. */
export type Unit = 'probability' | 'place' | 'share' | 'duration' | 'count' | 'dB' | 'semitones' | 'per second';

/** What rules look at, at one moment. */
export interface Moment {
  /** Stream time. */
  readonly atMs: number;
  /** The window that ends now on a channel, if it has one. */
  window(channel: number): MeteredWindow | undefined;
  readonly meter: CallMeter;
  /** Computed when first asked for at this moment. */
  metrics(): CallMetrics;
}

/** A value, and whether it may be acted on; `undefined` where there is none. */
export type Reading = { readonly value: number; readonly sure: boolean } | undefined;

export interface Measure {
  readonly unit: Unit;
  /** Of one side, or of the call as a whole. */
  readonly scope: 'side' | 'call';
  /** `every`: without `of`, all sides together; otherwise one side is enough. */
  readonly need?: 'every';
  read(moment: Moment, channel: number): Reading;
}

/** From the window that ends now. Over silence and noise there is nothing; a window of low confidence is not sure. */
const felt = (unit: Unit, read: (window: MeteredWindow) => number | undefined): Measure => ({
  unit,
  scope: 'side',
  read(moment, channel) {
    const window = moment.window(channel);
    if (window === undefined || window.reason === 'silence' || window.reason === 'noise') return undefined;
    const value = read(window);
    return value === undefined ? undefined : { value, sure: window.label !== 'unknown' };
  },
});

const heard = (unit: Unit, read: (window: MeteredWindow) => number): Measure => ({
  unit,
  scope: 'side',
  read(moment, channel) {
    const window = moment.window(channel);
    return window === undefined ? undefined : { value: read(window), sure: true };
  },
});

const sure = (value: number | null): Reading => (value === null ? undefined : { value, sure: true });

const ofSide = (unit: Unit, read: (side: SideMetrics) => number | null): Measure => ({
  unit,
  scope: 'side',
  read: (moment, channel) => sure(read(moment.metrics().sides[channel]!)),
});

const ofCall = (unit: Unit, read: (metrics: CallMetrics) => number | null): Measure => ({
  unit,
  scope: 'call',
  read: (moment) => sure(read(moment.metrics())),
});

const emotions = Object.fromEntries(
  EMOTIONS.map((emotion) => [emotion, felt('probability', ({ probabilities }) => probabilities[emotion])]),
) as Readonly<Record<Emotion, Measure>>;

/** Everything that a rule can compare. */
export const measures = {
  /** Smoothed probabilities. */
  ...emotions,
  arousal: felt('place', ({ arousal }) => arousal),
  valence: felt('place', ({ valence }) => valence),
  /** Of the window: RMS level, share of speech, share of samples at full scale. */
  level: heard('dB', ({ quality }) => quality.levelDb),
  speech: heard('share', ({ speechRatio }) => speechRatio),
  clipping: heard('share', ({ quality }) => quality.clippedRatio),
  /** Since the last speech. */
  silence: {
    unit: 'duration',
    scope: 'side',
    need: 'every',
    read: ({ meter }, channel) => sure(meter.silenceMs(channel)),
  },
  /** Two sides at once, as long as both have gone on. */
  overtalk: { unit: 'duration', scope: 'call', read: ({ meter }) => sure(meter.overtalkMs()) },
  duration: { unit: 'duration', scope: 'call', read: ({ meter }) => sure(meter.nowMs) },
  /** Call metrics, of the call so far; `CallMetrics` says what they are. */
  'talk-ratio': ofSide('share', ({ talkRatio }) => talkRatio),
  'talk-share': ofSide('share', ({ talkShare }) => talkShare),
  'longest-turn': ofSide('duration', ({ longestTurnMs }) => longestTurnMs),
  overlaps: ofSide('count', ({ overlaps }) => overlaps),
  interruptions: ofSide('count', ({ interruptions }) => interruptions),
  'answer-pause': ofSide('duration', ({ answers }) => answers.lastMs),
  'level-change': ofSide('dB', ({ voice }) => voice.levelDb.change),
  'pitch-change': ofSide('semitones', ({ voice }) => voice.pitchSemitones.change),
  'rate-change': ofSide('per second', ({ voice }) => voice.syllablesPerSecond.change),
  'anger-time': ofSide('duration', ({ anger }) => anger.angryMs),
  'recent-arousal': ofSide('place', ({ mood }) => mood.recent.arousal),
  'recent-valence': ofSide('place', ({ mood }) => mood.recent.valence),
  'silence-ratio': ofCall('share', ({ silenceRatio }) => silenceRatio),
  'overtalk-ratio': ofCall('share', ({ overtalkRatio }) => overtalkRatio),
} as const satisfies Readonly<Record<string, Measure>>;

export type MeasureName = keyof typeof measures;

export const MEASURE_NAMES = Object.keys(measures) as readonly MeasureName[];

const FELT: ReadonlySet<string> = new Set([
  'label',
  ...EMOTIONS,
  'arousal',
  'valence',
  'level-change',
  'pitch-change',
  'rate-change',
  'anger-time',
  'recent-arousal',
  'recent-valence',
]);

/**
 * Whether a measure, or `label`, says how a voice sounds: an emotion, or the voice beside what it usually is. The others count talk,
 * silence and overtalk, and the quality of the audio.
 */
export const isFelt = (measure: string): boolean => FELT.has(measure);

export const measureOf = (name: MeasureName): Measure => measures[name];
