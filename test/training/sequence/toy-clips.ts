import { descriptorIndex, ROW_LENGTH } from '../../../src/features/index.ts';
import { Random } from '../../../src/training/random.ts';
import type { SequenceClip } from '../../../src/training/sequence/sequence-data.ts';

/** Clips whose class is how fast one band rises and falls; its mean and deviation are the same in all. */
export function toyClips(count: number, seed: string): SequenceClip[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, clip) => {
    const label = clip % 3;
    const period = [8, 16, 32][label]!;
    const phase = random.between(0, period);
    const length = 100 + random.index(100);
    const hops = new Float32Array(length * ROW_LENGTH);
    for (let hop = 0; hop < length; hop++) {
      for (let band = 0; band < 8; band++) hops[hop * ROW_LENGTH + band] = -5 + random.normal();
      hops[hop * ROW_LENGTH + 2] = -5 + 3 * Math.sin((2 * Math.PI * (hop + phase)) / period) + 0.5 * random.normal();
      hops[hop * ROW_LENGTH + descriptorIndex('speech')] = 1;
    }
    return { variants: [hops], label };
  });
}
