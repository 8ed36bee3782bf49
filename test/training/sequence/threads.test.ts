import { describe, expect, it } from 'vitest';
import { QUICK } from './tools.ts';
import { toyClips } from './toy-clips.ts';

// Worker threads run JavaScript: this test uses the built package, which `npm test` builds first.
type FitModule = typeof import('../../../src/training/sequence/fit-sequence.ts');
const built = new URL('../../../dist/training/sequence/fit-sequence.js', import.meta.url).href;

describe('a training on several threads', () => {
  it('comes to the same network, to the last bit, as on one', async () => {
    const { fitSequence } = (await import(built)) as FitModule;
    const clips = toyClips(40, 'threads');
    const trained = (threads: number) => fitSequence(clips, 3, { ...QUICK, epochs: 3 }, { seed: 'threads', threads });
    const [one, two, many] = [await trained(1), await trained(2), await trained(5)];
    expect(two.network.members).toEqual(one.network.members);
    expect(two.curve).toEqual(one.curve);
    expect(many.network.members).toEqual(one.network.members);
  });
});
