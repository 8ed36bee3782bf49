import { z } from 'zod';
import type { TensorFlow } from './runtime.ts';

/** A layer of a plain dense stack: out = activation(in · kernel + bias). */
export interface DenseLayer {
  readonly inputs: number;
  readonly units: number;
  readonly activation: DenseActivation;
  /** inputs × units, row by row. */
  readonly kernel: Float32Array;
  /** One value per unit. */
  readonly bias: Float32Array;
}

const DENSE_ACTIVATIONS = ['linear', 'relu', 'relu6', 'elu', 'sigmoid'] as const;
export type DenseActivation = (typeof DENSE_ACTIVATIONS)[number];

/** `model.json` of the TensorFlow.js layers format, as the TensorFlow.js converter and `undertone train` write it. */
const networkSchema = z.object({
  format: z.string().optional(),
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: z
    .array(
      z.object({
        paths: z.array(z.string().regex(/^[\w-][\w.-]*$/, 'is not a plain file name')).min(1),
        weights: z
          .array(z.looseObject({ name: z.string(), shape: z.array(z.int().nonnegative()), dtype: z.string() }))
          .min(1),
      }),
    )
    .min(1),
});

const layerSchema = z.object({
  class_name: z.string(),
  config: z.looseObject({ name: z.string().optional(), units: z.int().optional(), activation: z.string().optional() }),
});
type Layer = z.infer<typeof layerSchema>;

export type NetworkFile = z.infer<typeof networkSchema>;

/** Reads `model.json`; throws an `Error` that says in one phrase what is wrong with it. */
export function parseNetwork(json: string): NetworkFile {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new Error('model.json is not JSON');
  }
  const parsed = networkSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`model.json, ${issue?.path.join('.') || 'as a whole'}: ${issue?.message}`);
  }
  if (parsed.data.format === 'graph-model')
    throw new Error('model.json is a graph model; convert it as a layers model');
  return parsed.data;
}

const BYTES: Readonly<Record<string, number>> = { float32: 4, int32: 4, float16: 2, uint16: 2, uint8: 1, bool: 1 };

/** Bytes that the weights of `model.json` take, by its own account. */
export function weightBytes(network: NetworkFile): number {
  let bytes = 0;
  for (const { weights } of network.weightsManifest) {
    for (const { shape, dtype, quantization } of weights) {
      const stored = z.looseObject({ dtype: z.string() }).safeParse(quantization);
      bytes += shape.reduce((product, size) => product * size, 1) * (BYTES[stored.data?.dtype ?? dtype] ?? 4);
    }
  }
  return bytes;
}

/** The part of a topology that matters here; not checked yet. */
interface Topology {
  readonly class_name?: unknown;
  readonly config?: unknown;
}

/** Keras puts the topology into `model_config`, TensorFlow.js does not. */
function topologyOf({ modelTopology }: NetworkFile): Topology {
  const { model_config: keras } = modelTopology as { readonly model_config?: Topology };
  return keras ?? modelTopology;
}

/** The layers as they stand in the file: in the topology's `config`, or in the `layers` of it. */
function layerList({ config }: Topology): unknown {
  return Array.isArray(config) ? config : (config as { readonly layers?: unknown } | undefined)?.layers;
}

/** The layers of a Sequential model, first to last; undefined for any other kind of model. */
function sequentialLayers(network: NetworkFile): Layer[] | undefined {
  const topology = topologyOf(network);
  if (topology.class_name !== 'Sequential') return undefined;
  const parsed = z.array(layerSchema).safeParse(layerList(topology));
  return parsed.success ? parsed.data : undefined;
}

/**
 * Makes the last softmax of a model, if it has one, linear: the pipeline takes logits, and ln softmax differs from them only by
 * a constant per row.
 */
export function withoutSoftmax(network: NetworkFile): NetworkFile {
  const copy = structuredClone(network);
  const layers = layerList(topologyOf(copy));
  const last = Array.isArray(layers) ? (layers.at(-1) as { config?: { activation?: unknown } } | undefined) : undefined;
  if (last?.config?.activation === 'softmax') last.config.activation = 'linear';
  return copy;
}

/**
 * The network as a plain dense stack, which runs without the layers API; undefined where it is anything else.
 *
 * @param data the bytes of all weight files, one after the other.
 */
export function denseStack(tf: TensorFlow, network: NetworkFile, data: ArrayBuffer): readonly DenseLayer[] | undefined {
  const layers = sequentialLayers(network);
  if (layers === undefined) return undefined;
  const dense: Layer[] = [];
  for (const layer of layers) {
    if (layer.class_name === 'InputLayer' || layer.class_name === 'Dropout') continue;
    const { activation = 'linear', units } = layer.config;
    if (layer.class_name !== 'Dense' || units === undefined || !isDenseActivation(activation)) return undefined;
    dense.push(layer);
  }
  const arrays = weightArrays(tf, network, data);
  if (dense.length === 0 || arrays.length !== 2 * dense.length) return undefined;
  return dense.map(({ config }, index) => {
    const kernel = arrays[2 * index]!;
    const bias = arrays[2 * index + 1]!;
    const units = config.units!;
    if (kernel.shape.length !== 2 || kernel.shape[1] !== units || bias.values.length !== units) {
      throw new Error(`the weights of layer ${config.name ?? index} do not fit its ${units} units`);
    }
    const activation = (config.activation ?? 'linear') as DenseActivation;
    return { inputs: kernel.shape[0]!, units, activation, kernel: kernel.values, bias: bias.values };
  });
}

const isDenseActivation = (name: string): name is DenseActivation =>
  (DENSE_ACTIVATIONS as readonly string[]).includes(name);

/** The weights in the order of the file, decoded to float32 whatever they are stored as. */
function weightArrays(
  tf: TensorFlow,
  network: NetworkFile,
  data: ArrayBuffer,
): { readonly shape: readonly number[]; readonly values: Float32Array }[] {
  const specs = network.weightsManifest.flatMap(({ weights }) => weights) as unknown as Parameters<
    typeof tf.io.decodeWeights
  >[1];
  const tensors = tf.io.decodeWeights(data, specs);
  const arrays = specs.map(({ name, shape }) => ({ shape, values: Float32Array.from(tensors[name]!.dataSync()) }));
  tf.dispose(tensors);
  return arrays;
}
