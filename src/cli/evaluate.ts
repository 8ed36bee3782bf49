import { Command } from 'commander';
import type {
  ConditionName,
  EvaluationMetrics,
  ProtocolName,
  StreamingSummary,
  TrainingProgress,
} from '../training/index.ts';
import { complain, EXIT } from './exit.ts';
import { collect, nameList, wholeNumber } from './option-parsers.ts';
import { DEFAULT_MODEL } from './package.ts';

interface EvaluateOptions {
  readonly protocol: string;
  readonly corpus?: readonly string[];
  readonly also?: readonly string[];
  readonly folds?: string;
  readonly fold?: string;
  readonly classifier?: string;
  readonly model?: string;
  readonly seed?: readonly number[];
  readonly condition: readonly string[];
  readonly noise?: string;
  readonly rooms?: string;
  readonly plain?: boolean;
  readonly quick?: boolean;
  readonly labels?: string;
  readonly clipsPerSpeaker?: number;
  readonly out?: string;
  readonly cache?: string;
  readonly workers?: number;
  readonly json?: boolean;
  readonly check?: string;
  readonly card?: string;
  readonly streaming?: boolean;
  readonly windows?: readonly string[];
}

const seeds = (text: string, before: readonly number[] = []): readonly number[] => [...before, wholeNumber(0)(text)];

/** `undertone evaluate` */
export function evaluateCommand(): Command {
  return new Command('evaluate')
    .summary('measure a classifier or a model on corpora of emotional speech')
    .description(
      'Measures how often a classifier or a model is right on whole clips, by a protocol. Writes the predictions of each clip, metrics.json, figures and report.html.',
    )
    .option('--protocol <name>', 'what is trained with and what is tested, see below', 'held-out')
    .option('--corpus <name=dir>', 'a corpus and where it is; may be given several times', collect)
    .option('--also <name=dir>', 'a corpus that is only trained with; may be given several times', collect)
    .option('--classifier <name>', 'train this anew for each fold: logistic-regression, svm, random-forest, mlp …')
    .option('--model <dir>', 'measure this finished model (default: the one that comes with undertone)')
    .option('--folds <file>', 'the test folds by file name, for the protocols of EmoBox')
    .option('--fold <name>', 'only this fold')
    .option('--seed <n>', 'seed of a training; may be given several times (default: 1)', seeds)
    .option('--condition <names>', 'of clean, phone, noise-20, noise-10, noise-5, room', nameList, ['clean'])
    .option('--noise <dir>', 'recordings of noise, to train and to measure with')
    .option('--rooms <dir>', 'impulse responses of rooms, to measure with')
    .option('--plain', 'train with clips as they are only, not varied, noisy and over the telephone too')
    .option('--quick', 'small classifiers, to see that everything works')
    .option('--labels <changes>', 'changes of how labels of the corpora are taken, e.g. calm=drop')
    .option('--clips-per-speaker <n>', 'clips of one speaker at most (default: 200)', wholeNumber(1))
    .option('--out <dir>', 'folder of what comes out (default: evaluations/PROTOCOL-NAME)')
    .option('--cache <dir>', 'where computed features are kept (default: .cache/features)')
    .option('--workers <n>', 'threads that compute features (default: one per core)', wholeNumber(1))
    .option('--json', 'print everything that was measured, as JSON')
    .option('--streaming', 'measure the live timeline instead, on long streams made of single speakers’ clips')
    .option('--windows <ms>', 'lengths of the window to try (default: 1000,2000,3000), with --streaming', nameList)
    .option('--check <dir>', 'recompute the metrics.json of this folder from its predictions, and do nothing else')
    .option(
      '--card <dir>',
      'write the CARD.md of this model anew, with the evaluations under --out, and do nothing else',
    )
    .addHelpText(
      'after',
      `
Protocols:
  held-out               cross-validation over speakers, five folds
  emobox-ravdess         the six folds of EmoBox, eight classes
  emobox-emodb           the five folds of EmoBox, seven classes; speakers are in training and test, as published
  leave-one-speaker-out  each speaker by a classifier trained on the others
  cross-corpus           each corpus by a classifier trained on the others; anger, happiness, neutral, sadness

UA is the unweighted average of the recalls of all classes; by chance it is 1 divided by their number. Settings and the temperature
come from training speakers who are held out, never from the test part. A model that was trained with the test speakers is
refused. A run that was interrupted goes on where it stopped.

--streaming joins a speaker's clips, emotion after emotion, with pauses: how many changes the label follows, how late, how often it
flips within one emotion. Settings are chosen on streams of training speakers who are held out. Writes streaming.json and figures.

Examples:
  undertone evaluate --protocol emobox-emodb --corpus emodb=EmoDB --folds emobox-emodb.json --classifier mlp
  undertone evaluate --protocol cross-corpus --corpus ravdess=RAVDESS --corpus emodb=EmoDB --classifier mlp --seed 1 --seed 2
  undertone evaluate --model models/mine --corpus emovo=EMOVO --condition clean,phone,noise-10 --noise noise
  undertone evaluate --streaming --corpus ravdess=RAVDESS --corpus emodb=EmoDB --classifier mlp --windows 2000,3000
  undertone evaluate --check evaluations/emobox-emodb-mlp
  undertone evaluate --card models/mine --out evaluations`,
    )
    .action(async (options: EvaluateOptions) => {
      if (options.check !== undefined) return check(options.check);
      if (options.card !== undefined) return card(options.card, options.out);
      return measure(options);
    });
}

