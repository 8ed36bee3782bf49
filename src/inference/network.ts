import type { Tensor2D } from '@tensorflow/tfjs-core';
import { type DenseLayer, denseStack, type NetworkFile, withoutSoftmax } from './network-file.ts';
import type { TensorFlow } from './runtime.ts';

/** A network that is loaded: rows of normalised features in, rows of logits out. */
export interface Network {
  readonly inputs: number;
  readonly outputs: number;
  /** @param input `rows` × `inputs` values; not kept. */
  run(input: Float32Array, rows: number): Float32Array;
  dispose(): void;
}

/** Loads a network: a plain dense stack by itself, anything else through the layers API. */
export async function loadNetwork(tf: TensorFlow, file: NetworkFile, data: ArrayBuffer): Promise<Network> {
  const network = withoutSoftmax(file);
  const stack = denseStack(tf, network, data);
  return stack === undefined ? loadLayersModel(tf, network, data) : new DenseNetwork(tf, stack);
}

const NOTHING = new Float32Array(0);

/** Dense layers as one fused operation each: the layers API would add about 0.3 ms to a call. */
class DenseNetwork implements Network {
  readonly inputs: number;
  readonly outputs: number;
  readonly #tf: TensorFlow;
  readonly #layers: readonly (Pick<DenseLayer, 'activation'> & {
    readonly kernel: Tensor2D;
    readonly bias: ReturnType<TensorFlow['tensor1d']>;
  })[];

  constructor(tf: TensorFlow, stack: readonly DenseLayer[]) {
    this.#tf = tf;
    this.inputs = stack[0]!.inputs;
    this.outputs = stack.at(-1)!.units;
    this.#layers = stack.map(({ inputs, units, activation, kernel, bias }) => ({
      activation,
      kernel: tf.tensor2d(kernel, [inputs, units]),
      bias: tf.tensor1d(bias),
    }));
  }

  run(input: Float32Array, rows: number): Float32Array {
    const tf = this.#tf;
    let answer: Float32Array = NOTHING;
    // `tidy` would look for tensors in every element of an array that it is given back.
    tf.tidy(() => {
      let values: Tensor2D = tf.tensor2d(input, [rows, this.inputs]);
      for (const { kernel, bias, activation } of this.#layers) {
        values = tf.fused.matMul({ a: values, b: kernel, bias, activation }) as Tensor2D;
      }
      answer = values.dataSync() as Float32Array;
    });
    return answer;
  }

  dispose(): void {
    for (const { kernel, bias } of this.#layers) this.#tf.dispose([kernel, bias]);
  }
}

async function loadLayersModel(tf: TensorFlow, file: NetworkFile, data: ArrayBuffer): Promise<Network> {
  // Only here: the layers API takes longer to import than all else that a dense stack needs.
  const layers = await import('@tensorflow/tfjs-layers');
  const model = await layers.loadLayersModel(
    tf.io.fromMemory({
      modelTopology: file.modelTopology,
      weightSpecs: file.weightsManifest.flatMap(({ weights }) => weights) as never,
      weightData: data,
    }),
  );
  const inputShape = model.inputs[0]?.shape;
  const outputShape = model.outputs[0]?.shape;
  if (
    model.inputs.length !== 1 ||
    model.outputs.length !== 1 ||
    inputShape?.length !== 2 ||
    outputShape?.length !== 2
  ) {
    throw new Error('the network does not take rows of features and give rows of logits');
  }
  const inputs = inputShape[1] ?? 0;
  return {
    inputs,
    outputs: outputShape[1] ?? 0,
    run: (input, rows) =>
      tf.tidy(() => (model.predict(tf.tensor2d(input, [rows, inputs])) as Tensor2D).dataSync() as Float32Array),
    dispose: () => {
      model.dispose();
    },
  };
}
