import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { autocorrelate, SPAN } from '../../src/features/pitch-fft.ts';

const FRAME = 640;
const LAGS = 226;

/** The definition: products of the samples with themselves, `lag` later, round a circle of SPAN with zeros. */
function circular(samples: Float64Array, lag: number): number {
  let sum = 0;
  for (let i = 0; i < FRAME; i++) sum += samples[i]! * (samples[(i + lag) % SPAN] ?? 0);
  return sum;
}

const frames = fc
  .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: FRAME, maxLength: FRAME, size: 'max' })
  .map((values) => Float64Array.from(values));

describe('the autocorrelation by transform', () => {
  it('is the sum of products, at every lag', () => {
    fc.assert(
      fc.property(frames, (samples) => {
        const lags = new Float64Array(LAGS);
        autocorrelate(samples, lags);
        const error = lags.map((value, lag) => Math.abs(value - circular(samples, lag)));
        expect(Math.max(...error)).toBeLessThan(1e-10);
      }),
      { numRuns: 20 },
    );
  });

  it('is exact for single samples anywhere', () => {
    for (const at of [0, 1, 127, 128, 511, 512, 639]) {
      const samples = new Float64Array(FRAME);
      samples[at] = 1;
      samples[(at + 100) % FRAME] = 0.5;
      const lags = new Float64Array(LAGS);
      autocorrelate(samples, lags);
      expect(lags[0]).toBeCloseTo(1.25, 12);
      expect(lags[100]).toBeCloseTo(circular(samples, 100), 12);
      expect(lags[101]).toBeCloseTo(circular(samples, 101), 12);
    }
  });

  it('wraps so little of a Hann window that lag 213 is off by less than 0.0005 of lag 0', () => {
    const hann = Float64Array.from(
      { length: FRAME },
      (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / FRAME),
    );
    const lags = new Float64Array(LAGS);
    autocorrelate(hann, lags);
    let plain = 0;
    for (let i = 213; i < FRAME; i++) plain += hann[i]! * hann[i - 213]!;
    expect(Math.abs(lags[213]! - plain) / lags[0]!).toBeLessThan(0.0005);
    expect(Math.abs(lags[213]! - plain) / lags[0]!).toBeGreaterThan(0);
  });
});
