import { createRequire } from 'node:module';
import { readMono16k } from '../../audio/index.ts';
import { DescriptorExtractor, descriptors, featureSet, WindowState } from '../../features/index.ts';
import type { Row } from './report.ts';
import { framesOf } from './speech.ts';
import { medianCosts } from './statistics.ts';

/** What both have; Meyda has neither pitch nor spectral contrast nor a speech detector. */
const COMMON = 'mfcc chroma zcr rms spectralCentroid spectralSpread spectralRolloff spectralFlatness spectralSlope';

/** What a hop costs, all descriptors, beside Meyda's `extract()` of those that it has too; µs. */
export async function benchFeatures(audio: string): Promise<readonly Row[]> {
  const frames = framesOf(await readMono16k(audio), 20);
  const frame = (index: number): Float32Array => frames[index % frames.length]!;
  const extractor = new DescriptorExtractor();
  const row = new Float32Array(extractor.rowLength);
  const rows = frames.map((samples) => {
    const described = new Float32Array(extractor.rowLength);
    extractor.describe(samples, described);
    return described;
  });
  const state = new WindowState(300);
  const features = new Float32Array(featureSet.length);
  const meyda = createRequire(import.meta.url)('meyda') as {
    extract(names: readonly string[], samples: Float32Array): object | null;
  };
  Object.assign(meyda, { bufferSize: 512, sampleRate: 16_000, numberOfMFCCCoefficients: 13, melBands: 26 });
  const short = frames.map((samples) => samples.slice(128));
  const names = COMMON.split(' ');
  const times = medianCosts({
    hop: (index) => extractor.describe(frame(index), row),
    push: (index) => state.push(rows[index % rows.length]!),
    functionals: () => state.functionals(features),
    meyda: (index) => void meyda.extract(names, short[index % short.length]!),
  });
  return [
    { name: `a hop, all ${descriptors.length} descriptors with F0`, value: times.hop, unit: 'µs', key: 'hopUs' },
    { name: 'a hop into its window', value: times.push, unit: 'µs', key: 'pushUs' },
    {
      name: `${featureSet.length} functionals of a window`,
      value: times.functionals,
      unit: 'µs',
      key: 'functionalsUs',
    },
    { name: `Meyda's extract() of ${names.length} of them`, value: times.meyda, unit: 'µs', key: 'meydaUs' },
    { name: "Meyda's common set / all of ours", value: times.meyda / times.hop, unit: '×', key: 'meydaOverHop' },
    { name: 'ratio: hop / Meyda', value: times.hop / times.meyda, unit: '', key: 'hopOverMeyda', ratio: true },
    { name: 'ratio: push / hop', value: times.push / times.hop, unit: '', key: 'pushOverHop', ratio: true },
    {
      name: 'ratio: functionals / hop',
      value: times.functionals / times.hop,
      unit: '',
      key: 'functionalsOverHop',
      ratio: true,
    },
  ];
}
