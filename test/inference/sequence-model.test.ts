import { describe, expect, it } from 'vitest';
import { UndertoneError } from '../../src/errors.ts';
import { featureSet, ROW_LENGTH } from '../../src/features/index.ts';
import { loadModel, sequenceSide } from '../../src/inference/index.ts';
import { MEMBERS, SERVED, sequenceFolder, sequenceManifest } from './sequence-folder.ts';
import { someHops } from './sequence-tools.ts';

async function detailOf(folder: string): Promise<string> {
  try {
    await loadModel(folder);
  } catch (error) {
    expect(error).toBeInstanceOf(UndertoneError);
    expect((error as UndertoneError).code).toBe('model-corrupt');
    return (error as UndertoneError).message;
  }
  throw new Error('it loads');
}

interface ShapeFile {
  format?: unknown;
  inputs?: unknown;
  width?: unknown;
  dilations?: unknown;
}

function edited(change: (json: ShapeFile) => void): string {
  return sequenceFolder(
    (manifest) => manifest,
    (files) => {
      const json = JSON.parse(String(files['model.json'])) as ShapeFile;
      change(json);
      files['model.json'] = JSON.stringify(json);
    },
  );
}

describe('a folder of kind sequence', () => {
  it('loads as the network that was written', async () => {
    const model = await loadModel(sequenceFolder());
    expect(model.manifest.kind).toBe('sequence');
    expect(model.runtime).toBe('wasm-simd');
    const { normalisation } = sequenceManifest({});
    const hops = someHops(200, 'clip');
    const [found, expected] = [model.sequence!, sequenceSide(SERVED, MEMBERS, normalisation)].map((side) => {
      const ear = side.listen({ windowMs: 1000, stepMs: 500 });
      for (let hop = 0; hop < 200; hop++) ear.push(hops.subarray(hop * ROW_LENGTH, (hop + 1) * ROW_LENGTH));
      return side.answer([ear.due()!]).slice();
    });
    expect(found).toEqual(expected);
    expect(found!.every(Number.isFinite)).toBe(true);
  });

  it('cannot tell from functionals, and says so', async () => {
    const model = await loadModel(sequenceFolder());
    expect(() => model.predict(new Float32Array(featureSet.length), 1)).toThrow(/hears hops/);
  });

  it.each<[string, string, RegExp]>([
    [
      'other features',
      sequenceFolder(undefined, (files) => {
        files['weights.bin'] = Buffer.alloc(12);
      }),
      /take 12 bytes/,
    ],
    [
      'a weight that is no number',
      sequenceFolder(undefined, (files) => {
        const bytes = Buffer.from(files['weights.bin']!);
        bytes.writeFloatLE(Number.NaN, 40);
        files['weights.bin'] = bytes;
      }),
      /no number/,
    ],
    [
      'no JSON',
      sequenceFolder(undefined, (files) => {
        files['model.json'] = '{';
      }),
      /is not JSON/,
    ],
    [
      'a perceptron',
      edited((json) => {
        json.format = 'layers-model';
      }),
      /format/,
    ],
    [
      'a descriptor that is none',
      edited((json) => {
        json.inputs = [{ descriptor: 'mood', adapt: 0 }];
      }),
      /is no descriptor/,
    ],
    [
      'a width that does not fit the vectors',
      edited((json) => {
        json.width = 12;
      }),
      /width/,
    ],
    [
      'a width that the weights do not have',
      edited((json) => {
        json.width = 24;
      }),
      /lists network1\/front\/kernel 536,16 where the network has network1\/front\/kernel 536,24/,
    ],
    [
      'more layers than weights',
      edited((json) => {
        json.dilations = [1, 2, 3, 4, 5];
      }),
      /where the network has network1\/body5/,
    ],
    [
      'another number of inputs than its manifest',
      sequenceFolder((manifest) => ({
        ...manifest,
        normalisation: { mean: [0], deviation: [1], clip: 5 },
      })),
      /normalises 1/,
    ],
    [
      'a mean without a deviation',
      sequenceFolder((manifest) => ({
        ...manifest,
        normalisation: { mean: [0, 1], deviation: [1], clip: 5 },
      })),
      /one mean and deviation/,
    ],
  ])('with %s is refused', async (_, folder, reason) => {
    expect(await detailOf(folder)).toMatch(reason);
  });

  it('of other features than this version computes is refused as any model is', async () => {
    const folder = sequenceFolder((manifest) => ({ ...manifest, featureSet: { ...featureSet, hash: 'other' } }));
    await expect(loadModel(folder)).rejects.toMatchObject({ code: 'model-feature-set' });
  });
});
