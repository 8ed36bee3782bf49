import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { UndertoneError } from '../errors.ts';
import { featureSet } from '../features/index.ts';
import { loadModel, type ModelManifest } from '../inference/index.ts';
import { calibrateStreams } from './calibrate-streams.ts';
import { modelCard } from './card.ts';
import { speakerFolds } from './folds.ts';
import { heldOutClips, heldOutStreams } from './held-out.ts';
import { commandOf, corporaOf } from './provenance.ts';
import { trainSequenceModel } from './sequence/train-sequence.ts';
import { trainPerceptron } from './train-perceptron.ts';
import type { TrainedModel } from './trained-model.ts';
import { loadTrainingData } from './training-data.ts';
import { reportJson, type TrainingReport } from './training-report.ts';
import { emotionsOf, rowsOf } from './window-rows.ts';
import { writeModel } from './write-model.ts';

export interface TrainingOptions {
  /** `ravdess=DIR`, one per corpus; see `corpora`. */
  readonly corpora: readonly string[];
  /** The model folder to write. */
  readonly out: string;
  /** `mlp` on functionals (the default), or `sequence` on hops. */
  readonly classifier?: string | undefined;
  /** Whether a training that was interrupted goes on where it stood; default true. */
  readonly resume?: boolean | undefined;
  /** Folder of noise recordings to train and measure with. */
  readonly noise?: string | undefined;
  /** Clips of one speaker at most, default 200: more of a voice teaches little about other voices. */
  readonly clipsPerSpeaker?: number | undefined;
  /** Changes of the label table, e.g. `calm=drop`. */
  readonly labels?: string | undefined;
  readonly seed?: number | undefined;
  /** A small network, few epochs, clean clips only: to see that everything works. */
  readonly quick?: boolean | undefined;
  /** Folder of computed features; default `.cache/features`. */
  readonly cache?: string | undefined;
  /** Threads for the features and for sequence networks; default one per core. */
  readonly workers?: number | undefined;
  /** Default: the name of the folder. */
  readonly name?: string | undefined;
  readonly version?: string | undefined;
  readonly onProgress?: ((progress: TrainingProgress) => void) | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** Where a training is; `done` of `total` steps of a phase. */
export interface TrainingProgress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
}

export interface TrainingResult {
  readonly folder: string;
  readonly manifest: ModelManifest;
  readonly report: TrainingReport;
}

const CLIPS_PER_SPEAKER = 200;
const ANALYSIS = { windowMs: 3000, stepMs: 500 } as const;
/** Windows with a smaller share of speech are not trained with: they would teach what a few syllables sound like. */
const TRAINED_SPEECH_RATIO = 0.2;
/** Windows with a smaller share of speech are given no emotion; a label that stands is kept down to the second. */
const SPEECH = { minSpeechRatio: 0.25, keepSpeechRatio: 0.1 } as const;

/** The kinds of classifier that a model can be made of. */
export const SERVED_CLASSIFIERS = ['mlp', 'sequence'] as const;

function servedClassifier(name = 'mlp'): (typeof SERVED_CLASSIFIERS)[number] {
  const known = SERVED_CLASSIFIERS.find((candidate) => candidate === name);
  if (known !== undefined) return known;
  const detail = `--classifier: a model that is served is one of ${SERVED_CLASSIFIERS.join(', ')}, not "${name}".`;
  throw new UndertoneError('usage', { detail });
}

/**
 * Trains a model and writes its folder: manifest, network, card and figures. The same corpora, options and seed give the same
 * model. Features are cached, so that an interrupted run goes on where it stopped.
 *
 * @throws `usage`, `corpus-invalid`, `file-unwritable`.
 * @example
 * await runTraining({ corpora: ['ravdess=RAVDESS', 'emodb=EmoDB'], noise: 'noise', out: 'models/mine' });
 */
