import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { powerSpectrum } from '../../src/features/fft.ts';
import { Spectrum } from '../../src/features/spectrum.ts';
import { frameOf, noise, silence, sine } from './signals.ts';

/** The definition of the transform, term by term. */
function powerByDefinition(samples: ArrayLike<number>): number[] {
  return Array.from({ length: 257 }, (_, k) => {
    let re = 0;
    let im = 0;
    for (let n = 0; n < 512; n++) {
      re += samples[n]! * Math.cos((2 * Math.PI * k * n) / 512);
      im -= samples[n]! * Math.sin((2 * Math.PI * k * n) / 512);
    }
    return re * re + im * im;
  });
}

const signals = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 512, maxLength: 512 });

describe('the transform', () => {
  it('gives the power of the definition, for any signal', () => {
    fc.assert(
      fc.property(signals, (samples) => {
        const power = new Float64Array(257);
        powerSpectrum(Float64Array.from(samples), power);
        const expected = powerByDefinition(samples);
        const largest = Math.max(...expected, 1);
        for (let k = 0; k < 257; k++) expect(Math.abs(power[k]! - expected[k]!)).toBeLessThan(1e-12 * largest);
      }),
      { numRuns: 20 },
    );
  });

  it('gives every unit impulse a flat spectrum, so no sample lands in the wrong place', () => {
    const power = new Float64Array(257);
    for (let place = 0; place < 512; place++) {
      const impulse = new Float64Array(512);
      impulse[place] = 1;
      powerSpectrum(impulse, power);
      for (let k = 0; k < 257; k++) expect(Math.abs(power[k]! - 1)).toBeLessThan(1e-13);
    }
  });

  it('puts a cosine of each whole bin into that bin alone', () => {
    const power = new Float64Array(257);
    for (let bin = 0; bin <= 256; bin++) {
      powerSpectrum(
        Float64Array.from({ length: 512 }, (_, n) => Math.cos((2 * Math.PI * bin * n) / 512)),
        power,
      );
      const expected = bin === 0 || bin === 256 ? 512 ** 2 : 256 ** 2;
      expect(power[bin]! / expected).toBeCloseTo(1, 10);
      expect(power.reduce((sum, value) => sum + value, 0) / expected).toBeCloseTo(1, 10);
    }
  });

  it('leaves its input as it was', () => {
    const samples = Float64Array.from({ length: 512 }, (_, n) => Math.sin(n * n));
    const before = samples.slice();
    powerSpectrum(samples, new Float64Array(257));
    expect(samples).toEqual(before);
  });
});

describe('the spectrum of a hop', () => {
  it('is that of the last 400 samples, less their mean, under a Hann window', () => {
    const frame = noise(7);
    const spectrum = new Spectrum();
    spectrum.analyze(frame);
    const last = [...frame.subarray(240)];
    const mean = last.reduce((sum, value) => sum + value, 0) / 400;
    const padded = Array.from({ length: 512 }, (_, n) =>
      n < 400 ? (last[n]! - mean) * Math.sin((Math.PI * n) / 400) ** 2 : 0,
    );
    const expected = powerByDefinition(padded);
    expected.forEach((value, k) => {
      expect(Math.abs(spectrum.power[k]! - value)).toBeLessThan(1e-10);
      expect(Math.abs(spectrum.amplitude[k]! - Math.sqrt(value))).toBeLessThan(1e-9);
    });
    expect(spectrum.powerSum).toBeCloseTo(
      expected.reduce((sum, value) => sum + value),
      8,
    );
    expect(spectrum.amplitudeSum).toBeCloseTo(
      expected.reduce((sum, value) => sum + Math.sqrt(value), 0),
      8,
    );
  });

  it('does not see an offset', () => {
    const [plain, offset] = [new Spectrum(), new Spectrum()];
    plain.analyze(sine(440));
    offset.analyze(sine(440, 0.5, 0.25));
    for (let k = 0; k < 257; k++) expect(Math.abs(plain.amplitude[k]! - offset.amplitude[k]!)).toBeLessThan(1e-4);
  });

  it('does not see the 240 samples before its frame', () => {
    const [one, other] = [new Spectrum(), new Spectrum()];
    const frame = sine(300);
    one.analyze(frame);
    frame.fill(0.9, 0, 240);
    other.analyze(frame);
    expect(other.power).toEqual(one.power);
  });

  it.each([
    ['digital silence', silence],
    ['an offset alone', frameOf(() => 0.3)],
    ['a sine of −103 dB', sine(1000, 1e-5)],
  ])('is zero in %s, also after sound', (_, frame) => {
    const spectrum = new Spectrum();
    spectrum.analyze(noise(1));
    spectrum.analyze(frame);
    expect(spectrum.power.every((value) => value === 0)).toBe(true);
    expect(spectrum.amplitude.every((value) => value === 0)).toBe(true);
    expect(spectrum.centred.every((value) => value === 0)).toBe(true);
    expect([spectrum.powerSum, spectrum.amplitudeSum, spectrum.meanSquare]).toEqual([0, 0, 0]);
  });

  it('is not zero in a sine of −93 dB', () => {
    const spectrum = new Spectrum();
    spectrum.analyze(sine(1000, 3e-5));
    expect(spectrum.powerSum).toBeGreaterThan(0);
  });
});
