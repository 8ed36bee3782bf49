import { describe, expect, it } from 'vitest';
import { SampleDecoder } from '../../src/audio/index.ts';
import { activePower, conditions, inRoom, underCondition, withNoise } from '../../src/training/conditions.ts';
import { Random } from '../../src/training/random.ts';
import { telephoneBand } from '../../src/training/telephone.ts';

const RATE = 16_000;
const NO_NOISES = { training: [], test: [] };

function tone(hz: number, seconds = 1, amplitude = 0.5): Float32Array {
  return Float32Array.from({ length: seconds * RATE }, (_, n) => amplitude * Math.sin((2 * Math.PI * hz * n) / RATE));
}

/** RMS of the second half, when filters have settled. */
function level(samples: Float32Array): number {
  const half = samples.subarray(samples.length >> 1);
  return Math.sqrt(half.reduce((sum, x) => sum + x * x, 0) / half.length);
}

const decibel = (ratio: number): number => 20 * Math.log10(ratio);

function decoded(
  condition: keyof typeof conditions,
  samples: Float32Array,
  seed = 'x',
  noises: Parameters<typeof underCondition>[2] = NO_NOISES,
) {
  const { format, bytes } = underCondition(samples, conditions[condition], noises, seed);
  const decoder = new SampleDecoder(format);
  decoder.push(bytes);
  return { format, samples: decoder.channel(0).slice() };
}

describe('the telephone band', () => {
  // Fourth-order Butterworth: −3 dB at the corners, −24 dB an octave beyond (more where the bilinear transform squeezes the top).
  it.each([
    [1000, -0.1, 0.1],
    [300, -3.2, -2.8],
    [3400, -3.2, -2.8],
    [150, -26, -22],
    [75, -52, -45],
    [6000, -90, -30],
  ])('at %i Hz is between %f and %f dB', (hz, low, high) => {
    const input = tone(hz);
    const gain = decibel(level(telephoneBand(input, RATE)) / level(input));
    expect(gain).toBeGreaterThan(low);
    expect(gain).toBeLessThan(high);
  });
});

describe('conditions', () => {
  it('clean is the clip, sample for sample', () => {
    const clip = tone(440);
    const { format, samples } = decoded('clean', clip);
    expect(format).toEqual({ encoding: 'pcm_f32le', sampleRateHz: RATE, channels: 1 });
    expect(samples).toEqual(clip);
  });

  it('phone is 8 kHz μ-law without what a telephone does not carry', () => {
    const { format, samples } = decoded('phone', tone(1000));
    expect(format).toEqual({ encoding: 'mulaw', sampleRateHz: 8000, channels: 1 });
    expect(samples.length).toBe(8000);
    expect(Math.abs(decibel(level(samples) / level(tone(1000))))).toBeLessThan(0.3);
    expect(decibel(level(decoded('phone', tone(100)).samples) / level(tone(100)))).toBeLessThan(-35);
  });

  it('noise lies the asked number of dB below the active speech', () => {
    const random = new Random(1);
    const noise = Float32Array.from({ length: 3 * RATE }, () => random.normal() / 10);
    // Half of the clip is silent: its pauses must not make the noise softer.
    const clip = new Float32Array(2 * RATE);
    clip.set(tone(500));
    for (const snrDb of [20, 10, 5]) {
      const noisy = withNoise(clip, noise, snrDb, new Random(2));
      const added = noisy.map((x, n) => x - clip[n]!);
      const found = 10 * Math.log10(activePower(clip) / (added.reduce((sum, x) => sum + x * x, 0) / added.length));
      expect(found).toBeCloseTo(snrDb, 1);
    }
  });

  it('keeps the noises of testing out of training', () => {
    const training = [tone(3000, 1, 0.3)];
    const test = [tone(200, 1, 0.3)];
    const clip = tone(1000);
    const energyAt = (samples: Float32Array, hz: number): number => {
      let [re, im] = [0, 0];
      samples.forEach((x, n) => {
        re += x * Math.cos((2 * Math.PI * hz * n) / RATE);
        im += x * Math.sin((2 * Math.PI * hz * n) / RATE);
      });
      return Math.hypot(re, im) / samples.length;
    };
    const measured = decoded('noise-10', clip, 'x', { training, test }).samples;
    expect(energyAt(measured, 200)).toBeGreaterThan(20 * energyAt(measured, 3000));
    // `varied-noise` also shifts the speed and gain; the noise is added after the speed.
    const trained = decoded('varied-noise', clip, 'x', { training, test }).samples;
    expect(energyAt(trained, 3000)).toBeGreaterThan(20 * energyAt(trained, 200));
  });

  it('varied moves pitch, level and place within their bounds, by the seed', () => {
    const clip = tone(1000);
    const lengths = new Set<number>();
    for (let seed = 0; seed < 20; seed++) {
      const { samples } = decoded('varied', clip, `clip ${seed}`);
      lengths.add(samples.length);
      expect(samples.length).toBeGreaterThanOrEqual(Math.floor(RATE / 1.085));
      expect(samples.length).toBeLessThanOrEqual(Math.ceil(RATE / 0.915 + 0.5 * RATE));
      const change = decibel(level(samples.subarray(samples.length >> 1)) / level(clip));
      expect(Math.abs(change)).toBeLessThan(12.5);
    }
    expect(lengths.size).toBeGreaterThan(10);
    expect(decoded('varied', clip, 'same').samples).toEqual(decoded('varied', clip, 'same').samples);
  });

  it('room is the clip through the response of a room kept for testing, as loud as before, and no later', () => {
    const clip = new Float32Array(RATE);
    clip[4000] = 0.5;
    // 7 samples until the direct sound; two reflections after it.
    const response = new Float32Array(2000);
    response[7] = 0.4;
    response[107] = 0.2;
    response[1007] = -0.1;
    const rooms = { training: [Float32Array.of(1)], test: [response] };
    const { format, samples } = decoded('room', clip, 'x', { ...NO_NOISES, rooms });
    expect(format.encoding).toBe('pcm_f32le');
    const loudness = (of: Float32Array): number => of.reduce((sum, x) => sum + x * x, 0);
    expect(loudness(samples)).toBeCloseTo(loudness(clip), 5);
    const direct = samples[4000]!;
    expect(samples[4100]! / direct).toBeCloseTo(0.5, 5);
    expect(samples[5000]! / direct).toBeCloseTo(-0.25, 5);
    expect(samples.reduce((largest, x, n) => (n < 4000 ? Math.max(largest, Math.abs(x)) : largest), 0)).toBeLessThan(
      1e-6,
    );
  });

  it('a response that is silent, or none, changes nothing', () => {
    const clip = tone(300);
    expect(inRoom(clip, new Float32Array(10))).toEqual(clip);
    expect(decoded('room', clip).samples).toEqual(clip);
  });
});
