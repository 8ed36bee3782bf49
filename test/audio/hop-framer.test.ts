import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HopFramer } from '../../src/audio/index.ts';

const ramp = (length: number) => Float32Array.from({ length }, (_, i) => i + 1);

function hopsOf(pushes: readonly Float32Array[], flush = true): number[][] {
  const framer = new HopFramer();
  const hops: number[][] = [];
  const collect = (frame: Float32Array) => hops.push([...frame]);
  for (const samples of pushes) framer.push(samples, collect);
  if (flush) framer.flush(collect);
  return hops;
}

/** By definition: the 640 samples that end with hop h, zeros before the first sample and after the last. */
const expectedHops = (samples: Float32Array): number[][] =>
  Array.from({ length: Math.ceil(samples.length / 160) }, (_, hop) =>
    Array.from({ length: 640 }, (_, i) => samples[160 * hop - 480 + i] ?? 0),
  );

describe('the framer', () => {
  it('shows 640 samples per hop, zeros before the first and after the last', () => {
    const samples = ramp(160 * 40 + 7);
    expect(hopsOf([samples])).toEqual(expectedHops(samples));
  });

  it('gives the same hops for any chunking', () => {
    const chunks = fc.array(fc.integer({ min: 0, max: 900 }), { maxLength: 30 });
    fc.assert(
      fc.property(chunks, (lengths) => {
        const samples = ramp(lengths.reduce((sum, length) => sum + length, 0));
        let at = 0;
        const pushes = lengths.map((length) => {
          at += length;
          return samples.subarray(at - length, at);
        });
        expect(hopsOf(pushes)).toEqual(expectedHops(samples));
      }),
      { numRuns: 40 },
    );
  });

  it('gives the same hops for single samples', () => {
    const samples = ramp(2600);
    expect(hopsOf([...samples].map((x) => Float32Array.of(x)))).toEqual(expectedHops(samples));
  });

  it.each([0, 160, 2560, 3200])('flush adds nothing after %i samples', (length) => {
    expect(hopsOf([ramp(length)], true)).toHaveLength(length / 160);
    expect(hopsOf([ramp(length)], false)).toHaveLength(length / 160);
  });

  it('flush twice completes the hop once', () => {
    const framer = new HopFramer();
    let hops = 0;
    framer.push(ramp(161), () => hops++);
    framer.flush(() => hops++);
    framer.flush(() => hops++);
    expect(hops).toBe(2);
  });

  it('makes no new arrays: the views come round again', () => {
    const framer = new HopFramer();
    const views = new Set<Float32Array>();
    for (let hop = 0; hop < 200; hop++) framer.push(ramp(160), (frame) => views.add(frame));
    expect(views.size).toBeLessThanOrEqual(16);
  });

  it('stays right when the callback throws', () => {
    const framer = new HopFramer();
    const samples = ramp(160 * 20);
    for (let hop = 0; hop < 20; hop++) {
      expect(() =>
        framer.push(samples.subarray(160 * hop, 160 * hop + 160), () => {
          throw new Error('from the callback');
        }),
      ).toThrow('from the callback');
    }
    let last: number[] = [];
    framer.push(
      Float32Array.from({ length: 160 }, (_, i) => 3201 + i),
      (frame) => {
        last = [...frame];
      },
    );
    expect(last).toEqual(Array.from({ length: 640 }, (_, i) => 160 * 21 - 640 + i + 1));
  });
});
