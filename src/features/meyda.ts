import { createRequire } from 'node:module';
import { UndertoneError } from '../errors.ts';
import { FFT_SIZE } from './fft.ts';
import { SAMPLE_RATE_HZ, type Spectrum } from './spectrum.ts';

/**
 * The extractors of Meyda that can be added by name, with how many values each gives. Loudness is an object in Meyda:
 * its `total` is taken. Extractors of more than one value give one extra each, named `mfcc.0`, `mfcc.1`, ….
 *
 * Left out are the spectrum and the signal themselves (`amplitudeSpectrum`, `complexSpectrum`, `powerSpectrum`,
 * `buffer`: no descriptors), and `spectralFlux`, which in Meyda 5.6 is never a number (its issue 852): `flux` of the row
 * is that.
 */
const widths = {
  chroma: 12,
  energy: 1,
  loudness: 1,
  melBands: 26,
  mfcc: 13,
  perceptualSharpness: 1,
  perceptualSpread: 1,
  rms: 1,
  spectralCentroid: 1,
  spectralCrest: 1,
  spectralFlatness: 1,
  spectralKurtosis: 1,
  spectralRolloff: 1,
  spectralSkewness: 1,
  spectralSlope: 1,
  spectralSpread: 1,
  zcr: 1,
} as const;

export type MeydaDescriptor = keyof typeof widths;
export const MEYDA_DESCRIPTORS: readonly MeydaDescriptor[] = Object.keys(widths) as MeydaDescriptor[];

/**
 * The names of the values that extractors asked for by name give, in order and each once: `mfcc` becomes `mfcc.0`, …
 * `mfcc.12`.
 *
 * @throws unknown-descriptor, for a name that is not in `MEYDA_DESCRIPTORS`
 */
export function meydaValueNames(asked: readonly string[]): string[] {
  return askedOnce(asked).flatMap((name) =>
    widths[name] === 1 ? [name] : Array.from({ length: widths[name] }, (_, index) => `${name}.${index}`),
  );
}

const askedOnce = (asked: readonly string[]): MeydaDescriptor[] => [...new Set(asked.map(known))];

/** Meyda works on as many bins as half the transform: without that of the Nyquist frequency. */
const BINS = FFT_SIZE / 2;

interface MeydaInput {
  readonly ampSpectrum: Float32Array;
  readonly signal: Float32Array;
  readonly sampleRate: number;
  readonly bufferSize: number;
  readonly barkScale: Float32Array;
  readonly melFilterBank: readonly (readonly number[])[];
  readonly chromaFilterBank: readonly (readonly number[])[];
  readonly numberOfMFCCCoefficients: number;
}
type MeydaValue = number | ArrayLike<number> | { readonly total: number };
interface MeydaLibrary {
  readonly extractors: Readonly<Record<MeydaDescriptor, (input: MeydaInput) => MeydaValue>>;
  readonly input: MeydaInput;
}

let library: MeydaLibrary | undefined;

/** Loads Meyda when it is first asked for. Its extractors are pure functions; its singleton is neither used nor set. */
function loadMeyda(): MeydaLibrary {
  const require = createRequire(import.meta.url);
  const { featureExtractors } = require('meyda') as { featureExtractors: MeydaLibrary['extractors'] };
  const { createBarkScale, createChromaFilterBank, createMelFilterBank } =
    require('meyda/dist/node/utilities.js') as Readonly<{
      createBarkScale: (length: number, sampleRate: number, bufferSize: number) => Float32Array;
      createChromaFilterBank: (filters: number, sampleRate: number, bufferSize: number) => number[][];
      createMelFilterBank: (filters: number, sampleRate: number, bufferSize: number) => number[][];
    }>;
  const input: MeydaInput = {
    ampSpectrum: new Float32Array(BINS),
    signal: new Float32Array(0),
    sampleRate: SAMPLE_RATE_HZ,
    bufferSize: FFT_SIZE,
    barkScale: createBarkScale(FFT_SIZE, SAMPLE_RATE_HZ, FFT_SIZE),
    melFilterBank: createMelFilterBank(widths.melBands, SAMPLE_RATE_HZ, FFT_SIZE),
    chromaFilterBank: createChromaFilterBank(widths.chroma, SAMPLE_RATE_HZ, FFT_SIZE),
    numberOfMFCCCoefficients: widths.mfcc,
  };
  return { extractors: featureExtractors, input };
}

/**
 * Meyda's descriptors of a hop, computed on our spectrum (amplitudes of the Hann-windowed frame) or, for `energy`, `rms`
 * and `zcr`, on the 400 samples less their mean, not windowed. Units and formulas are Meyda's: a centroid in bins, for
 * example. What Meyda does not define, above all in silence, is NaN, which means over a window leave out.
 *
 * @example
 * const extras = new MeydaExtras(['loudness', 'perceptualSharpness']);
 * extras.names; // ['loudness', 'perceptualSharpness']
 */
export class MeydaExtras {
  /** One name per value, in the order asked for. */
  readonly names: readonly string[];
  readonly #asked: readonly MeydaDescriptor[];
  readonly #library: MeydaLibrary;

  /** @throws unknown-descriptor, for a name that is not in `MEYDA_DESCRIPTORS` */
  constructor(asked: readonly string[]) {
    this.#asked = askedOnce(asked);
    this.names = meydaValueNames(asked);
    library ??= loadMeyda();
    this.#library = library;
  }

  /** @param out where `names.length` values are written, from `at` on */
  write(spectrum: Spectrum, out: Float32Array, at: number): void {
    const { extractors, input } = this.#library;
    for (let k = 0; k < BINS; k++) input.ampSpectrum[k] = spectrum.amplitude[k]!;
    const frame = { ...input, signal: spectrum.centred };
    let next = at;
    for (const name of this.#asked) {
      const value = extractors[name](frame);
      for (let index = 0; index < widths[name]; index++) out[next++] = element(value, index);
    }
  }
}

function element(value: MeydaValue, index: number): number {
  const number = typeof value === 'number' ? value : 'total' in value ? value.total : value[index]!;
  return Number.isFinite(number) ? number : Number.NaN;
}

function known(name: string): MeydaDescriptor {
  if (Object.hasOwn(widths, name)) return name as MeydaDescriptor;
  throw new UndertoneError('unknown-descriptor', { name, allowed: MEYDA_DESCRIPTORS.join(', ') });
}