export async function runTraining(options: TrainingOptions): Promise<TrainingResult> {
  const began = performance.now();
  const seed = options.seed ?? 1;
  const quick = options.quick ?? false;
  const classifier = servedClassifier(options.classifier);
  const threads = options.workers ?? availableParallelism();
  const progress = (phase: string, done: number, total: number): void => options.onProgress?.({ phase, done, total });
  if (options.corpora.length === 0)
    throw new UndertoneError('usage', { detail: 'Give at least one --corpus NAME=DIR.' });
  const cache = options.cache ?? '.cache/features';
  const data = await loadTrainingData({
    ...options,
    cache,
    grid: ANALYSIS,
    clipsPerSpeaker: options.clipsPerSpeaker ?? CLIPS_PER_SPEAKER,
    seed,
    workers: threads,
    plain: quick,
    hops: classifier === 'sequence',
    onProgress: progress,
    onWarning: options.onWarning ?? (() => {}),
  });
  const labels = emotionsOf(data.clips);
  if (labels.length < 2)
    throw new UndertoneError('usage', { detail: 'The clips have one label only; give more corpora.' });
  const rows = rowsOf(data.training, TRAINED_SPEECH_RATIO, () => true);
  if (rows.length === 0) throw new UndertoneError('usage', { detail: 'No window of the clips holds enough speech.' });
  const folds = speakerFolds(data.clips, quick ? 3 : 5, seed);
  if (folds.some(({ test }) => test.size === 0)) {
    const detail = `There are fewer testable speakers than the ${folds.length} folds; give more corpora.`;
    throw new UndertoneError('usage', { detail });
  }
  const common = { labels, folds, seed, quick, cache, onProgress: progress };
  const trained =
    classifier === 'sequence'
      ? await trainSequenceModel(data, { ...common, grid: ANALYSIS, threads, resume: options.resume ?? true })
      : await trainPerceptron(data, { ...common, rows, minSpeechRatio: TRAINED_SPEECH_RATIO });
  const { models } = trained;
  const calibration = calibrateStreams(heldOutStreams(data, models, labels), labels, ANALYSIS, SPEECH);
  const report: TrainingReport = {
    labels,
    featureSet: { name: featureSet.name, hash: featureSet.hash, length: featureSet.length },
    seed,
    quick,
    parameters: trained.parameters,
    trainingMinutes: (performance.now() - began) / 60_000,
    fit: trained.fit,
    epochs: trained.epochs,
    folds: trained.folds.map(({ fold, epochs: of, temperature, curve }) => ({
      test: [...fold.test].sort(),
      validation: [...fold.validation].sort(),
      epochs: of,
      temperature,
      curve: curve.map(({ loss, ua }) => ({ loss, ...(ua !== undefined && { ua }) })),
    })),
    clips: heldOutClips(data, models, labels),
    smoothing: {
      chosen: calibration.smoothing,
      trials: calibration.trials.map(({ timeConstantMs, hysteresis, metrics }) => ({
        timeConstantMs,
        hysteresis,
        ua: metrics.ua,
        followed: metrics.followed,
        medianDelayMs: metrics.medianDelayMs,
        flipsPerMinute: metrics.flipsPerMinute,
      })),
    },
    streaming: calibration.streaming,
    confidence: calibration.reliability,
    coverage: calibration.coverage,
  };
  const manifest: Omit<ModelManifest, 'files'> = {
    formatVersion: 1,
    ...(trained.kind === 'sequence' && { kind: trained.kind }),
    name: options.name ?? basename(options.out),
    version: options.version ?? '0.1.0',
    description: `Emotion of ${ANALYSIS.windowMs / 1000} s of speech from ${trained.what} trained on ${data.sources.map(({ spec }) => spec.name).join(', ')}.`,
    featureSet: report.featureSet,
    labels,
    analysis: ANALYSIS,
    normalisation: trained.normalisation,
    calibration: {
      // The geometric mean: temperatures are ratios.
      temperature: Math.exp(models.reduce((total, model) => total + Math.log(model.temperature), 0) / models.length),
      confidence: calibration.confidence,
      threshold: calibration.threshold,
      ...SPEECH,
    },
    smoothing: calibration.smoothing,
    training: { corpora: corporaOf(data), seed, command: commandOf(options, seed) },
    metrics: headline(report),
  };
  writeModel(options.out, manifest, trained.network, {
    'CARD.md': modelCard(manifest, report),
    'metrics.json': reportJson(report),
  });
  return { folder: options.out, manifest: await verified(options.out, trained), report };
}

function headline(report: TrainingReport): Record<string, number> {
  const rounded = (value: number): number => Number(value.toFixed(4));
  return Object.fromEntries(
    Object.entries(report.clips).flatMap(([corpus, conditions]) =>
      Object.entries(conditions).map(([condition, { ua }]) => [`${corpus}.${condition}.ua`, rounded(ua)]),
    ),
  );
}

/** Loads what was written, and makes sure that it answers as what was trained did. */
async function verified(folder: string, trained: TrainedModel): Promise<ModelManifest> {
  const model = await loadModel(folder);
  if (!trained.answersAlike(model)) {
    throw new UndertoneError('model-corrupt', {
      path: folder,
      detail: 'it answers otherwise than the trained network',
    });
  }
  model.dispose();
  return model.manifest;
}
