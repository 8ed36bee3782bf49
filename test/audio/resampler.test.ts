import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StreamingResampler } from '../../src/audio/index.ts';
import { floatsOf } from './tools.ts';

const RATES = [8000, 8001, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 47_999, 48_000];

function resample(samples: Float32Array, fromHz: number, toHz = 16_000, chunks = [samples.length]): Float32Array {
  const resampler = new StreamingResampler(fromHz, toHz);
  const out: number[] = [];
  let at = 0;
  for (const length of chunks) {
    for (const sample of resampler.push(samples.subarray(at, at + length))) out.push(sample);
    at += length;
  }
  for (const sample of resampler.push(samples.subarray(at))) out.push(sample);
  for (const sample of resampler.flush()) out.push(sample);
  return Float32Array.from(out);
}

const sine = (length: number, rate: number, hz: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin((2 * Math.PI * hz * i) / rate));
const db = (ratio: number) => 20 * Math.log10(ratio);

/** Complex amplitude of a frequency in the samples, by least squares against its sine and cosine. */
function amplitude(samples: Float32Array, first: number, rate: number, hz: number): { re: number; im: number } {
  let [ss, sc, cc, ys, yc] = [0, 0, 0, 0, 0];
  samples.forEach((y, i) => {
    const angle = (2 * Math.PI * hz * (i + first)) / rate;
    const [s, c] = [Math.sin(angle), Math.cos(angle)];
    ss += s * s;
    sc += s * c;
    cc += c * c;
    ys += y * s;
    yc += y * c;
  });
  const determinant = ss * cc - sc * sc;
  return { re: (ys * cc - yc * sc) / determinant, im: (yc * ss - ys * sc) / determinant };
}

describe('SoX', () => {
  interface Case {
    readonly fromHz: number;
    readonly partials: readonly { readonly hz: number; readonly amplitude: number; readonly phase: number }[];
    readonly inputSamples: number;
    readonly outputSamples: number;
    readonly from: number;
    readonly float32Base64: string;
  }
  const golden = JSON.parse(readFileSync(new URL('../golden/audio-resampler.json', import.meta.url), 'utf8')) as {
    readonly cases: readonly Case[];
  };

  it.each(golden.cases)('agrees with `rate -v` at $fromHz Hz within -70 dB', (given) => {
    const input = Float32Array.from({ length: given.inputSamples }, (_, i) =>
      given.partials.reduce(
        (sum, p) => sum + p.amplitude * Math.sin((2 * Math.PI * p.hz * i) / given.fromHz + p.phase),
        0,
      ),
    );
    const expected = floatsOf(Buffer.from(given.float32Base64, 'base64'));
    const output = resample(input, given.fromHz);
    let error = 0;
    let power = 0;
    expected.forEach((sample, i) => {
      error += (output[given.from + i]! - sample) ** 2;
      power += sample ** 2;
    });
    expect(expected).toHaveLength(1600);
    expect(10 * Math.log10(error / power)).toBeLessThan(-70);
    expect(Math.abs(output.length - given.outputSamples)).toBeLessThanOrEqual(1);
  });
});

describe.each(RATES.filter((rate) => rate !== 16_000))('the response at %i Hz', (fromHz) => {
  const nyquist = Math.min(fromHz, 16_000) / 2;
  const length = Math.round(fromHz * 0.3);
  /** Output without its ends, where the zeros around the signal are in the filter. */
  const settled = (hz: number) => {
    const output = resample(sine(length, fromHz, hz), fromHz);
    const first = 200;
    return { first, samples: output.subarray(first, output.length - 200) };
  };

  it('is flat within 0.1 dB, and without delay, up to 0.85 of the lower Nyquist frequency', () => {
    for (let step = 0; step <= 12; step++) {
      const hz = Math.max(30, (0.85 * nyquist * step) / 12);
      const { samples, first } = settled(hz);
      const { re, im } = amplitude(samples, first, 16_000, hz);
      expect(Math.abs(db(Math.hypot(re, im))), `${hz} Hz`).toBeLessThan(0.1);
      expect(Math.abs(Math.atan2(im, re)), `${hz} Hz`).toBeLessThan(1e-4);
    }
  });

  it('leaves images and aliases at least 70 dB down', () => {
    // What is not the tone itself: images of a tone in the pass band, all of a tone in the stop band.
    for (let step = 1; step <= 12; step++) {
      const hz = (0.85 * nyquist * step) / 12;
      const { samples, first } = settled(hz);
      const { re, im } = amplitude(samples, first, 16_000, hz);
      let rest = 0;
      samples.forEach((y, i) => {
        const angle = (2 * Math.PI * hz * (i + first)) / 16_000;
        rest += (y - re * Math.sin(angle) - im * Math.cos(angle)) ** 2;
      });
      expect(10 * Math.log10((2 * rest) / samples.length), `${hz} Hz`).toBeLessThan(-70);
    }
    for (let hz = 1.15 * nyquist; hz < fromHz / 2; hz += nyquist / 9) {
      const { samples } = settled(hz);
      const power = samples.reduce((sum, y) => sum + y * y, 0) / samples.length;
      expect(10 * Math.log10(2 * power), `${hz} Hz`).toBeLessThan(-70);
    }
  });

  it('passes a constant unchanged', () => {
    const output = resample(new Float32Array(length).fill(0.5), fromHz).subarray(200, -200);
    expect(output.every((sample) => Math.abs(sample - 0.5) < 1e-6)).toBe(true);
  });

  it('looks ahead 3 ms at most, and holds back no more than that', () => {
    const resampler = new StreamingResampler(fromHz);
    expect(resampler.lookAheadMs).toBeGreaterThan(0);
    expect(resampler.lookAheadMs).toBeLessThanOrEqual(3);
    let out = 0;
    for (let given = 10; given <= 2000; given += 10) {
      out += resampler.push(new Float32Array(10)).length;
      expect((1000 * given) / fromHz - (1000 * out) / 16_000).toBeLessThanOrEqual(3);
    }
  });
});

