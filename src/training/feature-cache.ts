import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { featureSet, ROW_LENGTH } from '../features/index.ts';
import type { WindowGrid } from './clip-windows.ts';
import type { Clip } from './clips.ts';
import { type ConditionName, conditions } from './conditions.ts';
import { type ExtractionTask, readShard, type Shard, type StreamSource } from './extract.ts';
import { runTasks } from './extraction-pool.ts';
import type { NoiseFiles } from './noises.ts';

/** The windows of some streams in one condition. */
export interface StreamWindows {
  /** Other windows, other key. */
  readonly key: string;
  readonly condition: ConditionName;
  readonly count: number;
  /** Per window: which of the streams. */
  readonly streamOf: Int32Array;
  /** count × `featureSet.length`. */
  readonly features: Float32Array;
  readonly speechRatio: Float32Array;
  readonly endMs: Float32Array;
  /** Per stream: where each of its recordings begins and ends, ms; none where it could not be read. */
  readonly spansMs: readonly (readonly (readonly [start: number, end: number])[])[];
  /** Per stream, where they were asked for: `ROW_LENGTH` descriptors of each of its hops. */
  readonly hops?: readonly (Float32Array | undefined)[];
}

/** The windows of clips, a stream each. */
export interface WindowSet extends StreamWindows {
  readonly clips: readonly Clip[];
}

export interface CacheOptions {
  /** Folder of the cache. */
  readonly cache: string;
  readonly grid: WindowGrid;
  readonly noises: NoiseFiles;
  readonly seed: number;
  /** Threads; 0 computes in this one. */
  readonly workers: number;
  readonly onProgress?: (done: number, total: number) => void;
  readonly onWarning?: (message: string) => void;
}

/** Raise this when reading or conditions change what is extracted. */
const REVISION = 3;
/** Recordings of one task: about ten seconds of work. */
const RECORDINGS_PER_TASK = 40;

/** The descriptors of every hop of a stream. */
export interface StreamHops {
  /** `ROW_LENGTH` values a hop. */
  readonly hops: Float32Array;
  /** Where its last sample ends. */
  readonly durationMs: number;
  readonly spansMs: StreamWindows['spansMs'][number];
}

/** The hops of streams in one condition. */
export interface HopSet {
  readonly condition: ConditionName;
  /** None where a stream could not be read. */
  readonly streams: readonly (StreamHops | undefined)[];
}

/** The hops of streams in conditions; cached as their windows are. */
export async function cachedHops(
  streams: readonly StreamSource[],
  names: readonly ConditionName[],
  options: Omit<CacheOptions, 'grid'>,
): Promise<readonly HopSet[]> {
  const sets = await cachedShards(streams, names, { ...options, grid: 'hops' });
  return sets.map(({ condition, shards }) => {
    const found = new Map<string, StreamHops>();
    for (const { ids, windows, values, spansMs, failed } of shards) {
      const ends = values.subarray(values.length - ids.length);
      let at = 0;
      ids.forEach((id, index) => {
        const hops = values.subarray(at, at + windows[index]! * ROW_LENGTH);
        found.set(id, { hops, durationMs: ends[index]!, spansMs: spansMs[index]! });
        at += hops.length;
      });
      for (const [id, reason] of Object.entries(failed)) options.onWarning?.(`${id} was left out: ${reason}`);
    }
    return { condition, streams: streams.map(({ id }) => found.get(id)) };
  });
}

/** Windows with the hops of their streams beside them. */
export async function withHops<Windows extends StreamWindows>(
  sets: readonly Windows[],
  streams: readonly StreamSource[],
  options: Omit<CacheOptions, 'grid'>,
): Promise<Windows[]> {
  const hops = await cachedHops(
    streams,
    sets.map(({ condition }) => condition),
    options,
  );
  return sets.map((set, index) => ({ ...set, hops: hops[index]!.streams.map((stream) => stream?.hops) }));
}

/** Clips as streams, each of its own. */
export const clipStreams = (clips: readonly Clip[]): StreamSource[] =>
  clips.map(({ id, path, section }) => ({ id, paths: [path], ...(section && { sections: [section] }) }));

/** The windows of clips in conditions. */
export async function clipSets(
  clips: readonly Clip[],
  names: readonly ConditionName[],
  options: CacheOptions,
): Promise<readonly WindowSet[]> {
  const sets = await cachedWindows(clipStreams(clips), names, options);
  return sets.map((set) => ({ ...set, clips }));
}

/**
 * The windows of streams in conditions, from the cache where they are in it: keyed by the feature set's hash, the grid, the
 * recordings, the condition, the noises and the seed. What an interrupted run has finished is not computed again.
 */
