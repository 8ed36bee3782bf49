import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inNoise, seededNoise, synthesise } from '../golden/pitch-signals.ts';
import { median, settled, share, trackOf } from './pitch-track.ts';

const noiseOf = (seconds: number, amplitude: number, seed: number): Float32Array => {
  const next = seededNoise(seed);
  return Float32Array.from({ length: seconds * 16_000 }, () => amplitude * next());
};

describe('what has no pitch', () => {
  it('silence: unvoiced, improbable, without harmonics', () => {
    for (const result of trackOf(new Float32Array(16_000))) {
      expect(result).toMatchObject({ f0Hz: 0, voiced: false, hnrDb: -20 });
      expect(result.voicing).toBeLessThan(0.001);
    }
  });

  it('white noise at any level', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0.0001, max: 1, noNaN: true }), (seed, amplitude) => {
        const results = trackOf(noiseOf(2, amplitude, seed));
        expect(share(results, ({ voiced }) => voiced)).toBeLessThan(0.01);
        expect(median(results.map(({ voicing }) => voicing))).toBeLessThan(0.15);
      }),
      { numRuns: 20 },
    );
  });

  it('a constant, and single clicks', () => {
    expect(share(settled(trackOf(new Float32Array(8000).fill(0.7))), ({ voiced }) => voiced)).toBe(0);
    const clicks = Float32Array.from({ length: 32_000 }, (_, i) => (i % 4001 === 0 ? 1 : 0));
    expect(share(trackOf(clicks), ({ voiced }) => voiced)).toBe(0);
  });

  it('a hum far below the voices of the stream', () => {
    const hum = { ms: 400, hz: [120, 120], amplitude: 0.003 } as const;
    const voice = { ms: 400, hz: [180, 220], amplitude: 0.3 } as const;
    const results = trackOf(synthesise([voice, hum, voice, hum]));
    expect(share(results.slice(46, 78), ({ voiced }) => voiced)).toBe(0);
    expect(share(results.slice(6, 38), ({ voiced }) => voiced)).toBe(1);
  });

  it('the steady murmur of a room, once it is known, 18 dB below the voices', () => {
    const murmur = { ms: 1500, hz: [140, 150], amplitude: 0.0375 } as const;
    const voice = { ms: 300, hz: [180, 220], amplitude: 0.3 } as const;
    const results = trackOf(synthesise([murmur, voice, murmur, voice, murmur]));
    expect(share(results.slice(188, 326), ({ voiced }) => voiced)).toBe(0);
    expect(share(results.slice(338, 356), ({ voiced }) => voiced)).toBe(1);
  });
});

describe('a voice', () => {
  const utterance = synthesise([
    { ms: 500, amplitude: 0.0005 },
    { ms: 700, hz: [130, 190] },
    { ms: 300, amplitude: 0.0005 },
    { ms: 700, hz: [220, 160] },
    { ms: 300, amplitude: 0.0005 },
  ]);

  it('is still heard after a full-scale click in a quiet stream', () => {
    const quiet = utterance.map((x) => 0.05 * x);
    quiet[1000] = 1;
    const results = trackOf(quiet);
    expect(share(results.slice(58, 116), ({ voiced }) => voiced)).toBe(1);
  });

  it('keeps its pitch and its pauses in white noise at 10 dB', () => {
    const clean = trackOf(utterance);
    const noisy = trackOf(inNoise(utterance, 10, 3));
    const pairs = clean.map((before, hop) => ({ before, after: noisy[hop]! }));
    expect(share(pairs, ({ before, after }) => before.voiced === after.voiced)).toBeGreaterThan(0.95);
    const both = pairs.filter(({ before, after }) => before.voiced && after.voiced);
    expect(share(both, ({ before, after }) => Math.abs(after.f0Hz / before.f0Hz - 1) < 0.02)).toBeGreaterThan(0.97);
  });
});

describe('every result is a number in its range', () => {
  const sample = fc.oneof(fc.constantFrom(-1, 0, 1, 1e-30, 0.5), fc.float({ min: -1, max: 1, noNaN: true }));
  const runs = fc.array(fc.record({ value: sample, length: fc.integer({ min: 1, max: 700 }) }), { maxLength: 40 });
  const inRange = (samples: Float32Array): void => {
    for (const { f0Hz, voicing, hnrDb, voiced } of trackOf(samples)) {
      expect(voicing).toBeGreaterThanOrEqual(0);
      expect(voicing).toBeLessThanOrEqual(1);
      expect(voicing > 0.5).toBe(voiced);
      expect(hnrDb).toBeGreaterThanOrEqual(-20);
      expect(hnrDb).toBeLessThanOrEqual(40);
      if (voiced) expect(Math.min(500, Math.max(75, f0Hz))).toBe(f0Hz);
      else expect(f0Hz).toBe(0);
    }
  };

  it('for steps, clicks and noise of any shape', () => {
    fc.assert(
      fc.property(runs, (parts) =>
        inRange(Float32Array.from(parts.flatMap(({ value, length }) => new Array<number>(length).fill(value)))),
      ),
      { numRuns: 100 },
    );
  });

  it('for full-scale square waves, alternating samples and the smallest floats', () => {
    inRange(Float32Array.from({ length: 8000 }, (_, i) => (Math.floor(i / 40) % 2 === 0 ? 1 : -1)));
    inRange(Float32Array.from({ length: 8000 }, (_, i) => (i % 2 === 0 ? 1 : -1)));
    inRange(new Float32Array(8000).fill(1.4e-45));
    inRange(noiseOf(1, 1e-20, 4));
  });
});
