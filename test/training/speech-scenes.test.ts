import { describe, expect, it } from 'vitest';
import { Random } from '../../src/training/random.ts';
import { speechActivity, UNSURE } from '../../src/training/speech-activity.ts';
import { convolve } from '../../src/training/speech-room.ts';
import { noiseScene, speechScene } from '../../src/training/speech-scenes.ts';
import { SYNTHETIC_KINDS, synthesize } from '../../src/training/speech-synthesis.ts';

const RATE_HZ = 16_000;
const HOP = 160;

/** A tone of a level for each of the hops, dB re full scale. */
function tone(levels: readonly number[]): Float32Array {
  return Float32Array.from({ length: levels.length * HOP }, (_, i) => {
    const amplitude = Math.SQRT2 * 10 ** (levels[Math.floor(i / HOP)]! / 20);
    return amplitude * Math.sin((2 * Math.PI * 500 * i) / RATE_HZ);
  });
}
const hops = (count: number, level: number): number[] => new Array<number>(count).fill(level);

describe('the activity of a clean clip', () => {
  it('is its loud part, with a hang-over of 60 ms', () => {
    const activity = speechActivity(tone([...hops(50, -90), ...hops(60, -20), ...hops(50, -90)]));
    expect([...activity]).toEqual([...hops(50, 0), ...hops(66, 1), ...hops(44, 0)]);
  });

  it('does not depend on the gain', () => {
    const levels = [...hops(40, -80), ...hops(50, -22), ...hops(30, -80), ...hops(50, -30), ...hops(40, -80)];
    const quiet = levels.map((level) => level - 30);
    expect(speechActivity(tone(quiet))).toEqual(speechActivity(tone(levels)));
  });

  it('bridges gaps up to 200 ms, not longer ones, and drops clicks', () => {
    const gap = (length: number) =>
      speechActivity(tone([...hops(50, -20), ...hops(length, -80), ...hops(50, -20)])).filter((value) => value === 0);
    expect(gap(19)).toHaveLength(0);
    expect(gap(40)).toHaveLength(40 - 6);
    const click = speechActivity(tone([...hops(50, -80), ...hops(3, -20), ...hops(50, -80), ...hops(60, -20)]));
    expect([...click.subarray(0, 50), ...click.subarray(53, 100)].every((value) => value === 0)).toBe(true);
    expect(click[51]).not.toBe(1);
  });

  it('is unsure just below the border', () => {
    // Loud at −20: the border is 35 dB below.
    const activity = speechActivity(tone([...hops(60, -90), ...hops(60, -20), ...hops(60, -58), ...hops(60, -90)]));
    expect(activity[150]).toBe(UNSURE);
    expect(activity[220]).toBe(0);
  });
});

describe('a room', () => {
  it('is the convolution with its response', () => {
    const random = new Random('room');
    const samples = Float32Array.from({ length: 700 }, () => random.normal());
    const response = Float32Array.from({ length: 90 }, (_, i) => (i === 0 ? 2 : random.normal()));
    const expected = samples.map((_, n) => {
      let sum = 0;
      for (let k = 0; k < 90 && k <= n; k++) sum += (response[k]! / 2) * samples[n - k]!;
      return sum;
    });
    convolve(samples, response).forEach((value, n) => {
      expect(value).toBeCloseTo(expected[n]!, 4);
    });
  });
});

describe('synthetic sounds', () => {
  it.each(SYNTHETIC_KINDS)('%s have their length and peak, and follow from the seed', (kind) => {
    const signal = synthesize(kind, 3, new Random('a'));
    expect(signal).toHaveLength(3 * RATE_HZ);
    expect(Math.max(...signal.map(Math.abs))).toBeCloseTo(0.5, 5);
    expect(synthesize(kind, 3, new Random('a'))).toEqual(signal);
    expect(synthesize(kind, 3, new Random('b'))).not.toEqual(signal);
  });
});

describe('scenes', () => {
  const random = new Random('sources');
  const clip = tone([...hops(30, -80), ...hops(120, -25), ...hops(30, -80)]);
  const sources = {
    speech: [[clip]],
    noises: [Float32Array.from({ length: RATE_HZ }, () => 0.1 * random.normal())],
    rooms: [Float32Array.from([0, 1, 0.5, 0.25])],
  };

  it('with speech have at least seven seconds, one value a hop, speech and pauses', () => {
    for (let seed = 0; seed < 8; seed++) {
      const { samples, activity } = speechScene(sources, new Random(seed));
      expect(samples.length / HOP).toBe(activity.length);
      expect(activity.length).toBeGreaterThanOrEqual(700);
      const share = activity.filter((value) => value === 1).length / activity.length;
      expect(share).toBeGreaterThan(0.15);
      expect(share).toBeLessThan(0.9);
      expect(samples.every((x) => Number.isFinite(x) && Math.abs(x) <= 1)).toBe(true);
    }
  });

  it('stay finite where a source is digital silence', () => {
    const silent = { ...sources, noises: [new Float32Array(RATE_HZ)] };
    for (let seed = 0; seed < 40; seed++) {
      expect(noiseScene(silent, new Random(seed), 1).samples.every(Number.isFinite), `seed ${seed}`).toBe(true);
    }
  });

  it('of noise hold no speech', () => {
    for (let seed = 0; seed < 8; seed++) {
      const { samples, activity } = noiseScene(sources, new Random(seed), 2);
      expect(samples).toHaveLength(2 * RATE_HZ);
      expect(activity).toEqual(new Uint8Array(200));
      expect(samples.every((x) => Number.isFinite(x) && Math.abs(x) <= 1)).toBe(true);
    }
  });
});
