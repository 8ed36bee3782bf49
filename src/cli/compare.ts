import { Command } from 'commander';
import type { ProtocolName } from '../training/index.ts';
import { complain } from './exit.ts';
import { collect, wholeNumber } from './option-parsers.ts';

interface CompareOptions {
  readonly corpus?: readonly string[];
  readonly protocol?: readonly string[];
  readonly evaluation?: readonly string[];
  readonly folds?: readonly string[];
  readonly fold?: string;
  readonly classifier?: readonly string[];
  readonly seed?: readonly number[];
  readonly noise?: string;
  readonly plain?: boolean;
  readonly quick?: boolean;
  readonly labels?: string;
  readonly clipsPerSpeaker?: number;
  readonly out?: string;
  readonly page?: string;
  readonly cache?: string;
  readonly workers?: number;
  readonly json?: boolean;
}

const seeds = (text: string, before: readonly number[] = []): readonly number[] => [...before, wholeNumber(0)(text)];

/** `undertone compare` */
export function compareCommand(): Command {
  return new Command('compare')
    .summary('compare classifiers on corpora of emotional speech')
    .description(
      'Trains classifiers on the same folds and prints one table of what each reaches and takes. Writes it as comparison.md, with a figure, and the predictions of each clip.',
    )
    .option('--corpus <name=dir>', 'a corpus and where it is; may be given several times', collect)
    .option('--protocol <name>', 'what is trained with and what is tested; may be given several times', collect)
    .option('--evaluation <dir>', 'add what "undertone evaluate" has measured; may be given several times', collect)
    .option(
      '--classifier <name>',
      'one of those below; may be given several times (default: all on functionals)',
      collect,
    )
    .option(
      '--folds <file>',
      'test folds by file name, for the protocols of EmoBox; may be given several times',
      collect,
    )
    .option('--fold <name>', 'only this fold')
    .option('--seed <n>', 'seed of a training; may be given several times (default: 1)', seeds)
    .option('--noise <dir>', 'recordings of noise to train with')
    .option('--plain', 'train with clips as they are only, not varied, noisy and over the telephone too')
    .option('--labels <changes>', 'changes of how labels of the corpora are taken, e.g. calm=drop')
    .option('--clips-per-speaker <n>', 'clips of one speaker at most (default: 200)', wholeNumber(1))
    .option('--quick', 'small classifiers, to see that everything works')
    .option('--out <dir>', 'folder of what comes out (default: evaluations/comparison)')
    .option('--page <file>', 'where the page goes, with images/ beside it (default: comparison.md in that folder)')
    .option('--cache <dir>', 'where computed features are kept (default: .cache/features)')
    .option('--workers <n>', 'threads that compute features (default: one per core)', wholeNumber(1))
    .option('--json', 'print everything that was measured, as JSON')
    .addHelpText(
      'after',
      `
Classifiers on the functionals of windows:
  logistic-regression   svm (RBF, one against all)   random-forest   gradient-boosting   k-nearest-neighbours
  mlp (a perceptron of two hidden layers)
and on the descriptors themselves: sequence (a recurrent network, which takes far longer to train)

Protocols are those of "undertone evaluate". Settings come from training speakers who are held out, never from the test part. A run
that was interrupted goes on where it stopped.

Examples:
  undertone compare --corpus emodb=EmoDB --protocol leave-one-speaker-out
  undertone compare --corpus ravdess=RAVDESS --protocol held-out --classifier svm --classifier mlp --plain --seed 1 --seed 2
  undertone compare --evaluation evaluations/emobox-emodb-sequence --evaluation evaluations/emobox-emodb-mlp`,
    )
    .action(async (options: CompareOptions) => {
      const [{ PROTOCOL_NAMES, runComparison }, { phasesOn }, { UndertoneError }] = await Promise.all([
        import('../training/index.ts'),
        import('./progress.ts'),
        import('../errors.ts'),
      ]);
      const { corpus = [], protocol = [], evaluation, classifier, seed, json, ...rest } = options;
      const protocols = protocol.map((name): ProtocolName => {
        const known = PROTOCOL_NAMES.find((candidate) => candidate === name);
        if (known !== undefined) return known;
        const detail = `The protocol "${name}" is unknown; use one of ${PROTOCOL_NAMES.join(', ')}.`;
        throw new UndertoneError('usage', { detail });
      });
      const progress = phasesOn(process.stderr);
      const { text, page, ...comparison } = await runComparison({
        ...rest,
        corpora: corpus,
        protocols,
        classifiers: classifier,
        evaluations: evaluation,
        seeds: seed,
        onProgress: ({ phase, done, total }) => progress.at(phase, done, total),
        onWarning: (message) => {
          progress.clear();
          complain(`warning: ${message}`);
        },
      }).finally(() => progress.end());
      process.stdout.write(json ? `${JSON.stringify(comparison, null, 2)}\n` : `${text}\n${page}\n`);
    });
}
