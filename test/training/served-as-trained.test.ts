import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { featureSet } from '../../src/features/index.ts';
import type { WindowModel } from '../../src/inference/index.ts';
import type { WindowEvent } from '../../src/protocol/index.ts';
import { createAnalyzer } from '../../src/streams/index.ts';
import { clipWindows } from '../../src/training/clip-windows.ts';
import { corpusSource, findClips } from '../../src/training/clips.ts';
import { conditions, underCondition } from '../../src/training/conditions.ts';
import { decide } from '../../src/training/decide.ts';
import { type CacheOptions, clipSets } from '../../src/training/feature-cache.ts';
import { labelMap } from '../../src/training/labels.ts';
import { Random } from '../../src/training/random.ts';
import { manifestFor } from '../inference/model-folder.ts';
import { syntheticRavdess, voiceLike } from './synthetic-corpus.ts';

const GRID = { windowMs: 3000, stepMs: 500 };
const MANNER = { pitch: 1, movement: 0.1, syllablesPerSecond: 4, gain: 0.5 };

/** Remembers what it is asked, and answers with some of it. */
class Listener implements WindowModel {
  readonly manifest = manifestFor({});
  readonly hash = 'listener';
  readonly runtime = 'none';
  readonly heard: Float32Array[] = [];
  predict(features: Float32Array, rows: number): Float32Array {
    const logits = new Float32Array(rows * this.manifest.labels.length);
    for (let row = 0; row < rows; row++) {
      const own = features.slice(row * featureSet.length, (row + 1) * featureSet.length);
      this.heard.push(own);
      for (let label = 0; label < 4; label++) logits[row * 4 + label] = Math.sin(own[label]! * (label + 1)) || 0;
    }
    return logits;
  }
  dispose(): void {}
}

describe('what a model is trained on', () => {
  const clip = voiceLike(4.321, 120, MANNER, new Random('served'));

  it.each(['clean', 'phone', 'varied-phone'] as const)('is what it is served, in every bit: %s', (name) => {
    const audio = underCondition(clip, conditions[name], { training: [], test: [] }, 'seed');
    const trained = clipWindows(audio, GRID);
    const model = new Listener();
    const stream = createAnalyzer({ model }).open({
      streamId: 's',
      callId: 's',
      format: audio.format,
      channels: [{ name: 'mixed', role: 'unknown' }],
      analysis: { ...GRID, descriptors: [] },
    });
    const windows: WindowEvent[] = [];
    stream.events.subscribe((event) => {
      if (event.type === 'window') windows.push(event);
    });
    for (let at = 0; at < audio.bytes.length; at += 777) stream.push(audio.bytes.subarray(at, at + 777));
    stream.stop('stop');
    expect(trained.count).toBeGreaterThan(8);
    expect(model.heard).toHaveLength(trained.count);
    model.heard.forEach((features, index) => {
      const own = trained.features.subarray(index * featureSet.length, (index + 1) * featureSet.length);
      expect(Buffer.from(features.buffer).equals(Buffer.from(own.slice().buffer))).toBe(true);
    });
    expect([...trained.endMs]).toEqual(windows.map(({ endMs }) => endMs));
    expect([...trained.speechRatio]).toEqual(windows.map(({ speechRatio }) => Math.fround(speechRatio)));
    // And what becomes of the answers in training's calibration is what becomes of them in serving.
    const logits = new Float32Array(trained.count * 4);
    for (const [index, features] of [...model.heard].entries()) logits.set(model.predict(features, 1), index * 4);
    const decisions = decide(model.manifest, {
      endMs: windows.map(({ endMs }) => endMs),
      speechRatio: windows.map(({ speechRatio }) => speechRatio),
      logits,
    });
    expect(
      decisions.map(({ score, confidence, label }) => [score, confidence, model.manifest.labels[label] ?? 'unknown']),
    ).toEqual(windows.map(({ score, confidence, label }) => [score, confidence, label]));
  });
});

describe('the cache of windows', () => {
  let folder: string;
  let cache: string;
  let computed = 0;
  const options = (): CacheOptions => ({
    cache,
    grid: GRID,
    noises: { training: [], test: [] },
    seed: 1,
    workers: 0,
    onProgress: () => {
      computed += 1;
    },
  });

  beforeAll(async () => {
    folder = await syntheticRavdess(2, 1);
    cache = mkdtempSync(join(tmpdir(), 'undertone-cache-'));
  });

  it('gives back what was computed, and computes nothing twice', async () => {
    const clips = findClips(corpusSource(`ravdess=${folder}`), labelMap());
    const [first] = await clipSets(clips, ['clean'], options());
    expect(computed).toBe(1);
    expect(first!.count).toBe(6 * 4); // two seconds, a window every half
    expect([...first!.streamOf.subarray(0, 5)]).toEqual([0, 0, 0, 0, 1]);
    expect(first!.spansMs).toEqual(clips.map(() => [[0, 2000]]));
    const [again] = await clipSets(clips, ['clean'], { ...options(), seed: 2 });
    expect(computed).toBe(1);
    expect(again).toEqual(first);
    // What is drawn at random depends on the seed.
    await clipSets(clips, ['varied'], options());
    await clipSets(clips, ['varied'], { ...options(), seed: 2 });
    expect(computed).toBe(3);
  });

  it('goes on where an interrupted run stopped', async () => {
    const clips = findClips(corpusSource(`ravdess=${folder}`), labelMap());
    const shard = readdirSync(cache, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.name.endsWith('.json'))
      .map((entry) => join(entry.parentPath, entry.name))
      .find((path) => path.includes('/clean/'))!;
    const before = statSync(shard.replace('.json', '.f32')).size;
    rmSync(shard);
    writeFileSync(shard.replace('.json', '.f32'), 'half a file');
    computed = 0;
    const [set] = await clipSets(clips, ['clean'], options());
    expect(computed).toBe(1);
    expect(existsSync(shard)).toBe(true);
    expect(statSync(shard.replace('.json', '.f32')).size).toBe(before);
    expect(set!.features.length).toBe(24 * featureSet.length);
  });

  it('leaves out a clip that cannot be read and says so, and trains with the others', async () => {
    const broken = await syntheticRavdess(1, 1);
    const [path] = readdirSync(join(broken, 'Actor_01')).map((name) => join(broken, 'Actor_01', name));
    writeFileSync(path!, 'this is not audio');
    const clips = findClips(corpusSource(`ravdess=${broken}`), labelMap());
    const warnings: string[] = [];
    const [set] = await clipSets(clips, ['clean'], { ...options(), onWarning: (message) => warnings.push(message) });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(clips.find((clip) => clip.path === path)!.id);
    expect(set!.count).toBe(2 * 4);
  });
});
