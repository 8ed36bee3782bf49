import { Command } from 'commander';
import type { Evaluation } from '../training/index.ts';
import { complain } from './exit.ts';
import { collect, nameList, wholeNumber } from './option-parsers.ts';
import { DEFAULT_MODEL } from './package.ts';
import { percent } from './table.ts';

interface EvaluateOptions {
  readonly model: string;
  readonly corpus: readonly string[];
  readonly conditions: readonly string[];
  readonly noise?: string;
  readonly labels?: string;
  readonly cache?: string;
  readonly workers?: number;
  readonly json?: boolean;
}

/** `undertone evaluate` */
export function evaluateCommand(): Command {
  return new Command('evaluate')
    .summary('measure a model on corpora of emotional speech')
    .description('Measures how often a model is right on whole clips of corpora, without abstention.')
    .requiredOption('--corpus <name=dir>', 'a corpus and where it is; may be given several times', collect)
    .option('--model <dir>', 'the model folder', DEFAULT_MODEL)
    .option('--conditions <names>', 'clean, phone, noise-20, noise-10, noise-5', nameList, ['clean'])
    .option('--noise <dir>', 'recordings of noise, for the conditions with noise')
    .option('--labels <changes>', 'changes of how labels of the corpora are taken, e.g. calm=drop')
    .option('--cache <dir>', 'where computed features are kept (default: .cache/features)')
    .option('--workers <n>', 'threads that compute features (default: one per core)', wholeNumber(1))
    .option('--json', 'everything that was measured, as JSON')
    .addHelpText(
      'after',
      `
UA is the unweighted average of the recalls of all emotions; by chance it is 1 divided by their number. A model that
was trained with a corpus has heard its speakers: figures on it say nothing of others, and the row says so. The model
card has figures on speakers that were held out.

Examples:
  undertone evaluate --corpus emovo=EMOVO
  undertone evaluate --model models/mine --corpus ravdess=RAVDESS --conditions clean,phone,noise-10 --noise noise --json`,
    )
    .action(async (options: EvaluateOptions) => {
      const [{ CONDITION_NAMES, runEvaluation }, { phasesOn }, { UndertoneError }] = await Promise.all([
        import('../training/index.ts'),
        import('./progress.ts'),
        import('../errors.ts'),
      ]);
      const { corpus, conditions: asked, json, ...rest } = options;
      const conditions = asked.map((name) => {
        const known = CONDITION_NAMES.find((condition) => condition === name);
        if (known !== undefined) return known;
        const detail = `The condition "${name}" is unknown; use some of ${CONDITION_NAMES.join(', ')}.`;
        throw new UndertoneError('usage', { detail });
      });
      const progress = phasesOn(process.stderr);
      const evaluations = await runEvaluation({
        ...rest,
        corpora: corpus,
        conditions,
        onProgress: ({ phase, done, total }) => progress.at(phase, done, total),
        onWarning: (message) => {
          progress.clear();
          complain(`warning: ${message}`);
        },
      }).finally(() => progress.end());
      process.stdout.write(json ? `${JSON.stringify(evaluations, null, 2)}\n` : table(evaluations));
    });
}

function table(evaluations: readonly Evaluation[]): string {
  const rows = evaluations.map(({ corpus, condition, trainedWith, labels, figures }) => [
    corpus,
    condition,
    percent(figures.ua),
    percent(figures.accuracy),
    String(figures.speakers),
    percent(1 / labels.length),
    trainedWith ? 'trained with' : '',
  ]);
  const head = ['corpus', 'condition', 'UA', 'accuracy', 'speakers', 'chance', ''];
  const widths = head.map((word, column) => Math.max(word.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [head, ...rows]
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}
