/** Which hops a descriptor's functionals count: all, those with speech, or those with voice (a pitch). */
export type Gate = 'always' | 'speech' | 'voiced';

/** One low-level descriptor (LLD) of a hop. */
export interface DescriptorSpec {
  readonly name: string;
  readonly unit: string;
  readonly gate: Gate;
  /** The range that the 256 bins of its percentiles span; values outside count in the outermost bins. */
  readonly range: readonly [low: number, high: number];
}

export const MEL_BANDS = 64;
export const MFCC_COUNT = 13;
export const CHROMA_COUNT = 12;
export const CONTRAST_BANDS = 7;

const series = (
  count: number,
  name: string,
  unit: string,
  range: readonly [number, number],
  first = 0,
): DescriptorSpec[] =>
  Array.from({ length: count }, (_, index) => ({ name: `${name}${first + index}`, unit, gate: 'speech', range }));
const one = (name: string, unit: string, gate: Gate, range: readonly [number, number]): DescriptorSpec => ({
  name,
  unit,
  gate,
  range,
});

/** The row of a hop, in order. */
export const descriptors: readonly DescriptorSpec[] = [
  ...series(MEL_BANDS, 'logMel', 'ln power', [-20, 10]),
  one('mfcc0', 'ln power', 'speech', [-160, 80]),
  ...series(MFCC_COUNT - 1, 'mfcc', 'ln power', [-64, 64], 1),
  ...series(CHROMA_COUNT, 'chroma', 'share of the strongest', [0, 1]),
  ...series(CONTRAST_BANDS, 'contrast', 'dB', [0, 120]),
  one('zcr', 'crossings per sample', 'speech', [0, 1]),
  one('levelDb', 'dB re full scale', 'speech', [-100, 0]),
  one('centroidHz', 'Hz', 'speech', [0, 8000]),
  one('bandwidthHz', 'Hz', 'speech', [0, 4000]),
  one('rolloffHz', 'Hz', 'speech', [0, 8000]),
  one('flatness', 'ratio', 'speech', [0, 1]),
  one('flux', 'ratio', 'speech', [0, Math.SQRT2]),
  one('slope', 'dB per kHz', 'speech', [-40, 40]),
  one('f0Semitones', 'semitones above 27.5 Hz', 'voiced', [12, 54]),
  one('hnrDb', 'dB', 'voiced', [-20, 40]),
  one('voicing', 'probability', 'speech', [0, 1]),
  one('speech', 'probability', 'always', [0, 1]),
];

export const ROW_LENGTH: number = descriptors.length;

/** Where a descriptor stands in the row. */
export function descriptorIndex(name: string): number {
  const index = descriptors.findIndex((descriptor) => descriptor.name === name);
  if (index < 0) throw new RangeError(`no descriptor is named ${name}`);
  return index;
}
