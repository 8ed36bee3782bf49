/**
 * What a hop costs: all descriptors, part by part, and beside Meyda's `extract()` for those that both have.
 *
 *     npm run bench:features
 */
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { bandwidthHz } from '../src/features/bandwidth.ts';
import { centroidHz } from '../src/features/centroid.ts';
import { writeChroma } from '../src/features/chroma.ts';
import { writeContrast } from '../src/features/contrast.ts';
import { powerSpectrum } from '../src/features/fft.ts';
import { flatness } from '../src/features/flatness.ts';
import { Flux } from '../src/features/flux.ts';
import { DescriptorExtractor, featureSet, ROW_LENGTH, WindowState } from '../src/features/index.ts';
import { levelDb } from '../src/features/level.ts';
import { writeLogMel } from '../src/features/mel.ts';
import { writeMfcc } from '../src/features/mfcc.ts';
import { PitchTracker } from '../src/features/pitch.ts';
import { rolloffHz } from '../src/features/rolloff.ts';
import { slope } from '../src/features/slope.ts';
import { Spectrum } from '../src/features/spectrum.ts';
import { SpeechDetector } from '../src/features/speech.ts';
import { zeroCrossingRate } from '../src/features/zcr.ts';
import { benchAnalysis } from './analysis.ts';
import { type Candidate, medians } from './rounds.ts';
import { framesOf, speechLike } from './speech-like.ts';

const frames = framesOf(speechLike(20));
const frame = (index: number): Float32Array => frames[index % frames.length]!;
const padded = frames.map((samples) => Float64Array.from({ length: 512 }, (_, n) => (n < 400 ? samples[240 + n]! : 0)));
/** Ready spectra of some frames, so that each part is timed alone; few, so that they stay in the cache. */
const spectra = frames.slice(0, 64).map((samples) => {
  const spectrum = new Spectrum();
  spectrum.analyze(samples);
  return spectrum;
});
const spectrumOf = (index: number): Spectrum => spectra[index % spectra.length]!;
const describeAll = new DescriptorExtractor();
const rows = frames.map((samples) => {
  const row = new Float32Array(ROW_LENGTH);
  describeAll.describe(samples, row);
  return row;
});
const rowOf = (index: number): Float32Array => rows[index % rows.length]!;

/** Results go here, so that no call is optimised away. */
const sink = new Float32Array(ROW_LENGTH);
const scratch = new Float64Array(257);
const spectrum = new Spectrum();
const flux = new Flux();
const pitchTracker = new PitchTracker();
const pitch = { f0Hz: 0, voicing: 0, hnrDb: 0, voiced: false };
const speech = new SpeechDetector();
const state = new WindowState(300);
const features = new Float32Array(featureSet.length);

const parts: readonly Candidate[] = [
  { name: 'spectrum (mean, window, FFT, amplitude)', run: (i) => spectrum.analyze(frame(i)) },
  { name: '  of that the FFT', run: (i) => powerSpectrum(padded[i % padded.length]!, scratch) },
  { name: 'log-mel, 64', run: (i) => writeLogMel(spectrumOf(i).power, sink, 0) },
  { name: 'MFCC, 13', run: (i) => writeMfcc(rowOf(i), 0, sink, 64) },
  { name: 'chroma, 12', run: (i) => writeChroma(spectrumOf(i).power, sink, 0) },
  { name: 'spectral contrast, 7', run: (i) => writeContrast(spectrumOf(i).power, sink, 0) },
  { name: 'zero-crossing rate', run: (i) => keep(zeroCrossingRate(spectrumOf(i).centred)) },
  { name: 'level', run: (i) => keep(levelDb(spectrumOf(i).meanSquare)) },
  { name: 'centroid', run: (i) => keep(centroidHz(spectrumOf(i).amplitude, spectrumOf(i).amplitudeSum)) },
  { name: 'bandwidth', run: (i) => keep(bandwidthHz(spectrumOf(i).amplitude, spectrumOf(i).amplitudeSum, 1000)) },
  { name: 'roll-off', run: (i) => keep(rolloffHz(spectrumOf(i).amplitude, spectrumOf(i).amplitudeSum)) },
  { name: 'flatness', run: (i) => keep(flatness(spectrumOf(i).amplitude, spectrumOf(i).amplitudeSum)) },
  { name: 'flux', run: (i) => keep(flux.update(spectrumOf(i).amplitude, spectrumOf(i).powerSum)) },
  { name: 'slope', run: (i) => keep(slope(spectrumOf(i).power)) },
  { name: 'F0, voicing, HNR', run: (i) => pitchTracker.track(frame(i), pitch) },
  { name: 'speech detector', run: (i) => keep(speech.update(rowOf(i))) },
];

