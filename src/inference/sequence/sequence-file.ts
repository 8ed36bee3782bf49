import { z } from 'zod';
import { descriptors } from '../../features/index.ts';
import type { ModelManifest } from '../manifest.ts';
import { type SequenceShape, servedWeights } from './shape.ts';

const positive = z.int().positive();
/** Larger networks are not what this is for, and would be a way to fill the memory with a small file. */
const MOST_WIDTH = 1024;
const MOST_DILATION = 64;
const MOST_MEMBERS = 16;
const columns = positive.max(MOST_WIDTH).multipleOf(8);

const sequenceSchema = z.object({
  format: z.literal('undertone-sequence'),
  inputs: z
    .array(
      z.object({
        descriptor: z.string().refine((name) => descriptors.some((each) => each.name === name), 'is no descriptor'),
        adapt: z.number().min(0).max(1),
      }),
    )
    .min(1)
    .max(MOST_WIDTH),
  width: columns,
  dilations: z.array(positive.max(MOST_DILATION)).max(16),
  attention: columns,
  members: positive.max(MOST_MEMBERS),
  weightsManifest: z.tuple([
    z.object({
      paths: z.tuple([z.literal('weights.bin')]),
      weights: z.array(z.object({ name: z.string(), shape: z.array(positive), dtype: z.literal('float32') })),
    }),
  ]),
});

export interface SequenceFile {
  readonly shape: SequenceShape;
  /** The weights of each network. */
  readonly members: readonly Float32Array[];
}

/**
 * A sequence network from the files of its folder: `model.json` says its shape, of how many networks it is the mean, and lists their
 * weights in the order of `servedWeights`, network after network; `weights.bin` holds them, float32, little-endian.
 *
 * @throws Error that says in one phrase what is wrong with it
 */
export function parseSequence(files: ReadonlyMap<string, Uint8Array>, manifest: ModelManifest): SequenceFile {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(files.get('model.json')!).toString('utf8'));
  } catch {
    throw new Error('model.json is not JSON');
  }
  const parsed = sequenceSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`model.json, ${issue?.path.join('.') || 'as a whole'}: ${issue?.message}`);
  }
  const { inputs, width, dilations, attention, members, weightsManifest } = parsed.data;
  const shape: SequenceShape = { inputs, width, dilations, attention, classes: manifest.labels.length };
  const named = listed(shape, members).map(({ name, shape: size }) => `${name} ${size.join()}`);
  const found = weightsManifest[0].weights.map(({ name, shape: size }) => `${name} ${size.join()}`);
  const wrong = named.findIndex((each, index) => each !== found[index]);
  if (wrong >= 0 || found.length !== named.length) {
    throw new Error(
      `model.json lists ${found[wrong] ?? 'other weights'} where the network has ${named[wrong] ?? 'none'}`,
    );
  }
  if (manifest.normalisation.mean.length !== inputs.length) {
    throw new Error(`it has ${inputs.length} inputs, manifest.json normalises ${manifest.normalisation.mean.length}`);
  }
  const bytes = files.get('weights.bin');
  if (bytes === undefined) throw new Error('model.json names weights.bin, manifest.json does not');
  const { length } = servedWeights(shape);
  if (bytes.byteLength !== members * length * 4) {
    throw new Error(`its weights take ${bytes.byteLength} bytes, model.json describes ${members * length * 4}`);
  }
  const weights = new Float32Array(Uint8Array.from(bytes).buffer);
  if (!weights.every(Number.isFinite)) throw new Error('weights.bin holds what is no number');
  return {
    shape,
    members: Array.from({ length: members }, (_, index) => weights.slice(index * length, (index + 1) * length)),
  };
}

/** The weights of all networks as `model.json` lists them. */
function listed(shape: SequenceShape, members: number): { name: string; shape: number[]; dtype: 'float32' }[] {
  return Array.from({ length: members }, (_, index) => index).flatMap((index) =>
    servedWeights(shape).list.map(({ name, rows, columns: count }) => ({
      name: `network${index + 1}/${name}`,
      shape: name.endsWith('/bias') ? [count] : [rows, count],
      dtype: 'float32' as const,
    })),
  );
}

/** The files of a sequence network, by name. @param members the weights of each of its networks */
export function sequenceFiles(
  shape: SequenceShape,
  members: readonly Float32Array[],
): Readonly<Record<string, string | Uint8Array>> {
  const { inputs, width, dilations, attention } = shape;
  const file = {
    format: 'undertone-sequence',
    generatedBy: 'undertone train',
    inputs,
    width,
    dilations,
    attention,
    members: members.length,
    weightsManifest: [{ paths: ['weights.bin'], weights: listed(shape, members.length) }],
  };
  return {
    'model.json': `${JSON.stringify(file, undefined, 1)}\n`,
    // Every platform that Node runs on is little-endian, as the format is.
    'weights.bin': Buffer.concat(
      members.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
    ),
  };
}
