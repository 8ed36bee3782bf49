import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { UndertoneError } from '../errors.ts';
import { loadModel, type WindowModel } from '../inference/index.ts';
import { classifierName, functionalClassifier } from './classifiers/named.ts';
import type { WindowGrid } from './clip-windows.ts';
import { atMostPerSpeaker, type Clip, corpusSource, findClips } from './clips.ts';
import { type ConditionName, conditions } from './conditions.ts';
import { evaluationCommand } from './evaluation/command.ts';
import { type Contestant, retrained } from './evaluation/contestant.ts';
import { finishedModel, refuseHeardSpeakers } from './evaluation/finished-model.ts';
import { readFoldFile } from './evaluation/fold-file.ts';
import { FunctionalWindows } from './evaluation/functional-windows.ts';
import { PREDICTIONS, recomputed } from './evaluation/metrics-file.ts';
import { type ProtocolFold, type ProtocolName, protocolFolds, protocols, testParts } from './evaluation/protocols.ts';
import { runProtocol } from './evaluation/run-protocol.ts';
import type { EvaluationMetrics } from './evaluation/summary.ts';
import { writeReport } from './evaluation/write-report.ts';
import type { CacheOptions } from './feature-cache.ts';
import { labelMap } from './labels.ts';
import { findNoises, findRooms } from './noises.ts';
import type { TrainingProgress } from './train.ts';

export interface EvaluationOptions {
  readonly protocol: ProtocolName;
  /** `ravdess=DIR`, one per corpus: those that are tested, and in most protocols trained with. */
  readonly corpora: readonly string[];
  /** Corpora that are only trained with. */
  readonly also?: readonly string[] | undefined;
  /** File of the test folds, for the protocols of EmoBox. */
  readonly folds?: string | undefined;
  /** Only this fold. */
  readonly fold?: string | undefined;
  /** A classifier to train for each fold, or a finished model's folder. */
  readonly subject: { readonly classifier: string } | { readonly model: string };
  /** Default: 1. */
  readonly seeds?: readonly number[] | undefined;
  /** What happens to the test clips; default: clean. */
  readonly conditions?: readonly ConditionName[] | undefined;
  /** Folder of noise recordings, to train and to measure with. */
  readonly noise?: string | undefined;
  /** Folder of impulse responses of rooms. */
  readonly rooms?: string | undefined;
  /** Trains with clips as they are only. */
  readonly plain?: boolean | undefined;
  /** Small classifiers, to see that everything works. */
  readonly quick?: boolean | undefined;
  readonly labels?: string | undefined;
  /** Clips of one speaker at most, default 200. */
  readonly clipsPerSpeaker?: number | undefined;
  /** Folder of what comes out; default `evaluations/<protocol>-<subject>`. */
  readonly out?: string | undefined;
  readonly cache?: string | undefined;
  readonly workers?: number | undefined;
  readonly onProgress?: ((progress: TrainingProgress) => void) | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
}

export interface Evaluation {
  readonly out: string;
  readonly metrics: EvaluationMetrics;
}

const CLIPS_PER_SPEAKER = 200;
/** Conditions, noises and capped clips are drawn with this seed whatever the seeds of training: all are measured on the same. */
const DATA_SEED = 1;
const ANALYSIS: WindowGrid = { windowMs: 3000, stepMs: 500 };
const TRAINED_SPEECH_RATIO = 0.2;

/**
 * Measures a classifier or a model by a protocol, and writes predictions, figures and a report. What an interrupted run has
 * finished is not done again.
 *
 * @throws `usage`, `corpus-invalid`, `file-missing`, `file-unreadable`, `file-unwritable`, `trained-on-test-speakers`, and what
 * `loadModel` throws.
 * @example
 * await runEvaluation({ protocol: 'emobox-emodb', corpora: ['emodb=EmoDB'], folds: 'emodb.json', subject: { classifier: 'mlp' } });
 */
