import type { Interval } from './bootstrap.ts';
import { protocols } from './protocols.ts';
import type { StreamingIntervals, StreamingSummary } from './streaming/streaming-summary.ts';
import type { EvaluationMetrics } from './summary.ts';

/** An evaluation and where it lies, as the card names it. */
export interface CardEvaluation {
  /** Folder, relative to the card. */
  readonly folder: string;
  readonly metrics: EvaluationMetrics;
}

export const percent = (share: number): string => (Number.isFinite(share) ? (100 * share).toFixed(1) : '–');
const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
/** A table of Markdown. */
export const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

const range = ({ low, high }: Interval): string => `${percent(low)}–${percent(high)}`;
const withRange = (of: Interval): string => `**${percent(of.value)}** (${range(of)})`;

/** Protocols and their figures, each with its interval; then by class and by group. */
export function evaluationsSection(evaluations: readonly CardEvaluation[]): string {
  const rows = evaluations.flatMap(({ folder, metrics }) =>
    Object.entries(metrics.conditions).map(([condition, of]) => [
      metrics.protocol + (metrics.complete ? '' : ' (not all folds)'),
      metrics.subject,
      condition,
      metrics.labels.length,
      withRange(of.ua),
      withRange(of.pooled.accuracy),
      percent(of.pooled.macroF1.value),
      `${of.pooled.ece.value.toFixed(3)}`,
      metrics.seeds.join(', '),
      `[${folder}](${folder}/metrics.json)`,
    ]),
  );
  const head = [
    'protocol',
    'of',
    'condition',
    'classes',
    'UA (95 %)',
    'accuracy (95 %)',
    'macro F1',
    'ECE',
    'seeds',
    'predictions',
  ];
  const texts = [...new Set(evaluations.map(({ metrics }) => metrics.protocol))].map(
    (name) => `- \`${name}\`: ${protocols[name].text}`,
  );
  return [
    table(head, rows),
    '',
    ...texts,
    '',
    'Intervals are percentiles of 2,000 bootstrap resamples of speakers. A clip is decided by the streaming engine itself, from a state as new as a stream’s, without abstention. Each figure follows from the predictions beside it (`undertone evaluate --check FOLDER`).',
    '',
    '### By class, first condition',
    '',
    ...evaluations.flatMap(({ metrics }) => classTable(metrics)),
    '### By group, first condition',
    '',
    groupTable(evaluations),
  ].join('\n');
}

const title = ({ protocol, subject }: EvaluationMetrics): string => `${protocol}, ${subject}`;

function classTable(metrics: EvaluationMetrics): string[] {
  const [condition, of] = Object.entries(metrics.conditions)[0] ?? [];
  if (of === undefined) return [];
  const rows = of.classes.map(({ label, support, precision, recall, f1 }) => [
    label,
    Math.round(support),
    `${percent(precision.value)} (${range(precision)})`,
    `${percent(recall.value)} (${range(recall)})`,
    `${percent(f1.value)} (${range(f1)})`,
  ]);
  return [`${title(metrics)}, ${condition}`, '', table(['', 'clips', 'precision', 'recall', 'F1'], rows), ''];
}

function groupTable(evaluations: readonly CardEvaluation[]): string {
  const rows = evaluations.flatMap(({ metrics }) => {
    const [of] = Object.values(metrics.conditions);
    if (of === undefined) return [];
    const group = (gender: string): string => {
      const one = of.genders.find((candidate) => candidate.gender === gender);
      return one === undefined ? '–' : `${percent(one.ua.value)} (${range(one.ua)})`;
    };
    const { lowest, lowerQuartile, median, upperQuartile, highest } = of.speakerSpread;
    return [
      [
        title(metrics),
        group('female'),
        group('male'),
        of.speakers.length,
        [lowest, lowerQuartile, median, upperQuartile, highest].map(percent).join(', '),
      ],
    ];
  });
  return table(['', 'UA of women', 'UA of men', 'speakers', 'UA of speakers: lowest, quartiles, highest'], rows);
}

/** How a live timeline follows what is acted, with the settings in force and with those that would be chosen. */
export function streamingSection(summary: StreamingSummary): string {
  const seconds = ({ value, low, high }: Interval): string => {
    const one = (ms: number): string => (Number.isFinite(ms) ? (ms / 1000).toFixed(1) : '∞');
    return `${one(value)} s (${one(low)}–${one(high)})`;
  };
  const line = (condition: string, settings: string, of: StreamingIntervals): (string | number)[] => [
    condition,
    settings,
    `${percent(of.followed.value)} (${range(of.followed)})`,
    seconds(of.medianDelayMs),
    `${of.flipsPerMinute.value.toFixed(1)} (${of.flipsPerMinute.low.toFixed(1)}–${of.flipsPerMinute.high.toFixed(1)})`,
    percent(of.accuracy.value),
    percent(1 - of.coverage.value),
  ];
  const rows = Object.entries(summary.test).flatMap(([condition, of]) => [
    line(condition, 'in force', of.present),
    ...(of.nested === null ? [] : [line(condition, 'chosen by each fold', of.nested)]),
  ]);
  const head = [
    'condition',
    'settings',
    'changes followed',
    'median delay',
    'flips a minute',
    'right, of the labelled',
    'abstained',
  ];
  return table(head, rows);
}

/** W a busy core draws, with its share of the machine: a rough figure for servers and desktops alike. */
const WATTS_PER_CORE = 15;
/** g CO₂e a kWh: the world's mean of 2023 (Ember, Global Electricity Review 2024). */
const GRAMS_PER_KWH = 480;

/** Energy and carbon of so many minutes on one core. */
export function carbonText(coreMinutes: number): string {
  const wattHours = (coreMinutes / 60) * WATTS_PER_CORE;
  const grams = (wattHours / 1000) * GRAMS_PER_KWH;
  return `about ${amount(wattHours)} Wh and ${amount(grams)} g CO₂e (estimated: ${WATTS_PER_CORE} W a core, ${GRAMS_PER_KWH} g a kWh, the world’s mean of 2023)`;
}

const amount = (value: number): string => (value >= 10 ? value.toFixed(0) : value.toPrecision(2));
