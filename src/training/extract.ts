import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { readMono16k } from '../audio/index.ts';
import { clipWindows, type WindowGrid } from './clip-windows.ts';
import { type ConditionName, conditions, type NoisePools, underCondition } from './conditions.ts';
import type { NoiseFiles } from './noises.ts';

/** Some clips of a corpus in one condition: what one worker does at a time, and one file of the cache. */
export interface ExtractionTask {
  readonly clips: readonly { readonly id: string; readonly path: string }[];
  readonly condition: ConditionName;
  readonly grid: WindowGrid;
  readonly noises: NoiseFiles;
  readonly seed: number;
  /** Without extension: `.json` says what is in `.f32`, and is written last. */
  readonly out: string;
}

/** What `.json` says; `.f32` holds all features, then all speech ratios, then all ends in ms. */
export interface ShardIndex {
  readonly windows: readonly number[];
  readonly clips: readonly string[];
  /** Clips that could not be read, and why. */
  readonly failed: Readonly<Record<string, string>>;
}

const pools = new Map<string, Promise<NoisePools>>();

/** Computes the windows of the task's clips and writes them, unless they are there. */
export async function extract(task: ExtractionTask): Promise<void> {
  if (existsSync(`${task.out}.json`)) return;
  const noises = await noisePools(task.noises);
  const parts: { features: Float32Array; speechRatio: Float32Array; endMs: Float32Array }[] = [];
  const clips: string[] = [];
  const windows: number[] = [];
  const failed: Record<string, string> = {};
  for (const { id, path } of task.clips) {
    try {
      const samples = await readMono16k(path);
      const audio = underCondition(samples, conditions[task.condition], noises, `${task.seed} ${task.condition} ${id}`);
      const part = clipWindows(audio, task.grid);
      parts.push(part);
      clips.push(id);
      windows.push(part.count);
    } catch (thrown) {
      failed[id] = thrown instanceof Error ? thrown.message : String(thrown);
    }
  }
  const arrays = [
    ...parts.map(({ features }) => features),
    ...parts.map(({ speechRatio }) => speechRatio),
    ...parts.map(({ endMs }) => endMs),
  ];
  mkdirSync(dirname(task.out), { recursive: true });
  writeWhole(`${task.out}.f32`, Buffer.concat(arrays.map((a) => Buffer.from(a.buffer, a.byteOffset, a.byteLength))));
  writeWhole(`${task.out}.json`, JSON.stringify({ clips, windows, failed } satisfies ShardIndex));
}

/** What a finished task has written. */
export function readShard(out: string): ShardIndex & { readonly values: Float32Array } {
  const index = JSON.parse(readFileSync(`${out}.json`, 'utf8')) as ShardIndex;
  const bytes = readFileSync(`${out}.f32`);
  return { ...index, values: new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4) };
}

/** Never half a file under its name: the next run would take it for a whole one. */
function writeWhole(path: string, content: string | Buffer): void {
  writeFileSync(`${path}.part`, content);
  renameSync(`${path}.part`, path);
}

function noisePools(files: NoiseFiles): Promise<NoisePools> {
  const key = JSON.stringify(files);
  let pool = pools.get(key);
  if (pool === undefined) {
    pool = (async () => ({ training: await readAll(files.training), test: await readAll(files.test) }))();
    pools.set(key, pool);
  }
  return pool;
}

async function readAll(paths: readonly string[]): Promise<Float32Array[]> {
  const noises: Float32Array[] = [];
  for (const path of paths) {
    const samples = await readMono16k(path);
    if (samples.length === 0) throw new Error(`${basename(path)} holds no audio`);
    noises.push(samples);
  }
  return noises;
}
