import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UndertoneError } from '../errors.ts';
import { featureSet } from '../features/index.ts';
import { type ModelManifest, parseManifest } from './manifest.ts';
import type { WindowModel } from './model.ts';
import { loadNetwork, type Network } from './network.ts';
import { parseNetwork, weightBytes } from './network-file.ts';
import { Normaliser } from './normalise.ts';
import { type RuntimeChoice, startRuntime } from './runtime.ts';
import { parseSequence } from './sequence/sequence-file.ts';
import { LoadedSequenceModel } from './sequence/sequence-model.ts';

export interface LoadModelOptions {
  /** Default `auto`: native where it is installed and works, else WebAssembly. */
  readonly runtime?: RuntimeChoice;
}

/**
 * Loads a model folder: `manifest.json`, and a network: in the TensorFlow.js layers format (`model.json` and its weights), or a sequence
 * network (likewise, see `sequence-file.ts`), which needs no TensorFlow.js.
 *
 * @throws `model-missing`, `model-corrupt` (a file that does not parse, has not the SHA-256 of the manifest, or holds another
 * number of weights), `model-feature-set` (trained on other features than this version computes), `runtime-unavailable`.
 * @example
 * const model = await loadModel('models/default');
 * const logits = model.predict(features, 1);
 */
export async function loadModel(folder: string, options: LoadModelOptions = {}): Promise<WindowModel> {
  const manifestBytes = await read(folder, 'manifest.json');
  const manifest = orCorrupt(folder, () => parseManifest(manifestBytes.toString('utf8')));
  if (manifest.featureSet.hash !== featureSet.hash || manifest.featureSet.length !== featureSet.length) {
    throw new UndertoneError('model-feature-set', {
      path: folder,
      found: `${manifest.featureSet.name} ${manifest.featureSet.hash}`,
      expected: `${featureSet.name} ${featureSet.hash}`,
    });
  }
  const files = new Map<string, Buffer>();
  for (const [name, expected] of Object.entries(manifest.files)) {
    const bytes = await read(folder, name);
    const found = createHash('sha256').update(bytes).digest('hex');
    if (found !== expected) throw corrupt(folder, `${name} has SHA-256 ${found}, manifest.json says ${expected}`);
    files.set(name, bytes);
  }
  // The manifest holds the hashes of the other files, so its own hash stands for all of them.
  const hash = createHash('sha256').update(manifestBytes).digest('hex');
  if (manifest.kind === 'sequence') {
    return orCorrupt(folder, () => new LoadedSequenceModel(manifest, hash, parseSequence(files, manifest)));
  }
  const file = orCorrupt(folder, () => parseNetwork(files.get('model.json')!.toString('utf8')));
  const parts = file.weightsManifest
    .flatMap(({ paths }) => paths)
    .map((path) => {
      const bytes = files.get(path);
      if (bytes === undefined) throw corrupt(folder, `model.json names ${path}, manifest.json does not`);
      return bytes;
    });
  const weights = new Uint8Array(Buffer.concat(parts)).buffer;
  const expectedBytes = weightBytes(file);
  if (weights.byteLength !== expectedBytes) {
    throw corrupt(folder, `its weights take ${weights.byteLength} bytes, model.json describes ${expectedBytes}`);
  }
  const runtime = await startRuntime(options.runtime);
  let network: Network;
  try {
    network = await loadNetwork(runtime.tf, file, weights);
  } catch (thrown) {
    throw corrupt(folder, thrown instanceof Error ? thrown.message : String(thrown));
  }
  if (network.inputs !== manifest.featureSet.length || network.outputs !== manifest.labels.length) {
    network.dispose();
    throw corrupt(
      folder,
      `its network maps ${network.inputs} values to ${network.outputs}, manifest.json describes ${manifest.featureSet.length} features and ${manifest.labels.length} labels`,
    );
  }
  return new LoadedModel(manifest, hash, runtime.name, network);
}

/** Rows of one call of the network at most; bounds its memory. */
const MAX_ROWS = 256;

class LoadedModel implements WindowModel {
  readonly manifest: ModelManifest;
  readonly hash: string;
  readonly runtime: string;
  readonly #network: Network;
  readonly #normaliser: Normaliser;
  #input = new Float32Array(0);
  #logits = new Float32Array(0);

  constructor(manifest: ModelManifest, hash: string, runtime: string, network: Network) {
    this.manifest = manifest;
    this.hash = hash;
    this.runtime = runtime;
    this.#network = network;
    this.#normaliser = new Normaliser(manifest.normalisation);
  }

  predict(features: Float32Array, rows: number): Float32Array {
    const { inputs, outputs } = this.#network;
    if (features.length < rows * inputs) throw new RangeError(`${rows} rows need ${rows * inputs} features`);
    if (this.#logits.length < rows * outputs) this.#logits = new Float32Array(rows * outputs);
    if (this.#input.length < Math.min(rows, MAX_ROWS) * inputs) {
      this.#input = new Float32Array(Math.min(rows, MAX_ROWS) * inputs);
    }
    for (let first = 0; first < rows; first += MAX_ROWS) {
      const count = Math.min(MAX_ROWS, rows - first);
      this.#normaliser.apply(features, count, this.#input, first);
      this.#logits.set(this.#network.run(this.#input.subarray(0, count * inputs), count), first * outputs);
    }
    return this.#logits.subarray(0, rows * outputs);
  }

  dispose(): void {
    this.#network.dispose();
  }
}

async function read(folder: string, name: string): Promise<Buffer> {
  try {
    return await readFile(join(folder, name));
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new UndertoneError('model-missing', { path: folder });
    throw corrupt(folder, `${name} cannot be read (${code ?? 'unknown reason'})`);
  }
}

function orCorrupt<T>(folder: string, parse: () => T): T {
  try {
    return parse();
  } catch (thrown) {
    if (thrown instanceof UndertoneError) throw thrown;
    throw corrupt(folder, thrown instanceof Error ? thrown.message : String(thrown));
  }
}

const corrupt = (path: string, detail: string): UndertoneError => new UndertoneError('model-corrupt', { path, detail });
