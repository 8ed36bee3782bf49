import { bandwidthHz } from './bandwidth.ts';
import { centroidHz } from './centroid.ts';
import { writeChroma } from './chroma.ts';
import { writeContrast } from './contrast.ts';
import { descriptorIndex, ROW_LENGTH } from './descriptors.ts';
import { flatness } from './flatness.ts';
import { Flux } from './flux.ts';
import { levelDb } from './level.ts';
import { writeLogMel } from './mel.ts';
import { MeydaExtras } from './meyda.ts';
import { writeMfcc } from './mfcc.ts';
import { type PitchResult, PitchTracker } from './pitch.ts';
import { rolloffHz } from './rolloff.ts';
import { slope } from './slope.ts';
import { Spectrum } from './spectrum.ts';
import { SpeechDetector } from './speech.ts';
import { zeroCrossingRate } from './zcr.ts';

export interface ExtractorOptions {
  /** Extractors of Meyda whose values follow the descriptors in the row; see `MEYDA_DESCRIPTORS`. */
  readonly meyda?: readonly string[];
}

/** 0 semitones: A0. */
export const SEMITONE_ORIGIN_HZ = 27.5;

const at = {
  logMel: descriptorIndex('logMel0'),
  mfcc: descriptorIndex('mfcc0'),
  chroma: descriptorIndex('chroma0'),
  contrast: descriptorIndex('contrast0'),
  zcr: descriptorIndex('zcr'),
  levelDb: descriptorIndex('levelDb'),
  centroidHz: descriptorIndex('centroidHz'),
  bandwidthHz: descriptorIndex('bandwidthHz'),
  rolloffHz: descriptorIndex('rolloffHz'),
  flatness: descriptorIndex('flatness'),
  flux: descriptorIndex('flux'),
  slope: descriptorIndex('slope'),
  f0Semitones: descriptorIndex('f0Semitones'),
  hnrDb: descriptorIndex('hnrDb'),
  voicing: descriptorIndex('voicing'),
  speech: descriptorIndex('speech'),
} as const;

/** Shared by all extractors: a hop is described from beginning to end before the next, of whichever channel. */
const spectrum = new Spectrum();
const pitch: PitchResult = { f0Hz: 0, voicing: 0, hnrDb: 0, voiced: false };

/**
 * Describes the hops of one channel, in order: one row of low-level descriptors each, without allocating.
 *
 * It keeps what it needs of earlier hops (the spectrum before, the pitch track, the speech detector); everything else is
 * shared. The same frames give the same rows.
 *
 * @example
 * const extractor = new DescriptorExtractor({ meyda: ['loudness'] });
 * const row = new Float32Array(extractor.rowLength);
 * framer.push(samples, (frame) => extractor.describe(frame, row));
 * row[descriptorIndex('levelDb')]; // −23.4
 */
export class DescriptorExtractor {
  /** Values of a row: `ROW_LENGTH`, and the extras. */
  readonly rowLength: number;
  /** What stands in the row from `ROW_LENGTH` on. */
  readonly extraNames: readonly string[];
  readonly #flux = new Flux();
  readonly #pitch = new PitchTracker();
  readonly #speech = new SpeechDetector();
  readonly #extras: MeydaExtras | undefined;

  /** @throws unknown-descriptor, for a name that Meyda does not have */
  constructor(options: ExtractorOptions = {}) {
    const asked = options.meyda ?? [];
    this.#extras = asked.length > 0 ? new MeydaExtras(asked) : undefined;
    this.extraNames = this.#extras?.names ?? [];
    this.rowLength = ROW_LENGTH + this.extraNames.length;
  }

  /**
   * @param frame 640 samples at 16 kHz, finite: the 40 ms that end with the hop
   * @param row `rowLength` values, written: the descriptors in their order (`f0Semitones` and `hnrDb` are NaN when
   *   there is no voice), then the extras
   */
  describe(frame: Float32Array, row: Float32Array): void {
    spectrum.analyze(frame);
    this.#describeSpectrum(row);
    this.#describePitch(frame, row);
    row[at.speech] = this.#speech.update(row);
    this.#extras?.write(spectrum, row, ROW_LENGTH);
  }

  #describeSpectrum(row: Float32Array): void {
    const { power, amplitude, amplitudeSum } = spectrum;
    writeLogMel(power, row, at.logMel);
    writeMfcc(row, at.logMel, row, at.mfcc);
    writeChroma(power, row, at.chroma);
    writeContrast(power, row, at.contrast);
    row[at.zcr] = zeroCrossingRate(spectrum.centred);
    row[at.levelDb] = levelDb(spectrum.meanSquare);
    const centroid = centroidHz(amplitude, amplitudeSum);
    row[at.centroidHz] = centroid;
    row[at.bandwidthHz] = bandwidthHz(amplitude, amplitudeSum, centroid);
    row[at.rolloffHz] = rolloffHz(amplitude, amplitudeSum);
    row[at.flatness] = flatness(amplitude, amplitudeSum);
    row[at.flux] = this.#flux.update(amplitude, spectrum.powerSum);
    row[at.slope] = slope(power);
  }

  #describePitch(frame: Float32Array, row: Float32Array): void {
    this.#pitch.track(frame, pitch);
    const { voiced } = pitch;
    row[at.f0Semitones] = voiced ? 12 * Math.log2(pitch.f0Hz / SEMITONE_ORIGIN_HZ) : Number.NaN;
    row[at.hnrDb] = voiced ? pitch.hnrDb : Number.NaN;
    row[at.voicing] = pitch.voicing;
  }
}
