import { type Kernel, kernel } from './kernel.ts';
import { type SpeechLayers, type SpeechNetwork, speechLayout } from './speech-network.ts';

/** What the kernel has room for. */
const MOST_INPUTS = 96;
const MOST_UNITS = 32;

/**
 * The log odds of a network that is trained: in WebAssembly SIMD (assembly/speech-network.ts) where there is any, with the
 * same bits. One network a process: the kernel holds its parameters.
 */
export function speechLogit(network: SpeechNetwork): (x: Float32Array) => number {
  return kernel === undefined || !fits(network.layers) ? (x) => network.logit(x) : throughKernel(kernel, network);
}

const fits = ({ inputs, hidden, second }: SpeechLayers): boolean =>
  inputs <= MOST_INPUTS && hidden <= MOST_UNITS && second <= MOST_UNITS;

function throughKernel(kernel: Kernel, { layers, parameters }: SpeechNetwork): (x: Float32Array) => number {
  const { inputs, hidden, second } = layers;
  const at = speechLayout(layers);
  pair(
    parameters,
    0,
    at.firstBias,
    inputs,
    hidden,
    kernel.view('SPEECH_FIRST', (MOST_UNITS / 2) * (MOST_INPUTS + 1) * 2),
  );
  pair(
    parameters,
    at.secondWeight,
    at.secondBias,
    hidden,
    second,
    kernel.view('SPEECH_SECOND', (MOST_UNITS / 2) * (MOST_UNITS + 1) * 2),
  );
  kernel.view('SPEECH_OUTPUT', second + 1).set(parameters.subarray(at.outputWeight, at.length));
  const input = kernel.view32('SPEECH_INPUT', inputs);
  return (x) => {
    input.set(x);
    return kernel.speechLogit(inputs, hidden, second);
  };
}

/** Rows of two units side by side, their biases first; a unit that makes an odd number even has weights of zero. */
function pair(p: Float32Array, weight: number, bias: number, width: number, units: number, out: Float64Array): void {
  for (let unit = 0; unit < units; unit++) {
    const to = (unit >> 1) * (width + 1) * 2 + (unit & 1);
    out[to] = p[bias + unit]!;
    for (let i = 0; i < width; i++) out[to + 2 * (i + 1)] = p[weight + unit * width + i]!;
  }
}
