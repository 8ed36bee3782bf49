import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileKernel, kernelModule } from '../../scripts/compile-kernel.mjs';
import { powerSpectrum, powerSpectrumInTypeScript } from '../../src/features/fft.ts';
import { kernel } from '../../src/features/kernel.ts';
import { windowFrame, windowFrameInTypeScript } from '../../src/features/pitch-candidates.ts';
import { autocorrelate, autocorrelateInTypeScript, pitchFrame } from '../../src/features/pitch-fft.ts';
import { speechLogit } from '../../src/features/speech-logit.ts';
import { SpeechNetwork, speechLayout } from '../../src/features/speech-network.ts';

const number = fc.oneof(
  { weight: 8, arbitrary: fc.double({ min: -1, max: 1, noNaN: true }) },
  { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, Number.MIN_VALUE, 1e-300, 1e150, Number.NaN, Infinity) },
);
const numbers = (count: number) => fc.array(number, { minLength: count, maxLength: count });

describe('the transforms in WebAssembly', () => {
  it('are what this engine uses', () => {
    expect(kernel).toBeDefined();
    expect(powerSpectrum).not.toBe(powerSpectrumInTypeScript);
    expect(autocorrelate).not.toBe(autocorrelateInTypeScript);
  });

  it('give the power spectrum of TypeScript, bit for bit', () => {
    fc.assert(
      fc.property(numbers(512), (samples) => {
        const expected = new Float64Array(257);
        const found = new Float64Array(257);
        powerSpectrumInTypeScript(Float64Array.from(samples), expected);
        powerSpectrum(Float64Array.from(samples), found);
        expect(found).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('give the autocorrelation of TypeScript, bit for bit, for any number of lags', () => {
    fc.assert(
      fc.property(numbers(640), fc.integer({ min: 2, max: 227 }), (samples, count) => {
        const expected = new Float64Array(count);
        const found = new Float64Array(count);
        autocorrelateInTypeScript(Float64Array.from(samples), expected);
        autocorrelate(Float64Array.from(samples), found);
        expect(found).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('window a frame as TypeScript does, bit for bit', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true }), { minLength: 640, maxLength: 640 }), (samples) => {
        const frame = Float32Array.from(samples);
        const peak = windowFrameInTypeScript(frame);
        const expected = pitchFrame.slice();
        pitchFrame.fill(7);
        expect(windowFrame(frame)).toBe(peak);
        expect(pitchFrame).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('give the log odds of speech of TypeScript, bit for bit, for any layers that fit', () => {
    const layers = fc.record({
      inputs: fc.integer({ min: 1, max: 100 }),
      hidden: fc.integer({ min: 1, max: 34 }),
      second: fc.integer({ min: 1, max: 34 }),
    });
    const values = fc.infiniteStream(fc.float({ min: -3, max: 3, noNaN: true }));
    fc.assert(
      fc.property(layers, values, (sizes, stream) => {
        const draw = (length: number): Float32Array => Float32Array.from({ length }, () => stream.next().value);
        const network = new SpeechNetwork(sizes, draw(speechLayout(sizes).length));
        const logit = speechLogit(network);
        for (let turn = 0; turn < 3; turn++) {
          const x = draw(sizes.inputs);
          expect(logit(x)).toBe(network.logit(x));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('are the compiled sources of assembly/', async () => {
    const committed = readFileSync(new URL('../../src/features/kernel-bytes.ts', import.meta.url), 'utf8');
    expect(kernelModule(await compileKernel())).toBe(committed);
  });
});