const commonSpectrum = new Spectrum();
/** Ours for what Meyda has too; MFCC with the 64 mel bands they need. */
function ourCommon(samples: Float32Array): void {
  commonSpectrum.analyze(samples);
  const { power, amplitude, amplitudeSum } = commonSpectrum;
  writeLogMel(power, sink, 0);
  writeMfcc(sink, 0, sink, 64);
  writeChroma(power, sink, 77);
  const centroid = centroidHz(amplitude, amplitudeSum);
  keep(zeroCrossingRate(commonSpectrum.centred) + levelDb(commonSpectrum.meanSquare) + slope(power));
  keep(centroid + bandwidthHz(amplitude, amplitudeSum, centroid) + rolloffHz(amplitude, amplitudeSum));
  keep(flatness(amplitude, amplitudeSum));
}

const meyda = createRequire(import.meta.url)('meyda') as {
  extract(names: readonly string[], samples: ArrayLike<number>): { readonly rms: number };
};
Object.assign(meyda, { bufferSize: 512, sampleRate: 16_000, numberOfMFCCCoefficients: 13, melBands: 26 });
const meydaFrames = frames.map((samples) => samples.slice(128));
const common = ['mfcc', 'chroma', 'zcr', 'rms', 'spectralCentroid', 'spectralSpread', 'spectralRolloff'].concat([
  'spectralFlatness',
  'spectralSlope',
]);
const withExtras = new DescriptorExtractor({ meyda: ['loudness', 'perceptualSharpness'] });
const longRow = new Float32Array(withExtras.rowLength);
const wholes: readonly Candidate[] = [
  { name: 'hop', run: (i) => describeAll.describe(frame(i), sink) },
  { name: 'hop with extras', run: (i) => withExtras.describe(frame(i), longRow) },
  { name: 'push', run: (i) => state.push(rowOf(i)) },
  { name: 'functionals', run: () => state.functionals(features) },
  { name: 'common', run: (i) => ourCommon(frame(i)) },
  { name: 'meyda', run: (i) => keep(meyda.extract(common, meydaFrames[i % frames.length]!).rms) },
];

function keep(value: number): void {
  sink[0] = value;
}

const line = (name: string, value: number): void => console.log(`  ${name.padEnd(48)}${value.toFixed(2).padStart(8)}`);

console.log(`Node ${process.version}, ${cpus()[0]?.model}; medians in µs\n`);
const partTimes = medians(parts);
const times = medians(wholes);
console.log('A hop (10 ms of one channel), part by part');
for (const [name, value] of partTimes) line(name, value);
console.log('');
line(`All ${ROW_LENGTH} descriptors`, times.get('hop')!);
line('… with two of Meyda’s (loudness, perceptualSharpness)', times.get('hop with extras')!);
line('Window state: push of a hop', times.get('push')!);
line(`Window state: ${featureSet.length} functionals, once per step`, times.get('functionals')!);
console.log(`\nWhat both have: ${common.join(', ')}`);
line('Undertone', times.get('common')!);
line('Meyda extract()', times.get('meyda')!);
line('Meyda / Undertone', times.get('meyda')! / times.get('common')!);

await benchAnalysis();