export async function runEvaluation(options: EvaluationOptions): Promise<Evaluation> {
  const { protocol, subject, corpora, also = [], seeds = [1], conditions: names = ['clean'] } = options;
  if (corpora.length === 0) throw new UndertoneError('usage', { detail: 'Give at least one --corpus NAME=DIR.' });
  const noises = { ...findNoises(options.noise), rooms: findRooms(options.rooms) };
  requireSources(names, noises);
  const spec = protocols[protocol];
  // A model knows emotions only: it takes calm for neutral, and boredom for none.
  const map = labelMap('model' in subject ? options.labels : [spec.labels, options.labels ?? ''].join(','));
  const clipsOf = (sources: readonly string[]): Clip[] =>
    sources
      .map(corpusSource)
      .flatMap((source) =>
        atMostPerSpeaker(findClips(source, map), options.clipsPerSpeaker ?? CLIPS_PER_SPEAKER, DATA_SEED),
      );
  const parts = {
    clips: clipsOf(corpora),
    also: clipsOf(also),
    ...(options.folds !== undefined && { folds: readFoldFile(options.folds) }),
  };
  const cache = (grid: WindowGrid): CacheOptions => ({
    cache: options.cache ?? '.cache/features',
    grid,
    noises,
    seed: DATA_SEED,
    workers: options.workers ?? availableParallelism(),
    onProgress: (done, total) => options.onProgress?.({ phase: 'features', done, total }),
    ...(options.onWarning && { onWarning: options.onWarning }),
  });
  let model: WindowModel | undefined;
  try {
    let folds: readonly ProtocolFold[];
    let contestant: Contestant;
    if ('model' in subject) {
      model = await loadModel(subject.model);
      const { labels, analysis } = model.manifest;
      const clips = parts.clips.filter(({ label }) => (labels as readonly string[]).includes(label));
      refuseHeardSpeakers(model.manifest, clips);
      // Whoever is not trained for each fold needs no folds to be held out.
      const tests = protocol === 'held-out' ? [{ name: 'all', test: clips }] : testParts(spec, { ...parts, clips });
      folds = tests.map(({ name, test }) => ({ name, test, train: [], validation: [] }));
      contestant = finishedModel(model, new FunctionalWindows(clips, cache(analysis)), parametersOf(subject.model));
    } else {
      folds = protocolFolds(spec, parts);
      const source = new FunctionalWindows([...parts.clips, ...parts.also], cache(ANALYSIS));
      const trainedIn: ConditionName[] = options.plain
        ? ['clean']
        : ['clean', 'varied', ...(noises.training.length > 0 ? ['varied-noise' as const] : []), 'varied-phone'];
      contestant = await contestantNamed(subject.classifier, source, trainedIn, options.quick ?? false);
    }
    const out = options.out ?? join('evaluations', `${protocol}-${contestant.name.replace(/[^\w.-]+/g, '-')}`);
    await runProtocol({
      protocol,
      folds,
      only: options.fold,
      contestant,
      seeds,
      conditions: names,
      out: join(out, PREDICTIONS),
      onProgress: (fold, seed, share) =>
        options.onProgress?.({ phase: `fold ${fold}, seed ${seed}`, done: Math.round(1000 * share), total: 1000 }),
      ...(options.onWarning && { onWarning: options.onWarning }),
    });
    const metrics = recomputed(out);
    await writeReport(out, metrics, { command: evaluationCommand(options), onWarning: options.onWarning });
    return { out, metrics };
  } finally {
    model?.dispose();
  }
}

async function contestantNamed(
  name: string,
  source: FunctionalWindows,
  trainedIn: readonly ConditionName[],
  quick: boolean,
): Promise<Contestant> {
  const known = classifierName(name);
  if (known === 'sequence') {
    throw new UndertoneError('usage', { detail: '--classifier: "sequence" does not learn from functionals.' });
  }
  const classifier = await functionalClassifier(known, { quick });
  return retrained({ classifier, source, trainedIn, minSpeechRatio: TRAINED_SPEECH_RATIO });
}

/** Bytes of the weights by four: they are float32. */
function parametersOf(folder: string): number {
  return statSync(join(folder, 'weights.bin')).size / 4;
}

/** A condition without its recordings would be another. */
function requireSources(names: readonly ConditionName[], noises: CacheOptions['noises']): void {
  for (const name of names) {
    const { snrDb, room } = conditions[name];
    const lack = (detail: string): UndertoneError => new UndertoneError('usage', { detail });
    if (snrDb !== undefined && noises.test.length === 0) {
      throw lack(`The condition ${name} takes recordings of noise named office…: give their folder with --noise.`);
    }
    if (room !== undefined && (noises.rooms?.test.length ?? 0) === 0) {
      throw lack(`The condition ${name} takes impulse responses of rooms: give their folder with --rooms.`);
    }
  }
}
