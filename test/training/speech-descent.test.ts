import { describe, expect, it } from 'vitest';
import { type SpeechLayers, SpeechNetwork, speechLayout } from '../../src/features/index.ts';
import { Random } from '../../src/training/random.ts';
import { Descent, fitSpeechNetwork, type SpeechExamples } from '../../src/training/speech-descent.ts';

const LAYERS: SpeechLayers = { inputs: 5, hidden: 6, second: 4 };
const { length } = speechLayout(LAYERS);

const vector = (size: number, random: Random): Float32Array =>
  Float32Array.from({ length: size }, () => random.normal());

/** The same network by matrices, in doubles. */
function logitByHand(p: ArrayLike<number>, x: ArrayLike<number>): number {
  const { inputs, hidden, second } = LAYERS;
  let at = 0;
  const take = (rows: number, columns: number): number[][] =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => p[at++]!));
  const layer = (weights: number[][], biases: number[], input: number[]): number[] =>
    weights.map((row, unit) => biases[unit]! + row.reduce((sum, weight, i) => sum + weight * input[i]!, 0));
  const relu = (values: number[]): number[] => values.map((value) => Math.max(0, value));
  const first = relu(layer(take(hidden, inputs), take(1, hidden)[0]!, Array.from(x)));
  const upper = relu(layer(take(second, hidden), take(1, second)[0]!, first));
  return layer(take(1, second), take(1, 1)[0]!, upper)[0]!;
}

/** Cross-entropy of the sigmoid, as its definition says. */
function crossEntropy(logit: number, target: number): number {
  const probability = 1 / (1 + Math.exp(-logit));
  return -Math.log(target === 1 ? probability : 1 - probability);
}

describe('the gradient of the speech network', () => {
  it('is that of finite differences', () => {
    const random = new Random('gradient');
    for (const target of [0, 1]) {
      const parameters = vector(length, random);
      const x = vector(LAYERS.inputs, random);
      const descent = new Descent(new SpeechNetwork(LAYERS, parameters));
      const loss = descent.accumulate(x, target, 0.7);
      expect(loss).toBeCloseTo(0.7 * crossEntropy(logitByHand(parameters, x), target), 5);
      for (let i = 0; i < length; i++) {
        const at = (offset: number): number => {
          const moved = Float64Array.from(parameters);
          moved[i]! += offset;
          return 0.7 * crossEntropy(logitByHand(moved, x), target);
        };
        const expected = (at(1e-5) - at(-1e-5)) / 2e-5;
        expect(Math.abs(descent.gradient[i]! - expected), `parameter ${i}`).toBeLessThan(1e-4);
      }
    }
  });
});

/** Speech where the first input is near 70 and the second is not near −3: no line tells the two apart. */
function examplesOf(random: Random, count: number): SpeechExamples {
  const inputs = new Float32Array(count * LAYERS.inputs);
  const targets = new Uint8Array(count);
  for (let example = 0; example < count; example++) {
    const [first, second] = [random.next() < 0.5, random.next() < 0.5];
    targets[example] = first !== second ? 1 : 0;
    inputs.set([first ? 70 : 50, second ? -3 : -2, 0, random.normal(), 5], example * LAYERS.inputs);
  }
  return { inputs, targets, weights: new Float32Array(count).fill(1) };
}

describe('fitting the speech network', () => {
  const options = { epochs: 30, batch: 32, rate: 0.01, decay: 1e-4 };

  it('learns what no line can tell apart, from inputs that are not normalised', () => {
    const random = new Random('fit');
    const losses: number[] = [];
    const parameters = fitSpeechNetwork(examplesOf(random, 2000), LAYERS, random, {
      ...options,
      onEpoch: (_, loss) => losses.push(loss),
    });
    expect(losses).toHaveLength(30);
    expect(losses.at(-1)).toBeLessThan(0.05);
    const network = new SpeechNetwork(LAYERS, parameters);
    const unseen = examplesOf(random, 500);
    const right = unseen.targets.filter((target, example) => {
      const speech = network.logit(unseen.inputs.subarray(example * LAYERS.inputs, (example + 1) * LAYERS.inputs)) > 0;
      return speech === (target === 1);
    });
    expect(right.length).toBeGreaterThanOrEqual(495);
  });

  it('gives the same parameters for the same seed, and others for another', () => {
    const trained = (seed: string): Float32Array =>
      fitSpeechNetwork(examplesOf(new Random('examples'), 200), LAYERS, new Random(seed), { ...options, epochs: 2 });
    expect(trained('a')).toEqual(trained('a'));
    expect(trained('a')).not.toEqual(trained('b'));
  });

  it('leaves out what has no weight', () => {
    const random = new Random('weights');
    const good = examplesOf(random, 1000);
    const twice = {
      inputs: Float32Array.from([...good.inputs, ...good.inputs]),
      targets: Uint8Array.from([...good.targets, ...good.targets.map((target) => 1 - target)]),
      weights: Float32Array.from({ length: 2000 }, (_, example) => (example < 1000 ? 1 : 0)),
    };
    const network = new SpeechNetwork(LAYERS, fitSpeechNetwork(twice, LAYERS, random, options));
    const right = good.targets.filter((target, example) => {
      const at = example * LAYERS.inputs;
      return network.logit(good.inputs.subarray(at, at + LAYERS.inputs)) > 0 === (target === 1);
    });
    expect(right.length).toBeGreaterThanOrEqual(990);
  });
});
