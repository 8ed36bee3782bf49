import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { UndertoneError } from '../errors.ts';
import type { ClassifierName } from './classifiers/classifier.ts';
import { classifierName, FUNCTIONAL_CLASSIFIERS } from './classifiers/named.ts';
import { corpusSource } from './clips.ts';
import {
  type ComparedEvaluation,
  comparisonOf,
  type ProtocolComparison,
  placeOf,
  readEvaluation,
} from './compare/comparison.ts';
import { comparisonFigure } from './compare/figure.ts';
import { type Comparison, comparisonPage, comparisonText } from './compare/page.ts';
import { type EvaluationOptions, runEvaluation } from './evaluate.ts';
import { readFoldFile } from './evaluation/fold-file.ts';
import { metricsJson } from './evaluation/metrics-file.ts';
import type { ProtocolName } from './evaluation/protocols.ts';

export interface ComparisonOptions
  extends Pick<
    EvaluationOptions,
    | 'seeds'
    | 'noise'
    | 'plain'
    | 'quick'
    | 'labels'
    | 'clipsPerSpeaker'
    | 'fold'
    | 'cache'
    | 'workers'
    | 'onProgress'
    | 'onWarning'
  > {
  /** `ravdess=DIR`, one per corpus. A protocol of EmoBox takes its own of them, the others take all. */
  readonly corpora: readonly string[];
  readonly protocols: readonly ProtocolName[];
  /** Folders of what `runEvaluation` has measured already: each becomes a row of its protocol. */
  readonly evaluations?: readonly string[] | undefined;
  /** Files of test folds; each serves the protocol of EmoBox of its corpus. */
  readonly folds?: readonly string[] | undefined;
  /** Default: all that learn from functionals. */
  readonly classifiers?: readonly string[] | undefined;
  /** Folder of what comes out; default `evaluations/comparison`. */
  readonly out?: string | undefined;
  /** The page; figures go to `images` beside it. Default: `comparison.md` in that folder. */
  readonly page?: string | undefined;
}

export interface ComparisonResult extends Comparison {
  readonly page: string;
  /** The tables as text for a terminal. */
  readonly text: string;
}

const OUT = join('evaluations', 'comparison');

/**
 * Trains and tests classifiers on the same folds, and writes one table: `comparison.md`, `comparison.json`, a figure per protocol, and
 * the predictions and report of each classifier. What an interrupted run has finished is not done again.
 *
 * @throws what `runEvaluation` throws.
 * @example
 * await runComparison({ corpora: ['emodb=EmoDB'], protocols: ['leave-one-speaker-out'], out: 'comparison' });
 */
export async function runComparison(options: ComparisonOptions): Promise<ComparisonResult> {
  const out = options.out ?? OUT;
  const classifiers = chosen(options.classifiers ?? FUNCTIONAL_CLASSIFIERS);
  const there = (options.evaluations ?? []).map(readEvaluation);
  const protocols = [...new Set([...options.protocols, ...there.map(protocolOf)])];
  if (protocols.length === 0) throw usage('Give at least one --protocol, or --evaluation.');
  // All that can be wrong with the command before anything is trained.
  const tasks = new Map(options.protocols.map((protocol) => [protocol, taskOf(protocol, options)]));
  const compared: ProtocolComparison[] = [];
  for (const protocol of protocols) {
    const task = tasks.get(protocol);
    const own = there.filter((evaluation) => protocolOf(evaluation) === protocol);
    for (const classifier of task === undefined ? [] : classifiers) {
      const folder = placeOf(out, protocol, classifier);
      await runEvaluation({
        ...task!,
        subject: { classifier },
        out: folder,
        onProgress: ({ phase, done, total }) =>
          options.onProgress?.({ phase: `${protocol}, ${classifier}: ${phase}`, done, total }),
      });
      own.push(readEvaluation(folder));
    }
    compared.push(comparisonOf(protocol, own));
  }
  const comparison: Comparison = { formatVersion: 1, command: commandOf(options), protocols: compared };
  const page = options.page ?? join(out, 'comparison.md');
  write(out, page, comparison);
  return { ...comparison, page, text: comparisonText(comparison) };
}

