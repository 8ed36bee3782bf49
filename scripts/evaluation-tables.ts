/** The tables of docs/evaluation.md, computed from the predictions in docs/evaluation; see scripts/write-evaluation-page.ts. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConditionName } from '../src/training/conditions.ts';
import { METRICS, recomputed } from '../src/training/evaluation/metrics-file.ts';
import type { StreamingIntervals, StreamingSummary } from '../src/training/evaluation/streaming/streaming-summary.ts';
import type { EvaluationMetrics } from '../src/training/evaluation/summary.ts';

/** A row of the table: what must be shown, by which run. */
interface Row {
  readonly what: string;
  readonly bar: string;
  /** Folder under docs/evaluation, without the classifier at its end. */
  readonly run: string;
  readonly condition?: ConditionName;
  readonly figure?: 'ua' | 'ece';
}

const ROWS: readonly Row[] = [
  {
    what: 'RAVDESS, 8 classes, EmoBox’s six folds, RAVDESS alone',
    bar: '≥ 66, mean of two seeds',
    run: 'emobox-ravdess',
  },
  { what: 'the same, with any other data in training', bar: '≥ 69', run: 'emobox-ravdess-also' },
  { what: 'EmoDB, 7 classes, EmoBox’s five folds, EmoDB alone', bar: 'reported', run: 'emobox-emodb' },
  { what: 'the same, with any corpus but EmoDB', bar: '≥ 85', run: 'emobox-emodb-also' },
  { what: 'EmoDB, leave one speaker out', bar: 'reported, ≥ 80', run: 'loso-emodb' },
  { what: 'across corpora, 4 classes', bar: 'reported, mean ≥ 50', run: 'cross-corpus' },
  { what: 'RAVDESS with other data, over the telephone', bar: '≥ 66', run: 'emobox-ravdess-also', condition: 'phone' },
  {
    what: 'RAVDESS with other data, office noise at 10 dB',
    bar: '≥ 62',
    run: 'emobox-ravdess-also',
    condition: 'noise-10',
  },
  { what: 'RAVDESS alone, over the telephone', bar: '–', run: 'emobox-ravdess', condition: 'phone' },
  { what: 'RAVDESS alone, office noise at 20 dB', bar: '–', run: 'emobox-ravdess', condition: 'noise-20' },
  { what: 'RAVDESS alone, office noise at 10 dB', bar: '–', run: 'emobox-ravdess', condition: 'noise-10' },
  { what: 'RAVDESS alone, office noise at 5 dB', bar: '–', run: 'emobox-ravdess', condition: 'noise-5' },
  { what: 'RAVDESS alone, recorded rooms', bar: '–', run: 'emobox-ravdess', condition: 'room' },
  { what: 'calibration error, RAVDESS alone', bar: '≤ 0.05', run: 'emobox-ravdess', figure: 'ece' },
  { what: 'calibration error, RAVDESS with other data', bar: '≤ 0.05', run: 'emobox-ravdess-also', figure: 'ece' },
  { what: 'calibration error, EmoDB alone', bar: '≤ 0.05', run: 'emobox-emodb', figure: 'ece' },
];

const ALSO = (...corpora: readonly string[]): string => corpora.map((of) => ` --also ${of}`).join('');
const NOISES = '--noise noise --rooms rooms';

