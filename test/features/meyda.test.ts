import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { UndertoneError } from '../../src/errors.ts';
import { DescriptorExtractor, descriptorIndex, MEYDA_DESCRIPTORS, ROW_LENGTH } from '../../src/features/index.ts';
import { noise, silence, sine, vowel } from './signals.ts';

type Extractor = (input: Readonly<Record<string, unknown>>) => unknown;
interface Meyda {
  bufferSize: number;
  sampleRate: number;
  melBands: number;
  numberOfMFCCCoefficients: number;
  windowingFunction: string;
  readonly featureExtractors: Readonly<Record<string, Extractor>>;
  extract(names: readonly string[], frame: ArrayLike<number>): Readonly<Record<string, unknown>>;
}
const meyda = createRequire(import.meta.url)('meyda') as Meyda;

/** A faint hiss, so that no bin is below our floor (10⁻⁴ in amplitude), which Meyda lacks. */
const inHiss = (frame: Float32Array): Float32Array => {
  const hiss = noise(11, 1e-3);
  return frame.map((sample, n) => sample + hiss[n]!);
};
const frames: readonly (readonly [string, Float32Array])[] = [
  ['noise', noise(3)],
  ['a sine', inHiss(sine(440))],
  ['a vowel of 125 Hz', inHiss(vowel(128))],
  ['a vowel of 240 Hz', inHiss(vowel(67))],
  ['quiet noise', noise(9, 1e-3)],
];

/** The 400 samples less their mean, and the same Hann-windowed and padded to 512: what Meyda is given. */
function prepared(frame: Float32Array): { centred: Float64Array; windowed: Float64Array } {
  const last = Float64Array.from(frame.subarray(240));
  const mean = last.reduce((sum, value) => sum + value, 0) / 400;
  const centred = last.map((value) => value - mean);
  const windowed = new Float64Array(512);
  for (let n = 0; n < 400; n++) windowed[n] = centred[n]! * Math.sin((Math.PI * n) / 400) ** 2;
  return { centred, windowed };
}

/** Meyda's own transform: fftjs, in its own class, through its public entrance. */
function extract(frame: Float32Array, names: readonly string[]): Readonly<Record<string, unknown>> {
  meyda.bufferSize = 512;
  meyda.sampleRate = 16_000;
  meyda.melBands = 26;
  meyda.numberOfMFCCCoefficients = 13;
  meyda.windowingFunction = 'rect';
  return meyda.extract(names, prepared(frame).windowed);
}

function rowOf(frame: Float32Array, names: readonly string[] = []): Float32Array {
  const extractor = new DescriptorExtractor({ meyda: names });
  const row = new Float32Array(extractor.rowLength);
  extractor.describe(frame, row);
  return row;
}
const relative = (value: number, expected: number): number => Math.abs(value - expected) / Math.abs(expected);

describe('descriptors that Meyda defines as we do', () => {
  for (const [name, frame] of frames) {
    it(`agree with Meyda on ${name}`, () => {
      const row = rowOf(frame);
      const value = (descriptor: string): number => row[descriptorIndex(descriptor)]!;
      const { centred, windowed } = prepared(frame);
      // Meyda's amplitudes lack the Nyquist bin, so it is given 257 of its own making: those of a spectrum it returns
      // for the frame, and the alternating sum, which is the Nyquist bin by definition.
      const { amplitudeSpectrum } = extract(frame, ['amplitudeSpectrum']);
      const nyquist = Math.abs(windowed.reduce((sum, sample, n) => sum + (n % 2 === 0 ? sample : -sample), 0));
      const ampSpectrum = Float32Array.of(...(amplitudeSpectrum as Float32Array), nyquist);
      const by = (extractor: string, signal = centred): number =>
        Number(meyda.featureExtractors[extractor]!({ ampSpectrum, signal, bufferSize: 512, sampleRate: 16_000 }));
      // Meyda counts crossings; the row has their share.
      expect(relative(value('zcr') * 399, by('zcr'))).toBeLessThan(1e-6);
      // Meyda has the root mean square; the row has it in dB.
      expect(Math.abs(value('levelDb') - 20 * Math.log10(by('rms')))).toBeLessThan(1e-5);
      // Meyda counts in bins; the row in Hz, 31.25 of them to a bin.
      expect(relative(value('centroidHz'), 31.25 * by('spectralCentroid'))).toBeLessThan(1e-5);
      expect(relative(value('bandwidthHz'), 31.25 * by('spectralSpread'))).toBeLessThan(1e-5);
      expect(relative(value('flatness'), by('spectralFlatness'))).toBeLessThan(1e-4);
    });
  }
});