const protocolOf = ({ folds }: ComparedEvaluation): ProtocolName => folds[0]!.record.protocol;

function chosen(names: readonly string[]): readonly ClassifierName[] {
  const classifiers = [...new Set(names.map(classifierName))];
  if (classifiers.length === 0) throw usage('Give at least one --classifier.');
  return classifiers;
}

/** What a protocol measures: those of EmoBox their own corpus by its file of folds. */
function taskOf(protocol: ProtocolName, options: ComparisonOptions): Omit<EvaluationOptions, 'subject'> {
  const {
    corpora,
    folds = [],
    classifiers: _,
    evaluations: __,
    out: ___,
    page: ____,
    protocols: _____,
    ...rest
  } = options;
  if (corpora.length === 0) throw usage(`--protocol ${protocol}: give at least one --corpus NAME=DIR.`);
  if (!protocol.startsWith('emobox-')) return { ...rest, protocol, corpora };
  const corpus = protocol.slice('emobox-'.length);
  const own = corpora.filter((option) => corpusSource(option).spec.id === corpus);
  if (own.length === 0) throw usage(`--protocol ${protocol}: give --corpus ${corpus}=DIR.`);
  const file = folds.find((path) => readFoldFile(path).corpus === corpus);
  if (file === undefined) throw usage(`--protocol ${protocol}: give the file of its test folds with --folds.`);
  return { ...rest, protocol, corpora: own, folds: file };
}

function write(out: string, page: string, comparison: Comparison): void {
  const images = join(dirname(page), 'images');
  const figureName = (protocol: string): string => `comparison-${protocol}.svg`;
  try {
    for (const folder of [out, dirname(page), images]) mkdirSync(folder, { recursive: true });
    for (const of of comparison.protocols) writeFileSync(join(images, figureName(of.protocol)), comparisonFigure(of));
    writeFileSync(join(out, 'comparison.json'), metricsJson(comparison));
    writeFileSync(
      page,
      comparisonPage(comparison, (protocol) => `images/${figureName(protocol)}`),
    );
  } catch (thrown) {
    const detail = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
    throw new UndertoneError('file-unwritable', { path: out, detail });
  }
}

/** The command that compares the same again, with folders by their last name: where they lie is nobody's business. */
function commandOf(options: ComparisonOptions): string {
  const corpus = (option: string): string => {
    const at = option.indexOf('=') + 1;
    return option.slice(0, at) + quoted(basename(option.slice(at)));
  };
  const short = (path: string): string => (path.startsWith('/') ? basename(path) : relative('.', path));
  return [
    'undertone compare',
    ...options.corpora.map((option) => `--corpus ${corpus(option)}`),
    ...options.protocols.map((protocol) => `--protocol ${protocol}`),
    ...(options.folds ?? []).map((path) => `--folds ${quoted(basename(path))}`),
    ...(options.classifiers ?? []).map((name) => `--classifier ${name}`),
    ...(options.evaluations ?? []).map((folder) => `--evaluation ${quoted(short(folder))}`),
    ...(options.labels === undefined ? [] : [`--labels ${options.labels}`]),
    ...(options.noise === undefined ? [] : [`--noise ${quoted(basename(options.noise))}`]),
    ...(options.plain === true ? ['--plain'] : []),
    ...(options.quick === true ? ['--quick'] : []),
    ...(options.clipsPerSpeaker === undefined ? [] : [`--clips-per-speaker ${options.clipsPerSpeaker}`]),
    ...(options.fold === undefined ? [] : [`--fold ${quoted(options.fold)}`]),
    ...(options.seeds ?? [1]).map((seed) => `--seed ${seed}`),
    ...(options.out === undefined ? [] : [`--out ${quoted(short(options.out))}`]),
    ...(options.page === undefined ? [] : [`--page ${quoted(short(options.page))}`]),
  ].join(' ');
}

const quoted = (text: string): string => (/^[\w./-]+$/.test(text) ? text : `'${text}'`);
const usage = (detail: string): UndertoneError => new UndertoneError('usage', { detail });