/** What measures each run, but for the classifier and the seeds. */
const COMMANDS: Readonly<Record<string, string>> = {
  'emobox-ravdess': `--protocol emobox-ravdess --corpus ravdess=RAVDESS --folds splits/emobox-ravdess.json ${NOISES} --condition clean,phone,noise-20,noise-10,noise-5,room`,
  'emobox-ravdess-also': `--protocol emobox-ravdess --corpus ravdess=RAVDESS${ALSO('emodb=EmoDB', 'nemo=nEMO', 'tess=TESS', 'turev=TurEV-DB')} --folds splits/emobox-ravdess.json ${NOISES} --condition clean,phone,noise-10`,
  'emobox-emodb': `--protocol emobox-emodb --corpus emodb=EmoDB --folds splits/emobox-emodb.json ${NOISES} --condition clean,phone,noise-10`,
  'emobox-emodb-also': `--protocol emobox-emodb --corpus emodb=EmoDB${ALSO('ravdess=RAVDESS', 'nemo=nEMO', 'tess=TESS', 'turev=TurEV-DB')} --folds splits/emobox-emodb.json ${NOISES}`,
  'loso-emodb': `--protocol leave-one-speaker-out --corpus emodb=EmoDB ${NOISES}`,
  'cross-corpus': `--protocol cross-corpus --corpus ravdess=RAVDESS --corpus emodb=EmoDB --corpus nemo=nEMO --corpus tess=TESS --corpus turev=TurEV-DB ${NOISES}`,
};

/** Classifiers that the page has a table for, the best first. */
const CLASSIFIERS = ['sequence', 'mlp'] as const;
export const EVALUATIONS = 'docs/evaluation';

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const percent = (share: number): string => (100 * share).toFixed(1);

/** Every row by every classifier that was measured at all, and the command of every run. */
export function measuredTables(root: string): string {
  return CLASSIFIERS.map((classifier) => tableOf(root, classifier)).join('\n\n');
}

function tableOf(root: string, classifier: string): string {
  const runs = new Map(
    Object.keys(COMMANDS).map((run) => {
      const folder = join(root, EVALUATIONS, `${run}-${classifier}`);
      return [run, existsSync(join(folder, METRICS)) ? recomputed(folder) : undefined];
    }),
  );
  const head = ['', 'bar', 'measured', 'seeds', 'training', 'run'];
  const rows = ROWS.map((row) => {
    const metrics = runs.get(row.run);
    const name = `${row.run}-${classifier}`;
    const found = metrics && figureOf(metrics, row);
    return found === undefined || metrics === undefined
      ? [row.what, row.bar, 'not measured yet', '–', '–', `\`${name}\``]
      : [
          row.what,
          row.bar,
          found,
          metrics.seeds.join(', '),
          minutes(metrics),
          `[${name}](evaluation/${name}/metrics.json)`,
        ];
  });
  return [
    `### \`--classifier ${classifier}\``,
    '',
    ...[head, head.map(() => '---'), ...rows].map(line),
    '',
    ...unitLines(runs),
    'The commands:',
    '',
    '```sh',
    ...Object.entries(COMMANDS).map(([run, command]) => {
      const seeds = (runs.get(run)?.seeds ?? [1]).map((seed) => ` --seed ${seed}`).join('');
      return `undertone evaluate ${command} --classifier ${classifier}${seeds} --out ${EVALUATIONS}/${run}-${classifier}`;
    }),
    '```',
  ].join('\n');
}

function figureOf({ conditions }: EvaluationMetrics, { condition = 'clean', figure = 'ua' }: Row): string | undefined {
  const of = conditions[condition];
  if (of === undefined) return undefined;
  if (figure === 'ece') {
    const { value, low, high } = of.pooled.ece;
    return `**${value.toFixed(3)}** (${low.toFixed(3)}–${high.toFixed(3)})`;
  }
  const bySeed = of.uaBySeed.length > 1 ? `; by seed ${of.uaBySeed.map(({ ua }) => percent(ua)).join(', ')}` : '';
  return `**${percent(of.ua.value)}** (${percent(of.ua.low)}–${percent(of.ua.high)})${bySeed}`;
}

/** UA of each fold or corpus of the clean runs. */
function unitLines(runs: ReadonlyMap<string, EvaluationMetrics | undefined>): string[] {
  const lines = [...runs].flatMap(([run, metrics]) => {
    const clean = metrics?.conditions.clean;
    if (clean === undefined || clean.uaByUnit.length < 2) return [];
    return [`- ${run}: ${clean.uaByUnit.map(({ unit, ua }) => `${unit} ${percent(ua.value)}`).join(', ')}`];
  });
  return lines.length === 0 ? [] : ['UA of each fold or corpus, clean:', '', ...lines, ''];
}

