import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROW_LENGTH } from '../../../src/features/index.ts';
import { fitSequence } from '../../../src/training/sequence/fit-sequence.ts';
import { heardBy, predictClips } from '../../../src/training/sequence/predict-sequence.ts';
import { trainingStore } from '../../../src/training/sequence/training-store.ts';
import { QUICK } from './tools.ts';
import { toyClips } from './toy-clips.ts';

const GRID = { windowMs: 1000, stepMs: 500 };
const training = toyClips(60, 'training');
const heldOut = toyClips(45, 'held out');

function right(network: Parameters<typeof heardBy>[0]): number {
  const clips = heldOut.map(({ variants: [hops] }) => ({ hops: hops!, endHops: [hops!.length / ROW_LENGTH] }));
  const logits = predictClips(heardBy(network), 3, clips, GRID);
  return heldOut.filter(({ label }, clip) => {
    const own = [...logits.subarray(clip * 3, clip * 3 + 3)];
    return own.indexOf(Math.max(...own)) === label;
  }).length;
}

describe('a training', () => {
  const run = { seed: 'test', threads: 1 };

  it('learns what only the order of the hops tells', async () => {
    const { network, curve } = await fitSequence(training, 3, QUICK, run);
    expect(curve).toHaveLength(QUICK.epochs);
    expect(curve.at(-1)!.loss).toBeLessThan(curve[0]!.loss);
    expect(right(network)).toBeGreaterThanOrEqual(42);
  });

  it('comes to the same network, to the last bit, when it is interrupted and goes on', async () => {
    const short = { ...QUICK, epochs: 4 };
    const whole = await fitSequence(training, 3, short, run);
    const cache = mkdtempSync(join(tmpdir(), 'undertone-training-'));
    const store = () => {
      const { read, write } = trainingStore(cache, ['key']);
      return { read, write: (state: Parameters<typeof write>[0]) => write(state, true) };
    };
    const part = await fitSequence(training, 3, short, { ...run, store: store(), stopAfter: 2 });
    expect(part.curve).toEqual(whole.curve.slice(0, 2));
    const resumed: number[] = [];
    const rest = await fitSequence(training, 3, short, {
      ...run,
      store: store(),
      onEpoch: (epoch) => resumed.push(epoch),
    });
    expect(resumed).toEqual([3, 4]);
    expect(rest.curve).toEqual(whole.curve);
    expect(rest.network.members).toEqual(whole.network.members);
    expect(readdirSync(join(cache, 'trainings'))).toHaveLength(1);
  });

  it('is another with another seed', async () => {
    const short = { ...QUICK, epochs: 1 };
    const [one, other] = [
      await fitSequence(training, 3, short, run),
      await fitSequence(training, 3, short, { ...run, seed: 'other' }),
    ];
    expect(one.network.members).not.toEqual(other.network.members);
  });

  it('gives the best epoch on held-out speakers, and stops when it rises no more', async () => {
    const figures = [0.3, 0.6, 0.5, 0.4, 0.9, 0.9];
    const seen: Float32Array[] = [];
    const { epochs, curve, network } = await fitSequence(
      training,
      3,
      { ...QUICK, epochs: 40 },
      {
        ...run,
        patience: 8,
        validate: ({ members: [weights] }) => {
          seen.push(weights!.slice());
          return figures[seen.length - 1]!;
        },
      },
    );
    // Measured in epochs 28, 32, 36 and 40; the second is the best, and 40 is 8 later.
    expect(epochs).toBe(32);
    expect(curve).toHaveLength(40);
    expect(curve.flatMap(({ ua }) => ua ?? [])).toEqual([0.3, 0.6, 0.5, 0.4]);
    expect(network.members).toEqual([seen[1]]);
  });
});
