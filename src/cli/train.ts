import { Command } from 'commander';
import { complain } from './exit.ts';
import { collect, wholeNumber } from './option-parsers.ts';

interface TrainOptions {
  readonly corpus: readonly string[];
  readonly out: string;
  readonly classifier?: string;
  readonly resume: boolean;
  readonly noise?: string;
  readonly clipsPerSpeaker?: number;
  readonly labels?: string;
  readonly seed: number;
  readonly quick?: boolean;
  readonly cache?: string;
  readonly workers?: number;
  readonly name?: string;
  readonly modelVersion?: string;
}

/** `undertone train` */
export function trainCommand(): Command {
  return new Command('train')
    .summary('train a model on corpora of emotional speech')
    .description(
      'Trains a model on corpora of emotional speech and writes its folder: manifest, network, card and figures on speakers that were held out.',
    )
    .requiredOption('--corpus <name=dir>', 'a corpus and where it is; may be given several times', collect)
    .requiredOption('--out <dir>', 'the model folder to write')
    .option(
      '--classifier <name>',
      'mlp, on functionals of windows (the default), or sequence, a network that hears every hop',
    )
    .option('--resume', 'go on with a training that was interrupted (the default)')
    .option('--no-resume', 'begin anew, whatever is there')
    .option('--noise <dir>', 'recordings of noise to train and to measure with')
    .option('--clips-per-speaker <n>', 'clips of one speaker at most (default: 200)', wholeNumber(1))
    .option('--labels <changes>', 'changes of how labels of the corpora are taken, e.g. calm=drop')
    .option('--seed <n>', 'the same seed, corpora and options give the same model', wholeNumber(0), 1)
    .option('--quick', 'a small network and few epochs, to see that everything works')
    .option('--cache <dir>', 'where computed features are kept (default: .cache/features)')
    .option(
      '--workers <n>',
      'threads that compute features and sequence networks (default: one per core)',
      wholeNumber(1),
    )
    .option('--name <name>', 'name of the model (default: the name of its folder)')
    .option('--model-version <version>', 'version of the model (default: 0.1.0)')
    .addHelpText(
      'after',
      `
Corpora are known by their official file names: ravdess, emodb, nemo, tess and others; an unknown name lists them.
Mind their licences: some forbid commercial use, and the model card says so.

Examples:
  undertone train --corpus ravdess=RAVDESS --corpus emodb=EmoDB --noise noise --out models/mine
  undertone train --corpus emodb=EmoDB --quick --out /tmp/model
  undertone train --corpus ravdess=RAVDESS --classifier sequence --out models/sequence
  undertone analyze call.wav --model models/mine`,
    )
    .action(async (options: TrainOptions) => {
      const [{ runTraining }, { phasesOn }] = await Promise.all([
        import('../training/index.ts'),
        import('./progress.ts'),
      ]);
      const { corpus, modelVersion, ...rest } = options;
      const progress = phasesOn(process.stderr);
      const { folder, manifest } = await runTraining({
        ...rest,
        corpora: corpus,
        version: modelVersion,
        onProgress: ({ phase, done, total }) => progress.at(phase, done, total),
        onWarning: (message) => {
          progress.clear();
          complain(`warning: ${message}`);
        },
      }).finally(() => progress.end());
      const metrics = Object.entries(manifest.metrics).map(([name, value]) => `  ${name}  ${value}`);
      process.stdout.write(`${folder}: model ${manifest.name} ${manifest.version}\n${metrics.join('\n')}\n`);
    });
}