const minutes = ({ trainingSeconds }: EvaluationMetrics): string =>
  `${Math.max(1, Math.round(trainingSeconds / 60))} min`;

/** What was measured of live timelines. */
export function streamingTables(root: string): string {
  return CLASSIFIERS.map((classifier) => {
    const path = join(root, EVALUATIONS, `streaming-${classifier}`, 'streaming.json');
    const heading = `### \`--classifier ${classifier}\`\n\n`;
    if (!existsSync(path)) return `${heading}Not measured yet.`;
    return heading + streamingTable(JSON.parse(readFileSync(path, 'utf8')) as StreamingSummary, classifier);
  }).join('\n\n');
}

function streamingTable({ test, present, chosen, better, bars }: StreamingSummary, classifier: string): string {
  const seconds = (ms: number | null): string =>
    ms === null || !Number.isFinite(ms) ? '∞' : `${(ms / 1000).toFixed(2)}`;
  const cells = (condition: string, settings: string, of: StreamingIntervals): string[] => [
    condition,
    settings,
    `${percent(of.followed.value)} (${percent(of.followed.low)}–${percent(of.followed.high)})`,
    `${seconds(of.medianDelayMs.value)} (${seconds(of.medianDelayMs.low)}–${seconds(of.medianDelayMs.high)})`,
    `${of.flipsPerMinute.value.toFixed(1)} (${of.flipsPerMinute.low.toFixed(1)}–${of.flipsPerMinute.high.toFixed(1)})`,
    percent(of.accuracy.value),
    percent(1 - of.coverage.value),
  ];
  const rows = Object.entries(test).flatMap(([condition, of]) => [
    cells(condition, 'in force', of.present),
    ...(of.chosen === null ? [] : [cells(condition, 'chosen', of.chosen)]),
    ...(of.nested === null ? [] : [cells(condition, 'nested', of.nested)]),
  ]);
  const head = [
    'condition',
    'settings',
    'followed, %',
    'median delay, s',
    'flips a minute',
    'right, of the labelled, %',
    'abstained, %',
  ];
  const said = (settings: object): string =>
    Object.entries(settings)
      .map(([name, value]) => `${name} ${Number((value as number).toFixed(3))}`)
      .join(', ');
  const dominating =
    better.length === 0
      ? 'No setting that was tried is at least as good as those in force by all three.'
      : `At least as good as those in force by all three, on validation, the most right first:\n\n${[
          line(['settings', 'followed, %', 'delay, s', 'flips a minute', 'UA of windows, %']),
          line(['---', '---', '---', '---', '---']),
          ...better
            .slice(0, 5)
            .map(({ settings, metrics }) =>
              line([
                said(settings),
                percent(metrics.followed),
                seconds(metrics.medianDelayMs),
                metrics.flipsPerMinute.toFixed(1),
                percent(metrics.ua),
              ]),
            ),
        ].join('\n')}`;
  return [
    `Bars: ≥ ${percent(bars.followed)} % followed, median delay ≤ ${seconds(bars.medianDelayMs)} s, ≤ ${bars.flipsPerMinute} flips a minute.`,
    '',
    ...[head, head.map(() => '---'), ...rows].map(line),
    '',
    `In force: ${said(present.settings)}.${chosen === null ? '' : ` Chosen: ${said(chosen.settings)}.`} (The threshold is one of the smoothed probability.)`,
    '',
    dominating,
    '',
    `![What this classifier can give](evaluation/streaming-${classifier}/figures/streaming-frontier.svg)`,
  ].join('\n');
}

/** The page with its tables computed anew. */
export function withTables(page: string, root: string): string {
  const between = (text: string, name: string, content: string): string => {
    const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`docs/evaluation.md has no ${begin} … ${end}`);
    return `${text.slice(0, from + begin.length)}\n${content}\n${text.slice(to)}`;
  };
  return between(between(page, 'measured', measuredTables(root)), 'streaming', streamingTables(root));
}
