import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { featureSet } from '../features/index.ts';
import type { WindowGrid } from './clip-windows.ts';
import type { Clip } from './clips.ts';
import type { ConditionName } from './conditions.ts';
import { type ExtractionTask, extract, readShard } from './extract.ts';
import type { NoiseFiles } from './noises.ts';

/** The windows of some clips in one condition. */
export interface WindowSet {
  readonly condition: ConditionName;
  readonly clips: readonly Clip[];
  readonly count: number;
  /** Per window: which of the clips. */
  readonly clipOf: Int32Array;
  /** count × `featureSet.length`. */
  readonly features: Float32Array;
  readonly speechRatio: Float32Array;
  readonly endMs: Float32Array;
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
const REVISION = 1;
const CLIPS_PER_TASK = 100;

/**
 * The windows of clips in conditions, from the cache where they are in it: keyed by the feature set's hash, the grid, the clips, the
 * condition, the noises and the seed. What an interrupted run has finished is not computed again.
 */
export async function cachedWindows(
  clips: readonly Clip[],
  names: readonly ConditionName[],
  options: CacheOptions,
): Promise<readonly WindowSet[]> {
  const tasks = names.flatMap((condition) => tasksOf(clips, condition, options));
  await runTasks(
    tasks.map(({ task }) => task).filter(({ out }) => !existsSync(`${out}.json`)),
    options,
  );
  return names.map((condition) => {
    const shards = tasks.filter(({ task }) => task.condition === condition).map(({ task }) => readShard(task.out));
    return together(condition, clips, shards, options);
  });
}

function tasksOf(clips: readonly Clip[], condition: ConditionName, options: CacheOptions) {
  const { grid, noises, seed } = options;
  const noisy = condition.includes('noise')
    ? [...noises.training, '|', ...noises.test].map((path) => basename(path))
    : [];
  const folder = join(options.cache, featureSet.hash.slice(0, 16), `${grid.windowMs}-${grid.stepMs}`, condition);
  const tasks: { readonly task: ExtractionTask }[] = [];
  for (let first = 0; first < clips.length; first += CLIPS_PER_TASK) {
    const part = clips.slice(first, first + CLIPS_PER_TASK).map(({ id, path }) => ({ id, path }));
    const what = part.map(({ id, path }) => `${id} ${statSync(path).size}`);
    const key = createHash('sha256').update(JSON.stringify([REVISION, featureSet.hash, what, noisy, seed]));
    const out = join(folder, key.digest('hex').slice(0, 24));
    tasks.push({ task: { clips: part, condition, grid, noises, seed, out } });
  }
  return tasks;
}

async function runTasks(tasks: readonly ExtractionTask[], options: CacheOptions): Promise<void> {
  const total = tasks.length;
  let done = 0;
  const advance = (): void => {
    done += 1;
    options.onProgress?.(done, total);
  };
  // From the TypeScript sources there is no worker file that Node could run; everything is then done here.
  const sources = import.meta.url.endsWith('.ts');
  if (options.workers === 0 || sources || total < 2) {
    for (const task of tasks) {
      await extract(task);
      advance();
    }
    return;
  }
  const waiting = [...tasks];
  const workers = Array.from({ length: Math.min(options.workers, total) }, () => work(waiting, advance));
  await Promise.all(workers);
}

/** One thread that takes tasks until none is left. */
function work(waiting: ExtractionTask[], advance: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./extraction-worker.js', import.meta.url));
    const next = (): void => {
      const task = waiting.shift();
      if (task === undefined) worker.terminate().then(() => resolve(), reject);
      else worker.postMessage(task);
    };
    worker.on('message', ({ error }: { readonly error?: string }) => {
      if (error !== undefined) {
        worker.terminate().then(() => reject(new Error(error)), reject);
        return;
      }
      advance();
      next();
    });
    worker.on('error', reject);
    next();
  });
}

function together(
  condition: ConditionName,
  clips: readonly Clip[],
  shards: readonly ReturnType<typeof readShard>[],
  options: CacheOptions,
): WindowSet {
  const { length } = featureSet;
  const count = shards.reduce((total, shard) => total + shard.values.length / (length + 2), 0);
  const features = new Float32Array(count * length);
  const speechRatio = new Float32Array(count);
  const endMs = new Float32Array(count);
  const clipOf = new Int32Array(count);
  const position = new Map(clips.map(({ id }, index) => [id, index]));
  let at = 0;
  for (const { values, windows, clips: ids, failed } of shards) {
    const here = values.length / (length + 2);
    features.set(values.subarray(0, here * length), at * length);
    speechRatio.set(values.subarray(here * length, here * (length + 1)), at);
    endMs.set(values.subarray(here * (length + 1)), at);
    ids.forEach((id, index) => {
      clipOf.fill(position.get(id)!, at, at + windows[index]!);
      at += windows[index]!;
    });
    for (const [id, reason] of Object.entries(failed)) options.onWarning?.(`${id} was left out: ${reason}`);
  }
  return { condition, clips, count, clipOf, features, speechRatio, endMs };
}
