import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { UndertoneError } from '../../errors.ts';
import { loadModel, type ModelManifest } from '../../inference/index.ts';
import { CostMeter } from '../classifiers/cost-meter.ts';
import { classifierName, functionalClassifier } from '../classifiers/named.ts';
import type { WindowGrid } from '../clip-windows.ts';
import { atMostPerSpeaker, type Clip, corpusSource, findClips } from '../clips.ts';
import { type ConditionName, conditions } from '../conditions.ts';
import type { EvaluationOptions } from '../evaluate.ts';
import type { CacheOptions } from '../feature-cache.ts';
import { labelMap } from '../labels.ts';
import { findNoises, findRooms } from '../noises.ts';
import { HopWindows } from '../sequence/hop-windows.ts';
import { QUICK_SEQUENCE_FIT, SEQUENCE_FIT, SEQUENCE_MEMBERS } from '../sequence/recipe.ts';
import { sequenceClassifier } from '../sequence/sequence-classifier.ts';
import { type Contestant, retrained } from './contestant.ts';
import { finishedModel, finishedSequence, refuseHeardSpeakers } from './finished-model.ts';
import { readFoldFile } from './fold-file.ts';
import { FunctionalWindows } from './functional-windows.ts';
import { type ProtocolFold, protocolFolds, protocols, testParts } from './protocols.ts';

/** What is to be measured, on what. */
export interface Setup {
  readonly folds: readonly ProtocolFold[];
  /** Every clip of the folds. */
  readonly clips: readonly Clip[];
  /** Of a finished model. */
  readonly manifest?: ModelManifest;
  /**
   * @param grid windows of clips, where they are not those of the model.
   * @param streamStepMs step of the windows of long streams.
   */
  contestant(grid?: WindowGrid, streamStepMs?: number): Promise<Contestant>;
  dispose(): void;
}

const CLIPS_PER_SPEAKER = 200;
/** Conditions, noises and capped clips are drawn with this seed whatever the seeds of training: all are measured on the same. */
const DATA_SEED = 1;
export const ANALYSIS: WindowGrid = { windowMs: 3000, stepMs: 500 };
const TRAINED_SPEECH_RATIO = 0.2;

/** @throws what `runEvaluation` throws. */
export async function setUp(options: EvaluationOptions): Promise<Setup> {
  const { protocol, subject, corpora, also = [], conditions: names = ['clean'] } = options;
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
  if (!('model' in subject)) {
    const clips = [...parts.clips, ...parts.also];
    const trainedIn: ConditionName[] = options.plain
      ? ['clean']
      : ['clean', 'varied', ...(noises.training.length > 0 ? ['varied-noise' as const] : []), 'varied-phone'];
    return {
      folds: protocolFolds(spec, parts),
      clips,
      contestant: (grid = ANALYSIS, streamStepMs) =>
        contestantNamed(subject.classifier, clips, cache(grid), streamStepMs, trainedIn, options.quick ?? false),
      dispose() {},
    };
  }
  const model = await loadModel(subject.model);
  const { labels, analysis } = model.manifest;
  const clips = parts.clips.filter(({ label }) => (labels as readonly string[]).includes(label));
  try {
    refuseHeardSpeakers(model.manifest, clips);
    // Whoever is not trained for each fold needs no folds to be held out.
    const tests = protocol === 'held-out' ? [{ name: 'all', test: clips }] : testParts(spec, { ...parts, clips });
    return {
      folds: tests.map(({ name, test }) => ({ name, test, train: [], validation: [] })),
      clips,
      manifest: model.manifest,
      contestant: async (grid = analysis, streamStepMs) =>
        model.sequence === undefined
          ? finishedModel(model, new FunctionalWindows(clips, cache(grid), streamStepMs), parametersOf(subject.model))
          : finishedSequence(model, new HopWindows(clips, cache(grid), streamStepMs), parametersOf(subject.model)),
      dispose: () => model.dispose(),
    };
  } catch (thrown) {
    model.dispose();
    throw thrown;
  }
}

async function contestantNamed(
  name: string,
  clips: readonly Clip[],
  cache: CacheOptions,
  streamStepMs: number | undefined,
  trainedIn: readonly ConditionName[],
  quick: boolean,
): Promise<Contestant> {
  const known = classifierName(name);
  const meter = new CostMeter();
  const options = { trainedIn, minSpeechRatio: TRAINED_SPEECH_RATIO };
  const contestant =
    known === 'sequence'
      ? retrained({
          ...options,
          classifier: meter.on(
            sequenceClassifier({
              fit: quick ? QUICK_SEQUENCE_FIT : SEQUENCE_FIT,
              members: quick ? 1 : SEQUENCE_MEMBERS,
              threads: cache.workers,
              cache: cache.cache,
            }),
          ),
          source: new HopWindows(clips, cache, streamStepMs),
        })
      : retrained({
          ...options,
          classifier: meter.on(await functionalClassifier(known, { quick })),
          source: new FunctionalWindows(clips, cache, streamStepMs),
        });
  return { ...contestant, cost: () => meter.take() };
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
