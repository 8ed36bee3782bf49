import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { descriptorIndex, ROW_LENGTH } from '../../../src/features/index.ts';
import { Random } from '../../../src/training/random.ts';
import { emptyBatch } from '../../../src/training/sequence/batch.ts';
import { Drawing, type DrawOptions, mostFrames } from '../../../src/training/sequence/draw.ts';
import { normalisationOf, sequenceData } from '../../../src/training/sequence/sequence-data.ts';

const INPUTS = [
  { descriptor: 'logMel0', adapt: 0 },
  { descriptor: 'logMel1', adapt: 0 },
];
const PLAIN: DrawOptions = {
  windowHops: [40, 120],
  minSpeechRatio: 0,
  speedShare: 0,
  speed: [1, 1],
  bandShift: 0,
  masks: 0,
  maskBands: 0,
  maskHops: 0,
  gain: 0,
  labelSmoothing: 0,
  mixup: 0,
};

/** Clips whose first input is the number of the hop and whose second that of the clip, a hundredth of each. */
function clipsOf(lengths: readonly number[], speech: (hop: number) => number) {
  return lengths.map((length, clip) => {
    const hops = new Float32Array(length * ROW_LENGTH);
    for (let hop = 0; hop < length; hop++) {
      hops[hop * ROW_LENGTH] = (hop + 1) / 100;
      hops[hop * ROW_LENGTH + 1] = (clip + 1) / 100;
      hops[hop * ROW_LENGTH + descriptorIndex('speech')] = speech(hop);
    }
    return { variants: [hops], label: clip % 4 };
  });
}

describe('the statistics of training', () => {
  it('are those of the hops with speech, of what is defined', () => {
    const hops = new Float32Array(4 * ROW_LENGTH);
    const [f0, speech] = [descriptorIndex('f0Semitones'), descriptorIndex('speech')];
    [10, 20, Number.NaN, 1000].forEach((value, hop) => {
      hops[hop * ROW_LENGTH + f0] = value;
      hops[hop * ROW_LENGTH + speech] = hop === 3 ? 0.2 : 0.8;
    });
    const { mean, deviation } = normalisationOf(
      [{ variants: [hops], label: 0 }],
      [{ descriptor: 'f0Semitones', adapt: 1 }],
    );
    expect(mean).toEqual([15]);
    expect(deviation).toEqual([5]);
  });
});

/** Their data without the normalisation, to see which hops were taken. */
function plainData(lengths: readonly number[], speech: (hop: number) => number = () => 1) {
  const clips = clipsOf(lengths, speech);
  const data = sequenceData(clips, INPUTS, { mean: [0, 0], deviation: [1, 1], clip: 100 });
  clips.forEach(({ variants: [hops] }, clip) => {
    for (let hop = 0; hop < hops!.length / ROW_LENGTH; hop++) {
      const at = (data.firstHop[clip]! + hop) * 2;
      data.values.set([hops![hop * ROW_LENGTH]!, hops![hop * ROW_LENGTH + 1]!], at);
    }
  });
  return data;
}

