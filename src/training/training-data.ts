import type { WindowGrid } from './clip-windows.ts';
import { atMostPerSpeaker, type Clip, type CorpusSource, corpusSource, findClips } from './clips.ts';
import type { ConditionName } from './conditions.ts';
import {
  type CacheOptions,
  cachedWindows,
  clipSets,
  clipStreams,
  type StreamWindows,
  type WindowSet,
  withHops,
} from './feature-cache.ts';
import { isTestable } from './folds.ts';
import { type JoinedStream, joinedStreams } from './joined-streams.ts';
import { labelMap } from './labels.ts';
import { findNoises } from './noises.ts';

export interface DataOptions {
  /** `ravdess=DIR`, one per corpus. */
  readonly corpora: readonly string[];
  /** Folder of noise recordings; without it nothing is trained or measured in noise. */
  readonly noise?: string | undefined;
  /** Clips of one speaker at most. */
  readonly clipsPerSpeaker: number;
  /** Changes of the label table, e.g. `calm=drop`. */
  readonly labels?: string | undefined;
  readonly cache: string;
  readonly grid: WindowGrid;
  readonly seed: number;
  readonly workers: number;
  /** Trains with the clips as they are only. */
  readonly plain: boolean;
  /** Whether the hops of all streams are needed, beside their windows. */
  readonly hops: boolean;
  readonly onProgress: (phase: string, done: number, total: number) => void;
  readonly onWarning: (message: string) => void;
}

/** All that a model is trained with and measured on. */
export interface TrainingData {
  readonly sources: readonly CorpusSource[];
  readonly clips: readonly Clip[];
  /** Clips to train with, in all conditions of training. */
  readonly training: readonly WindowSet[];
  /** Clips of the testable corpora in the conditions that figures are given for. */
  readonly test: readonly WindowSet[];
  /** One stream per speaker of the testable corpora, in the same conditions. */
  readonly streams: readonly JoinedStream[];
  readonly streamWindows: readonly StreamWindows[];
}

const TRAINED_IN: readonly ConditionName[] = ['clean', 'varied', 'varied-noise', 'varied-phone'];
const MEASURED_IN: readonly ConditionName[] = ['clean', 'phone', 'noise-10'];

/** Finds the clips and computes their windows, or takes them from the cache. */
export async function loadTrainingData(options: DataOptions): Promise<TrainingData> {
  const labels = labelMap(options.labels);
  const noises = findNoises(options.noise);
  const sources = options.corpora.map(corpusSource);
  const clips = sources.flatMap((source) =>
    atMostPerSpeaker(findClips(source, labels), options.clipsPerSpeaker, options.seed),
  );
  const usable = (names: readonly ConditionName[], has: boolean): ConditionName[] =>
    names.filter((name) => has || !name.includes('noise'));
  const trainedIn = options.plain ? (['clean'] as ConditionName[]) : usable(TRAINED_IN, noises.training.length > 0);
  const measuredIn = usable(MEASURED_IN, noises.test.length > 0);
  const cache = (phase: string): CacheOptions => ({
    ...options,
    noises,
    onProgress: (done, total) => options.onProgress(phase, done, total),
  });
  const training: WindowSet[] = [];
  const test: WindowSet[] = [];
  for (const { spec } of sources) {
    const own = clips.filter((clip) => clip.corpus === spec.id);
    const names = [...new Set([...trainedIn, ...(spec.testable ? measuredIn : [])])];
    const windows = await clipSets(own, names, cache(`features of ${spec.name}`));
    const sets = options.hops ? await withHops(windows, clipStreams(own), cache(`hops of ${spec.name}`)) : windows;
    training.push(...sets.filter(({ condition }) => trainedIn.includes(condition)));
    if (spec.testable) test.push(...sets.filter(({ condition }) => measuredIn.includes(condition)));
  }
  const streams = joinedStreams(
    clips.filter((clip) => isTestable(clip.corpus)),
    options.seed,
  );
  const windows = await cachedWindows(streams, measuredIn, cache('features of joined streams'));
  const streamWindows = options.hops ? await withHops(windows, streams, cache('hops of joined streams')) : windows;
  return { sources, clips, training, test, streams, streamWindows };
}
