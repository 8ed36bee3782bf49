import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UndertoneError } from '../../src/errors.ts';
import { featureSet } from '../../src/features/index.ts';
import { loadModel, type ModelManifest } from '../../src/inference/index.ts';
import { dense, layersFiles, manifestFor, modelFolder, smallStack } from './model-folder.ts';

async function failure(folder: string): Promise<UndertoneError> {
  const thrown: unknown = await loadModel(folder).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(UndertoneError);
  return thrown as UndertoneError;
}

describe('loading a model folder', () => {
  it('gives the manifest, the runtime and a hash of all its files', async () => {
    const folder = modelFolder();
    const model = await loadModel(folder);
    const manifest = readFileSync(join(folder, 'manifest.json'));
    expect(model.hash).toBe(createHash('sha256').update(manifest).digest('hex'));
    expect(model.manifest.labels).toEqual(['anger', 'happiness', 'neutral', 'sadness']);
    expect(['tfjs-node', 'tfjs-wasm']).toContain(model.runtime);
    model.dispose();
  });

  it('says model-missing for a folder that is not there, and for each of its files', async () => {
    expect((await failure('/nowhere/at/all')).code).toBe('model-missing');
    for (const name of ['manifest.json', 'model.json', 'weights.bin']) {
      const folder = modelFolder();
      rmSync(join(folder, name));
      const error = await failure(folder);
      expect(error.code).toBe('model-missing');
      expect(error.message).toContain(folder);
    }
  });

  it('says model-missing for a file in place of the folder', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'undertone-model-')), 'file');
    writeFileSync(path, 'x');
    expect((await failure(path)).code).toBe('model-missing');
  });

  it('refuses a model of another feature set and names both', async () => {
    const other = 'a'.repeat(64);
    const error = await failure(
      modelFolder(undefined, (manifest) => ({ ...manifest, featureSet: { ...manifest.featureSet, hash: other } })),
    );
    expect(error.code).toBe('model-feature-set');
    expect(error.message).toContain(other);
    expect(error.message).toContain(featureSet.hash);
  });

  it.each([
    ['is not JSON', (folder: string) => writeFileSync(join(folder, 'manifest.json'), '{"formatVersion":')],
    ['formatVersion', (folder: string) => edit(folder, (manifest) => ({ ...manifest, formatVersion: 2 }))],
    ['labels', (folder: string) => edit(folder, (manifest) => ({ ...manifest, labels: ['anger', 'joy'] }))],
    [
      'names a label twice',
      (folder: string) => edit(folder, (manifest) => ({ ...manifest, labels: ['fear', 'fear'] })),
    ],
    [
      'normalisation',
      (folder: string) => edit(folder, (m) => ({ ...m, normalisation: { mean: [0], deviation: [1], clip: 3 } })),
    ],
    [
      'speech to keep a label',
      (folder: string) =>
        edit(folder, ({ calibration, ...rest }) => ({
          ...rest,
          calibration: { ...(calibration as object), keepSpeechRatio: 0.5 },
        })),
    ],
    ['calibration', (folder: string) => edit(folder, ({ calibration: _, ...rest }) => rest)],
    ['files.../x', (folder: string) => edit(folder, (m) => ({ ...m, files: { ...m.files, '../x': 'b'.repeat(64) } }))],
  ])('says model-corrupt for a manifest at fault, and where: %s', async (words, damage) => {
    const folder = modelFolder();
    damage(folder);
    const error = await failure(folder);
    expect(error.code).toBe('model-corrupt');
    expect(error.message).toContain(words);
  });

  it.each([
    [
      'a byte of the weights flipped',
      (files: Record<string, string | Buffer>) => {
        (files['weights.bin'] as Buffer)[7]! ^= 1;
      },
      'weights.bin',
    ],
    [
      'truncated weights',
      (files: Record<string, string | Buffer>) => {
        files['weights.bin'] = (files['weights.bin'] as Buffer).subarray(0, 1000);
      },
      'weights.bin',
    ],
    [
      'a changed model.json',
      (files: Record<string, string | Buffer>) => {
        files['model.json'] = `${files['model.json'] as string} `;
      },
      'model.json',
    ],
  ])('says model-corrupt for %s', async (_, damage, name) => {
    const error = await failure(modelFolder(undefined, undefined, damage));
    expect(error.code).toBe('model-corrupt');
    expect(error.message).toContain(`${name} has SHA-256`);
  });

  it('says model-corrupt where the hashes are right and the contents are not', async () => {
    const files = layersFiles(smallStack());
    const cases: readonly [string, Record<string, string | Buffer>][] = [
      ['model.json is not JSON', { ...files, 'model.json': 'no' }],
      ['weightsManifest', { ...files, 'model.json': '{"modelTopology":{}}' }],
      ['graph model', { ...files, 'model.json': files['model.json'].replace('layers-model', 'graph-model') }],
      [
        `its weights take ${files['weights.bin'].length - 4} bytes`,
        { ...files, 'weights.bin': files['weights.bin'].subarray(4) },
      ],
      ['manifest.json does not', { 'model.json': files['model.json'] }],
    ];
    for (const [words, contents] of cases) {
      const folder = mkdtempSync(join(tmpdir(), 'undertone-model-'));
      for (const [name, content] of Object.entries(contents)) writeFileSync(join(folder, name), content);
      writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifestFor(contents)));
      const error = await failure(folder);
      expect(error.code).toBe('model-corrupt');
      expect(error.message).toContain(words);
    }
  });

  it('says model-corrupt for a network of another shape than the manifest', async () => {
    const tooFew = [dense(featureSet.length, 8, 'relu', 1), dense(8, 3, 'linear', 2)];
    const error = await failure(modelFolder(tooFew));
    expect(error.code).toBe('model-corrupt');
    expect(error.message).toContain(`${featureSet.length} values to 3`);
    const narrow = [dense(10, 8, 'relu', 1), dense(8, 4, 'linear', 2)];
    expect((await failure(modelFolder(narrow))).code).toBe('model-corrupt');
  });

  it('says runtime-unavailable where the native runtime is asked for and cannot start', async () => {
    const native = await import('@tensorflow/tfjs-node' as string).then(
      () => true,
      () => false,
    );
    const load = loadModel(modelFolder(), { runtime: 'tfjs-node' });
    if (native) expect((await load).runtime).toBe('tfjs-node');
    else await expect(load).rejects.toMatchObject({ code: 'runtime-unavailable' });
  });

  it('leaves no handler of uncaught errors on the process', async () => {
    (await loadModel(modelFolder(), { runtime: 'tfjs-wasm' })).dispose();
    const ours = [...process.rawListeners('uncaughtException'), ...process.rawListeners('unhandledRejection')];
    expect(ours.filter((listener) => /ExitStatus|throw (ex|reason)/.test(String(listener)))).toEqual([]);
  });
});

function edit(folder: string, change: (manifest: ModelManifest) => object): void {
  const path = join(folder, 'manifest.json');
  writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')) as ModelManifest)));
}
