import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { corpusSource, findClips } from '../../src/training/clips.ts';
import { clipSets } from '../../src/training/feature-cache.ts';
import { labelMap } from '../../src/training/labels.ts';
import { syntheticRavdess } from './synthetic-corpus.ts';

// Threads run files, so this is about the built package, which `npm test` makes first.
const BUILT = pathToFileURL(resolve(import.meta.dirname, '../../dist/training/feature-cache.js')).href;

describe('extraction in threads', () => {
  it('gives what it gives in one, in the same order', async () => {
    const built = (await import(BUILT)) as { clipSets: typeof clipSets };
    // 96 recordings, one of them by the name of RAVDESS's duplicate: three tasks.
    const folder = await syntheticRavdess(8, 4);
    const clips = findClips(corpusSource(`ravdess=${folder}`), labelMap());
    expect(clips).toHaveLength(95);
    const options = { grid: { windowMs: 1000, stepMs: 500 }, noises: { training: [], test: [] }, seed: 1 };
    const cache = (): string => mkdtempSync(join(tmpdir(), 'undertone-pool-'));
    const progress: number[] = [];
    const threaded = await built.clipSets(clips, ['clean', 'varied-phone'], {
      ...options,
      cache: cache(),
      workers: 2,
      onProgress: (done) => progress.push(done),
    });
    expect(progress).toEqual([1, 2, 3]);
    const inline = await clipSets(clips, ['clean', 'varied-phone'], { ...options, cache: cache(), workers: 0 });
    expect(threaded).toEqual(inline);
  }, 60_000);

  it('ends with the error of a thread that cannot write', async () => {
    const built = (await import(BUILT)) as { clipSets: typeof clipSets };
    const clips = findClips(corpusSource(`ravdess=${await syntheticRavdess(8, 4)}`), labelMap());
    const failing = built.clipSets(clips, ['clean'], {
      grid: { windowMs: 1000, stepMs: 500 },
      noises: { training: [], test: [] },
      seed: 1,
      cache: '/dev/null/nowhere',
      workers: 2,
    });
    await expect(failing).rejects.toThrow(/ENOTDIR/);
  }, 60_000);
});
