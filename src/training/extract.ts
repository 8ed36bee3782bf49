import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { ANALYSIS_RATE_HZ, readMono16k } from '../audio/index.ts';
import { readClip } from './clip-audio.ts';
import { clipHops } from './clip-hops.ts';
import { type ClipWindows, clipWindows, type WindowGrid } from './clip-windows.ts';
import { type ConditionName, conditions, joined, type NoisePools, underCondition } from './conditions.ts';
import type { Section } from './corpora/found-clip.ts';
import type { NoiseFiles } from './noises.ts';

/** What is analysed as one stream: a recording, or several with pauses between. */
export interface StreamSource {
  readonly id: string;
  readonly paths: readonly string[];
  /** The part of each recording that is meant; all of it where none is given. */
  readonly sections?: readonly (Section | undefined)[];
  /** Silence before each recording, ms; none where it is not given. */
  readonly pausesMs?: readonly number[];
}

/** Some streams in some conditions: what one worker does at a time. */
export interface ExtractionTask {
  readonly streams: readonly StreamSource[];
  readonly outputs: readonly ExtractionOutput[];
  /** Of the windows; `hops` for the descriptors of every hop in place of windows. */
  readonly grid: WindowGrid | 'hops';
  readonly noises: NoiseFiles;
  readonly seed: number;
}

/** One condition's file of the cache. */
export interface ExtractionOutput {
  readonly condition: ConditionName;
  /** Without extension: `.json` says what is in `.f32`, and is written last. */
  readonly out: string;
}

/**
 * What `.json` says; `.f32` holds all features, then all speech ratios, then all ends in ms; of hops, all descriptors, then where each
 * stream ends.
 */
export interface ShardIndex {
  readonly ids: readonly string[];
  /** Windows of each stream, or hops. */
  readonly windows: readonly number[];
  /** Of each stream: where each of its recordings begins and ends, ms, before the condition changed anything. */
  readonly spansMs: readonly (readonly (readonly [start: number, end: number])[])[];
  /** Streams that could not be read, and why. */
  readonly failed: Readonly<Record<string, string>>;
}

export interface Shard extends ShardIndex {
  readonly values: Float32Array;
}

/** Computes the windows of the task's streams and writes those that are not there. */
export async function extract(task: ExtractionTask): Promise<void> {
  const shards = task.outputs
    .filter(({ out }) => !existsSync(`${out}.json`))
    .map(({ condition, out }) => ({ condition, out, shard: new ShardWriter() }));
  if (shards.length === 0) return;
  const noises = await noisePools(task.noises);
  for (const stream of task.streams) {
    try {
      const { samples, spans } = await readJoined(stream);
      // All conditions before any is kept: a stream is in all of the files or in none.
      const windows = shards.map(({ condition }) => {
        const seed = `${task.seed} ${condition} ${stream.id}`;
        const audio = underCondition(samples, conditions[condition], noises, seed);
        return task.grid === 'hops' ? clipHops(audio) : clipWindows(audio, task.grid);
      });
      shards.forEach(({ shard }, index) => {
        shard.add(stream.id, windows[index]!, spans);
      });
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      for (const { shard } of shards) shard.failed[stream.id] = reason;
    }
  }
  for (const { shard, out } of shards) shard.write(out);
}

class ShardWriter {
  readonly failed: Record<string, string> = {};
  readonly #ids: string[] = [];
  readonly #parts: ClipWindows[] = [];
  readonly #spansMs: (readonly (readonly [number, number])[])[] = [];

  add(id: string, windows: ClipWindows, spansMs: readonly (readonly [number, number])[]): void {
    this.#ids.push(id);
    this.#parts.push(windows);
    this.#spansMs.push(spansMs);
  }

  write(out: string): void {
    const arrays = [
      ...this.#parts.map(({ features }) => features),
      ...this.#parts.map(({ speechRatio }) => speechRatio),
      ...this.#parts.map(({ endMs }) => endMs),
    ];
    const index: ShardIndex = {
      ids: this.#ids,
      windows: this.#parts.map(({ count }) => count),
      spansMs: this.#spansMs,
      failed: this.failed,
    };
    mkdirSync(dirname(out), { recursive: true });
    writeWhole(`${out}.f32`, Buffer.concat(arrays.map((a) => Buffer.from(a.buffer, a.byteOffset, a.byteLength))));
    writeWhole(`${out}.json`, JSON.stringify(index));
  }
}

/** What a finished task has written. */
export function readShard(out: string): Shard {
  const index = JSON.parse(readFileSync(`${out}.json`, 'utf8')) as ShardIndex;
  const bytes = readFileSync(`${out}.f32`);
  return { ...index, values: new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4) };
}

async function readJoined(stream: StreamSource): Promise<{ samples: Float32Array; spans: [number, number][] }> {
  const pieces: Float32Array[] = [];
  const spans: [number, number][] = [];
  let length = 0;
  const toMs = (samples: number): number => Math.round((samples * 1000) / ANALYSIS_RATE_HZ);
  for (const [index, path] of stream.paths.entries()) {
    const pause = new Float32Array(Math.round(((stream.pausesMs?.[index] ?? 0) * ANALYSIS_RATE_HZ) / 1000));
    const samples = await readClip({ path, section: stream.sections?.[index] });
    spans.push([toMs(length + pause.length), toMs(length + pause.length + samples.length)]);
    pieces.push(pause, samples);
    length += pause.length + samples.length;
  }
  return { samples: joined(pieces), spans };
}

/** Never half a file under its name: the next run would take it for a whole one. */
function writeWhole(path: string, content: string | Buffer): void {
  writeFileSync(`${path}.part`, content);
  renameSync(`${path}.part`, path);
}

const pools = new Map<string, Promise<NoisePools>>();

function noisePools(files: NoiseFiles): Promise<NoisePools> {
  const key = JSON.stringify(files);
  let pool = pools.get(key);
  if (pool === undefined) {
    pool = (async () => ({
      training: await readAll(files.training),
      test: await readAll(files.test),
      ...(files.rooms && {
        rooms: { training: await readAll(files.rooms.training), test: await readAll(files.rooms.test) },
      }),
    }))();
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