describe('a window of a clip', () => {
  it('is a piece of it with what came before, in order, whatever its length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 300 }), fc.integer(), (length, seed) => {
        const data = plainData([length]);
        const batch = emptyBatch(1, mostFrames(PLAIN), 2, 4);
        new Drawing(data, PLAIN, 2, 4, 1).draw([0], batch, new Random(seed));
        const hops = 4 + 4 * batch.frames[0]!;
        const numbers = Array.from({ length: hops }, (_, hop) => Math.round(batch.input[2 * hop]! * 100));
        const real = numbers.filter((number) => number > 0);
        // Silence first where the clip had not begun, then hop after hop.
        expect(numbers.slice(hops - real.length)).toEqual(real);
        expect(real).toEqual(real.map((_, index) => real[0]! + index));
        expect(real.at(-1)).toBeLessThanOrEqual(length);
        const pooled = 4 * (batch.frames[0]! - batch.pooledFrom[0]!);
        expect(pooled).toBeLessThanOrEqual(Math.min(length, 120));
        expect(pooled).toBeGreaterThanOrEqual(Math.min(40, length) - 3);
        if (real[0]! > 1) expect(batch.pooledFrom[0]).toBe(20);
      }),
    );
  });

  it('holds speech where it can be found', () => {
    const data = plainData([300], (hop) => Number(hop >= 150 && hop < 250));
    const options = { ...PLAIN, windowHops: [40, 40], minSpeechRatio: 0.5 } as const;
    const drawing = new Drawing(data, options, 2, 4, 1);
    const batch = emptyBatch(1, mostFrames(PLAIN), 2, 4);
    let spoken = 0;
    for (let seed = 0; seed < 200; seed++) {
      drawing.draw([0], batch, new Random(seed));
      const end = Math.round(batch.input[2 * (4 + 4 * batch.frames[0]!) - 2]! * 100);
      if (end >= 170 && end <= 270) spoken++;
    }
    // A third of all windows do; after five tries seven of eight.
    expect(spoken).toBeGreaterThan(160);
  });

  it('becomes longer or shorter with its speed', () => {
    const data = plainData([200]);
    const options = { ...PLAIN, windowHops: [120, 120], speedShare: 1, speed: [2, 2] } as const;
    const batch = emptyBatch(1, mostFrames(options), 2, 4);
    new Drawing(data, options, 2, 4, 1).draw([0], batch, new Random(5));
    const hops = 4 + 4 * batch.frames[0]!;
    const numbers = Array.from({ length: hops }, (_, hop) => Math.round(batch.input[2 * hop]! * 100));
    const real = numbers.filter((number) => number > 0);
    expect(Math.round(((real.at(-1)! - real[0]!) / (real.length - 1)) * 10)).toBe(5);
  });
});

describe('a mixture', () => {
  const options = { ...PLAIN, mixup: 0.5, labelSmoothing: 0.1 };
  const data = plainData([200, 90, 300, 150]);

  it('is a share of each of two clips, of hops and of targets alike, both ending together', () => {
    const batch = emptyBatch(4, mostFrames(options), 2, 4);
    new Drawing(data, options, 2, 4, 4).draw([0, 1, 2, 3], batch, new Random(2));
    for (let clip = 0; clip < 4; clip++) {
      const targets = [...batch.targets.subarray(clip * 4, clip * 4 + 4)];
      expect(targets.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
      const last = clip * batch.clipStride + 2 * (4 + 4 * batch.frames[clip]! - 1);
      // The second input says which clip it is, and so does the label: the last hop is mixed as the targets are.
      const expected = targets.reduce((sum, share, label) => sum + ((share - 0.025) / 0.9) * ((label + 1) / 100), 0);
      expect(batch.input[last + 1]).toBeCloseTo(expected, 6);
    }
  });

  it('is the same with the same random numbers', () => {
    const [one, other] = [0, 1].map(() => {
      const batch = emptyBatch(4, mostFrames(options), 2, 4);
      new Drawing(data, { ...options, masks: 2, maskBands: 1, maskHops: 9, gain: 0.3 }, 2, 4, 4).draw(
        [3, 1, 2, 0],
        batch,
        new Random('same'),
      );
      return batch;
    });
    expect(one).toEqual(other);
  });
});

describe('a recording in several conditions', () => {
  it('is drawn in each of them as often', () => {
    const variants = [1, 2, 3].map((condition) => {
      const hops = new Float32Array(100 * ROW_LENGTH);
      for (let hop = 0; hop < 100; hop++) {
        hops[hop * ROW_LENGTH] = condition;
        hops[hop * ROW_LENGTH + descriptorIndex('speech')] = 1;
      }
      return hops;
    });
    const input = [{ descriptor: 'f0Semitones', adapt: 0 }];
    const clips = [
      {
        variants: variants.map((hops) =>
          hops.map((value, at) => (at % ROW_LENGTH === descriptorIndex('f0Semitones') ? hops[0]! : value)),
        ),
        label: 0,
      },
      { variants: [variants[0]!], label: 1 },
    ];
    const data = sequenceData(clips, input, { mean: [0], deviation: [1], clip: 5 });
    const batch = emptyBatch(1, mostFrames(PLAIN), 1, 4);
    const drawing = new Drawing(data, PLAIN, 0, 4, 1);
    const drawn = [0, 0, 0, 0];
    for (let seed = 0; seed < 300; seed++) {
      drawing.draw([0], batch, new Random(seed));
      drawn[Math.round(batch.input[4 + 4 * batch.frames[0]! - 1]!)]! += 1;
    }
    expect(drawn[0]).toBe(0);
    for (const count of drawn.slice(1)) expect(count).toBeGreaterThan(75);
  });
});
