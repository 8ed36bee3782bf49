import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UndertoneError } from '../errors.ts';
import type { ModelManifest } from '../inference/index.ts';
import type { DenseWeights } from './mlp.ts';

/** The network in the TensorFlow.js layers format: `model.json` and `weights.bin`, float32. */
export function layersModel(weights: readonly DenseWeights[]): { 'model.json': string; 'weights.bin': Uint8Array } {
  const name = (index: number): string => `dense_${index + 1}`;
  const layers = weights.map(({ inputs, units }, index) => ({
    class_name: 'Dense',
    config: {
      name: name(index),
      ...(index === 0 && { batch_input_shape: [null, inputs] }),
      units,
      activation: index < weights.length - 1 ? 'relu' : 'linear',
      use_bias: true,
      trainable: true,
      dtype: 'float32',
    },
  }));
  const specs = weights.flatMap(({ inputs, units }, index) => [
    { name: `${name(index)}/kernel`, shape: [inputs, units], dtype: 'float32' },
    { name: `${name(index)}/bias`, shape: [units], dtype: 'float32' },
  ]);
  const arrays = weights.flatMap(({ kernel, bias }) => [kernel, bias]);
  return {
    'model.json': `${JSON.stringify(
      {
        format: 'layers-model',
        generatedBy: 'undertone train',
        convertedBy: null,
        modelTopology: { class_name: 'Sequential', config: { name: 'undertone', layers } },
        weightsManifest: [{ paths: ['weights.bin'], weights: specs }],
      },
      undefined,
      1,
    )}\n`,
    // Every platform that Node runs on is little-endian, as the format is.
    'weights.bin': Buffer.concat(arrays.map((a) => Buffer.from(a.buffer, a.byteOffset, a.byteLength))),
  };
}

/**
 * Writes a model folder.
 *
 * @param network the files that it is made of, by name: `layersModel`, `sequenceFiles`.
 * @param rest other files by name (`CARD.md`, `metrics.json`): they can be edited without harm to the model.
 * @throws `file-unwritable`.
 */
export function writeModel(
  folder: string,
  manifest: Omit<ModelManifest, 'files'>,
  network: Readonly<Record<string, string | Uint8Array>>,
  rest: Readonly<Record<string, string>>,
): void {
  const files = Object.fromEntries(
    Object.entries(network).map(([name, content]) => [name, createHash('sha256').update(content).digest('hex')]),
  );
  const whole: ModelManifest = { ...manifest, files };
  try {
    mkdirSync(folder, { recursive: true });
    for (const [name, content] of Object.entries({ ...network, ...rest })) writeFileSync(join(folder, name), content);
    // Last: a folder without it is no model.
    writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify(whole, undefined, 1)}\n`);
  } catch (thrown) {
    const detail = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
    throw new UndertoneError('file-unwritable', { path: folder, detail });
  }
}