async function measure(options: EvaluateOptions): Promise<void> {
  const [{ CONDITION_NAMES, PROTOCOL_NAMES, runEvaluation, runStreamingEvaluation }, { phasesOn }] = await Promise.all([
    import('../training/index.ts'),
    import('./progress.ts'),
  ]);
  const {
    protocol,
    corpus = [],
    classifier,
    model,
    seed,
    condition,
    json,
    check: _,
    streaming,
    windows,
    ...rest
  } = options;
  if (classifier !== undefined && model !== undefined) {
    throw await usage('Give either --classifier, which is trained for each fold, or --model.');
  }
  const known = await oneOf<ProtocolName>('protocol', protocol, PROTOCOL_NAMES);
  const conditions: ConditionName[] = [];
  for (const name of condition) conditions.push(await oneOf('condition', name, CONDITION_NAMES));
  const progress = phasesOn(process.stderr);
  const given = {
    ...rest,
    protocol: known,
    corpora: corpus,
    subject: classifier === undefined ? { model: model ?? DEFAULT_MODEL } : { classifier },
    conditions,
    ...(seed && { seeds: [...new Set(seed)] }),
    onProgress: ({ phase, done, total }: TrainingProgress) => progress.at(phase, done, total),
    onWarning: (message: string) => {
      progress.clear();
      complain(`warning: ${message}`);
    },
  };
  try {
    if (streaming) {
      const windowsMs = windows?.map(Number);
      if (windowsMs?.some((ms) => !Number.isInteger(ms) || ms < 500 || ms > 30_000 || ms % 10 > 0)) {
        throw await usage('--windows takes lengths in ms, multiples of 10 from 500 to 30000.');
      }
      const { out, summary } = await runStreamingEvaluation({ ...given, present: DEFAULT_MODEL, windowsMs });
      progress.end();
      process.stdout.write(
        json ? `${JSON.stringify(summary, null, 2)}\n` : `${streamingTable(summary)}${out}/streaming.json\n`,
      );
    } else {
      const { out, metrics } = await runEvaluation(given);
      progress.end();
      process.stdout.write(json ? `${JSON.stringify(metrics, null, 2)}\n` : `${table(metrics)}${out}/report.html\n`);
    }
  } finally {
    progress.end();
  }
}