describe("Meyda's extractors by name", () => {
  for (const [name, frame] of frames) {
    it(`give what Meyda's own extract() gives for the windowed frame: ${name}`, () => {
      const spectral = MEYDA_DESCRIPTORS.filter((descriptor) => !['energy', 'rms', 'zcr'].includes(descriptor));
      const row = rowOf(frame, spectral);
      const expected = extract(frame, spectral);
      let at = ROW_LENGTH;
      for (const descriptor of spectral) {
        const value = expected[descriptor] as number | ArrayLike<number> | { readonly total: number };
        const values = typeof value === 'number' ? [value] : 'total' in value ? [value.total] : Array.from(value);
        for (const number of values) {
          // Meyda's spectrum is of 32-bit floats, and its higher moments subtract large numbers.
          expect(Math.abs(row[at++]! - number) / Math.max(Math.abs(number), 1e-3)).toBeLessThan(1e-3);
        }
      }
      expect(at).toBe(row.length);
    });
  }

  it('take energy, rms and zcr from the frame without a window', () => {
    const frame = vowel(100);
    const { centred } = prepared(frame);
    const row = rowOf(frame, ['energy', 'rms', 'zcr']);
    const energy = centred.reduce((sum, sample) => sum + sample * sample, 0);
    expect(relative(row[ROW_LENGTH]!, energy)).toBeLessThan(1e-6);
    expect(relative(row[ROW_LENGTH + 1]!, Math.sqrt(energy / 400))).toBeLessThan(1e-6);
    expect(row[ROW_LENGTH + 2]! / 399).toBeCloseTo(row[descriptorIndex('zcr')]!, 6);
  });

  it('leave the descriptors of the row as they are', () => {
    const frame = vowel(90);
    expect(rowOf(frame, MEYDA_DESCRIPTORS).subarray(0, ROW_LENGTH)).toEqual(rowOf(frame));
  });

  it('are named one by one, in the order asked for, each once', () => {
    const extractor = new DescriptorExtractor({ meyda: ['perceptualSharpness', 'mfcc', 'loudness', 'mfcc'] });
    expect(extractor.extraNames).toEqual([
      'perceptualSharpness',
      ...Array.from({ length: 13 }, (_, index) => `mfcc.${index}`),
      'loudness',
    ]);
    expect(extractor.rowLength).toBe(ROW_LENGTH + 15);
  });

  it('give finite values in sound, and finite values or NaN in silence', () => {
    const extractor = new DescriptorExtractor({ meyda: MEYDA_DESCRIPTORS });
    const row = new Float32Array(extractor.rowLength).fill(Number.POSITIVE_INFINITY);
    extractor.describe(noise(5), row);
    expect([...row.subarray(ROW_LENGTH)].every(Number.isFinite)).toBe(true);
    extractor.describe(silence, row);
    expect([...row.subarray(ROW_LENGTH)].filter((value) => Math.abs(value) === Number.POSITIVE_INFINITY)).toEqual([]);
    const at = (name: string): number => row[ROW_LENGTH + extractor.extraNames.indexOf(name)]!;
    expect([at('loudness'), at('rms'), at('spectralCentroid')]).toEqual([0, 0, Number.NaN]);
  });

  it('do not touch the settings of the singleton that others may use', () => {
    Object.assign(meyda, { bufferSize: 1024, sampleRate: 44_100, melBands: 40 });
    rowOf(noise(1), MEYDA_DESCRIPTORS);
    expect([meyda.bufferSize, meyda.sampleRate, meyda.melBands]).toEqual([1024, 44_100, 40]);
  });

  it('serve two channels in turn as they serve each alone', () => {
    const names = ['loudness', 'spectralKurtosis'];
    const [one, other] = [new DescriptorExtractor({ meyda: names }), new DescriptorExtractor({ meyda: names })];
    const row = new Float32Array(one.rowLength);
    for (const [, frame] of frames) {
      one.describe(frame, row);
      other.describe(noise(77), row);
    }
    one.describe(frames[2]![1], row);
    expect(row.subarray(ROW_LENGTH)).toEqual(rowOf(frames[2]![1], names).subarray(ROW_LENGTH));
  });

  it.each(['loudnes', 'spectralFlux', 'complexSpectrum', 'toString', ''])('refuse the name "%s"', (name) => {
    const refused = (): unknown => new DescriptorExtractor({ meyda: ['loudness', name] });
    expect(refused).toThrow(UndertoneError);
    expect(refused).toThrow(`The descriptor "${name}" is unknown; use some of chroma, energy, loudness,`);
  });
});