describe('time', () => {
  it.each(RATES)('from %i Hz, gives ceil(n · to / from) samples', (fromHz) => {
    for (const length of [0, 1, 2, 159, 160, 161, 1000, 4801]) {
      expect(resample(new Float32Array(length), fromHz)).toHaveLength(Math.ceil((length * 16_000) / fromHz));
    }
  });

  it('puts an impulse where it was', () => {
    for (const fromHz of [8000, 32_000, 48_000]) {
      const input = new Float32Array(fromHz / 10);
      input[fromHz / 50] = 1; // 20 ms
      const output = resample(input, fromHz);
      expect(output.indexOf(Math.max(...output))).toBe(320);
    }
  });

  it('copies every second sample from 8 kHz', () => {
    const input = Float32Array.from({ length: 500 }, (_, i) => Math.sin(i * i));
    const output = resample(input, 8000);
    expect(output.filter((_, i) => i % 2 === 0)).toEqual(input);
  });

  it('is as new after a flush', () => {
    const resampler = new StreamingResampler(44_100);
    const once = () => [...resampler.push(sine(3000, 44_100, 440)), ...resampler.flush()];
    expect(once()).toEqual(once());
  });
});

describe('chunking', () => {
  it('gives the same bits however the samples are cut', () => {
    const rates = fc.oneof(fc.constantFrom(...RATES), fc.integer({ min: 8000, max: 48_000 }));
    const chunks = fc.array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 3000 })), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(rates, chunks, (fromHz, lengths) => {
        const total = lengths.reduce((sum, length) => sum + length, 100);
        const input = Float32Array.from({ length: total }, (_, i) => Math.sin(i * 0.7 + Math.sin(i * 0.013)));
        expect(resample(input, fromHz, 16_000, lengths)).toEqual(resample(input, fromHz));
      }),
      { numRuns: 60 },
    );
  });

  it('gives the same bits sample by sample', () => {
    const input = sine(3000, 22_050, 1000);
    expect(resample(input, 22_050, 16_000, new Array(3000).fill(1))).toEqual(resample(input, 22_050));
  });

  it('passes equal rates through untouched', () => {
    const input = sine(1000, 16_000, 999);
    const resampler = new StreamingResampler(16_000);
    expect(resampler.push(input)).toBe(input);
    expect(resampler.flush()).toHaveLength(0);
    expect(resampler.lookAheadMs).toBe(0);
  });
});

describe('other pairs', () => {
  it.each([
    [96_000, 48_000],
    [192_000, 48_000],
    [4000, 8000],
    [16_000, 8000],
    [200_000, 1000],
    [100, 48_000],
  ])('%i to %i Hz keeps the tone', (fromHz, toHz) => {
    const hz = Math.min(fromHz, toHz) * 0.1;
    const length = Math.round(200 * (fromHz / Math.min(fromHz, toHz)));
    const output = resample(sine(length, fromHz, hz), fromHz, toHz, new Array(20).fill(Math.floor(length / 20)));
    expect(output).toHaveLength(Math.ceil((length * toHz) / fromHz));
    const quarter = Math.floor(output.length / 4);
    const { re, im } = amplitude(output.subarray(quarter, -quarter), quarter, toHz, hz);
    expect(re).toBeCloseTo(1, 2);
    expect(im).toBeCloseTo(0, 2);
  });

  it.each([0, -1, 8000.5, Number.NaN])('%s Hz is no rate', (rate) => {
    expect(() => new StreamingResampler(rate)).toThrow(RangeError);
  });

  it('keeps its tables small for any rate', async () => {
    const { resamplerTable } = await import('../../src/audio/resampler-table.ts');
    for (const rate of [8001, 15_999, 44_099, 47_999]) {
      expect(resamplerTable(rate, 16_000).taps.byteLength).toBeLessThan(700 * 1024);
    }
    expect(resamplerTable(8000, 16_000)).toBe(resamplerTable(8000, 16_000));
    const first = resamplerTable(8000, 16_000);
    for (let rate = 9001; rate < 9101; rate += 2) resamplerTable(rate, 16_000);
    expect(resamplerTable(8000, 16_000)).not.toBe(first);
  });
});