export async function cachedWindows(
  streams: readonly StreamSource[],
  names: readonly ConditionName[],
  options: CacheOptions,
): Promise<readonly StreamWindows[]> {
  const sets = await cachedShards(streams, names, options);
  return sets.map(({ key, condition, shards }) => ({ key, ...together(condition, streams, shards, options) }));
}

type ShardOptions = Omit<CacheOptions, 'grid'> & { readonly grid: WindowGrid | 'hops' };

/** What the cache holds of streams in conditions, after what it did not hold was computed. */
async function cachedShards(
  streams: readonly StreamSource[],
  names: readonly ConditionName[],
  options: ShardOptions,
): Promise<{ readonly key: string; readonly condition: ConditionName; readonly shards: readonly Shard[] }[]> {
  const tasks = portions(streams).map((part): ExtractionTask => {
    const outputs = names.map((condition) => ({ condition, out: placeOf(part, condition, options) }));
    return { streams: part, outputs, grid: options.grid, noises: options.noises, seed: options.seed };
  });
  await runTasks(
    tasks.filter(({ outputs }) => outputs.some(({ out }) => !existsSync(`${out}.json`))),
    options,
  );
  return names.map((condition, index) => {
    const places = tasks.map(({ outputs }) => outputs[index]!.out);
    const key = createHash('sha256')
      .update(places.map((place) => basename(place)).join())
      .digest('hex');
    return { key, condition, shards: places.map(readShard) };
  });
}

/** Where the cache has these streams in this condition, or will have them. */
function placeOf(part: readonly StreamSource[], condition: ConditionName, options: ShardOptions): string {
  const { cache, grid, noises, seed } = options;
  // What is not drawn at random serves every seed.
  const usesNoise = conditions[condition].snrDb !== undefined;
  const { speed, room } = conditions[condition];
  const drawn = usesNoise || speed !== undefined || room !== undefined ? seed : 0;
  const noisy = usesNoise ? [...noises.training, '|', ...noises.test].map((path) => basename(path)) : [];
  if (room !== undefined) noisy.push('rooms', ...(noises.rooms?.[room] ?? []).map((path) => basename(path)));
  const what = part.map(({ id, paths, sections, pausesMs }) => [
    id,
    paths.map((path) => statSync(path).size),
    pausesMs,
    ...(sections === undefined ? [] : [sections]),
  ]);
  const key = createHash('sha256').update(JSON.stringify([REVISION, featureSet.hash, what, noisy, drawn]));
  const kind = grid === 'hops' ? grid : `${grid.windowMs}-${grid.stepMs}`;
  const folder = join(cache, featureSet.hash.slice(0, 16), kind, condition);
  return join(folder, key.digest('hex').slice(0, 24));
}

/** Streams in portions of about as many recordings. */
function portions(streams: readonly StreamSource[]): StreamSource[][] {
  const parts: StreamSource[][] = [];
  let recordings = RECORDINGS_PER_TASK;
  for (const stream of streams) {
    if (recordings >= RECORDINGS_PER_TASK) {
      parts.push([]);
      recordings = 0;
    }
    parts.at(-1)!.push(stream);
    recordings += stream.paths.length;
  }
  return parts;
}

function together(
  condition: ConditionName,
  streams: readonly StreamSource[],
  shards: readonly Shard[],
  options: CacheOptions,
): Omit<StreamWindows, 'key'> {
  const { length } = featureSet;
  const count = shards.reduce((total, shard) => total + shard.values.length / (length + 2), 0);
  const features = new Float32Array(count * length);
  const speechRatio = new Float32Array(count);
  const endMs = new Float32Array(count);
  const streamOf = new Int32Array(count);
  const spansMs: (readonly (readonly [number, number])[])[] = streams.map(() => []);
  const position = new Map(streams.map(({ id }, index) => [id, index]));
  let at = 0;
  for (const { values, windows, ids, spansMs: spans, failed } of shards) {
    const here = values.length / (length + 2);
    features.set(values.subarray(0, here * length), at * length);
    speechRatio.set(values.subarray(here * length, here * (length + 1)), at);
    endMs.set(values.subarray(here * (length + 1)), at);
    ids.forEach((id, index) => {
      const stream = position.get(id)!;
      spansMs[stream] = spans[index]!;
      streamOf.fill(stream, at, at + windows[index]!);
      at += windows[index]!;
    });
    for (const [id, reason] of Object.entries(failed)) options.onWarning?.(`${id} was left out: ${reason}`);
  }
  return { condition, count, streamOf, features, speechRatio, endMs, spansMs };
}
