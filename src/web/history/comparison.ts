import type { CallDetail, SideMetrics } from '../../protocol/index.ts';
import { clock, percent, signed } from '../format.ts';

export interface ComparisonRow {
  readonly name: string;
  readonly values: readonly [string, string];
  readonly difference: string;
}

/** The side that a call is about: the customer, or the first. */
const subject = ({ metrics }: CallDetail): SideMetrics | undefined =>
  metrics.sides.find(({ role }) => role === 'customer') ?? metrics.sides[0];

/** How that side is called, of both calls. */
const subjectName = (calls: readonly CallDetail[]): string =>
  calls.every((call) => subject(call)?.role === 'customer') ? 'Customer' : 'First side';

const angerShare = (call: CallDetail): number | null => {
  const mood = subject(call)?.mood.whole;
  return mood === undefined || mood.labelledMs === 0 ? null : (mood.shares.anger ?? 0);
};
const meanValence = (call: CallDetail): number | null => subject(call)?.mood.whole.valence ?? null;

/** The figures that tell two calls apart, each with its unit. */
export function comparisonRows(first: CallDetail, second: CallDetail): readonly ComparisonRow[] {
  const both = [first, second] as const;
  const who = subjectName(both);
  const row = (
    name: string,
    value: (call: CallDetail) => number | null | undefined,
    text: (value: number) => string,
    difference: (value: number) => string,
  ): ComparisonRow => {
    const [a, b] = both.map((call) => value(call) ?? null) as [number | null, number | null];
    const show = (each: number | null): string => (each === null ? '–' : text(each));
    return { name, values: [show(a), show(b)], difference: a === null || b === null ? '–' : difference(b - a) };
  };
  const points = (value: number): string => `${signed(100 * value, 0)}\u202fpoints`;
  const time = (ms: number): string => `${ms < 0 ? '\u2212' : '+'}${clock(Math.abs(ms))}`;
  const whole = (value: number): string => signed(value, 0);
  return [
    row('Length', ({ durationMs }) => durationMs, clock, time),
    row(`${who} talks`, (call) => subject(call)?.talkShare, percent, points),
    row('Nobody talks', ({ metrics }) => metrics.silenceRatio, percent, points),
    row('Both talk at once', ({ metrics }) => metrics.overtalkRatio, percent, points),
    row(
      'Interruptions',
      ({ metrics }) => metrics.sides.reduce((sum, side) => sum + side.interruptions, 0),
      String,
      whole,
    ),
    row('Longest silence', ({ metrics }) => stretchMs(metrics.longestSilence), clock, time),
    row(`${who} angry`, angerShare, percent, points),
    row(
      `${who} valence, −1 to 1`,
      meanValence,
      (value) => signed(value, 2),
      (value) => signed(value, 2),
    ),
    row(
      '… from first to last third',
      (call) => subject(call)?.mood.change.valence,
      (value) => signed(value, 2),
      (value) => signed(value, 2),
    ),
    row('First anger at', (call) => subject(call)?.anger.firstMs, clock, time),
    row('Alerts', ({ alerts }) => alerts.raised, String, whole),
  ];
}

const stretchMs = (stretch: { readonly startMs: number; readonly endMs: number } | null): number | null =>
  stretch === null ? null : stretch.endMs - stretch.startMs;

/** What differs most, as one would say it. */
export function differenceWords(first: CallDetail, second: CallDetail): string {
  const words: string[] = [];
  const lengthMs = second.durationMs - first.durationMs;
  if (Math.abs(lengthMs) >= 10_000) {
    words.push(`The second is ${clock(Math.abs(lengthMs))} ${lengthMs > 0 ? 'longer' : 'shorter'}`);
  } else words.push('Both are about as long');
  const anger = [angerShare(first), angerShare(second)];
  if (anger[0] !== null && anger[1] !== null && Math.abs(anger[1]! - anger[0]!) >= 0.05) {
    words.push(
      `its ${subjectName([first, second]).toLowerCase()} is angry for ${percent(anger[1]!)} of what was labelled, against ${percent(anger[0]!)}`,
    );
  }
  const valence = [meanValence(first), meanValence(second)];
  if (valence[0] !== null && valence[1] !== null) {
    const more = valence[1]! - valence[0]!;
    words.push(Math.abs(more) < 0.1 ? 'equally pleasant to hear' : `${more > 0 ? 'more' : 'less'} pleasant to hear`);
  }
  return `${words.join(', ')}.`;
}