async function check(folder: string): Promise<void> {
  const { checkEvaluation } = await import('../training/index.ts');
  const differences = checkEvaluation(folder);
  for (const { path, written, recomputed } of differences) {
    process.stdout.write(
      `${path}: written ${JSON.stringify(written)}, the predictions give ${JSON.stringify(recomputed)}\n`,
    );
  }
  if (differences.length > 0) {
    complain(`metrics.json in ${folder} differs from its predictions in ${differences.length} places.`);
    process.exitCode = EXIT.failed;
    return;
  }
  process.stdout.write(`${folder}: every number of metrics.json follows from the predictions.\n`);
}

async function card(model: string, evaluations: string | undefined): Promise<void> {
  const { writeCard } = await import('../training/index.ts');
  process.stdout.write(`${writeCard(model, evaluations)}\n`);
}

async function oneOf<Name extends string>(what: string, text: string, names: readonly Name[]): Promise<Name> {
  const known = names.find((name) => name === text);
  if (known !== undefined) return known;
  throw await usage(`The ${what} "${text}" is unknown; use one of ${names.join(', ')}.`);
}

async function usage(detail: string): Promise<Error> {
  const { UndertoneError } = await import('../errors.ts');
  return new UndertoneError('usage', { detail });
}

/** Per condition the headline and its interval, then the units it is the mean of. */
function table({ conditions, labels, protocol, subject, seeds, complete }: EvaluationMetrics): string {
  const percent = (share: number): string => (100 * share).toFixed(1);
  const rows = Object.entries(conditions).flatMap(([condition, of]) => [
    [
      condition,
      'mean',
      percent(of.ua.value),
      `${percent(of.ua.low)}–${percent(of.ua.high)}`,
      String(of.clips),
      percent(of.pooled.accuracy.value),
      percent(of.pooled.macroF1.value),
      of.pooled.ece.value.toFixed(3),
    ],
    ...of.uaByUnit.map(({ unit, clips, ua }) => [
      '',
      unit,
      percent(ua.value),
      `${percent(ua.low)}–${percent(ua.high)}`,
      String(clips),
    ]),
  ]);
  const head = ['condition', '', 'UA', '95 %', 'clips', 'accuracy', 'macro F1', 'ECE'];
  const title = `${subject}, ${protocol}${complete ? '' : ' (not all of its folds)'}: ${labels.length} classes, seed ${seeds.join(', ')}`;
  return aligned(title, head, rows);
}

/** Per condition and settings: what is followed, how late, how steadily. */
function streamingTable({ subject, protocol, seeds, test, chosen, present }: StreamingSummary): string {
  const percent = (share: number): string => (100 * share).toFixed(1);
  const rows = Object.entries(test).flatMap(([condition, of]) =>
    (['present', 'chosen', 'nested'] as const).flatMap((which) => {
      const figures = of[which];
      if (figures === null) return [];
      const { followed, medianDelayMs, flipsPerMinute, accuracy, coverage } = figures;
      return [
        [
          condition,
          which,
          percent(followed.value),
          Number.isFinite(medianDelayMs.value) ? `${(medianDelayMs.value / 1000).toFixed(2)} s` : 'mostly never',
          flipsPerMinute.value.toFixed(1),
          percent(accuracy.value),
          percent(1 - coverage.value),
        ],
      ];
    }),
  );
  const head = ['condition', 'settings', 'followed', 'delay', 'flips/min', 'right', 'abstained'];
  const settings = Object.entries({ present, chosen }).map(([name, of]) =>
    of === null ? '' : `${name}: ${JSON.stringify(of.settings)}\n`,
  );
  return `${aligned(`${subject}, ${protocol}, streams: seed ${seeds.join(', ')}`, head, rows)}${settings.join('')}`;
}

function aligned(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((word, column) => Math.max(word.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const lines = [head, ...rows].map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return [title, ...lines].map((line) => `${line.trimEnd()}\n`).join('');
}
