import { type DescriptorSpec, descriptorIndex, descriptors } from './descriptors.ts';

/**
 * The functionals of a descriptor that has all of them, in the feature vector's order. Over the values x of the
 * counted hops (see `Gate`), n of them, at times t in seconds:
 *
 * - `mean`: Σx / n
 * - `deviation`: √(Σ(x − mean)² / n); needs two hops
 * - `minimum`, `maximum`
 * - `percentile20`, `percentile50`, `percentile80`: on 256 bins, see `percentiles`
 * - `slope`: of the least-squares line over stream time, per second; needs two hops
 * - `meanAbsDelta`: mean of |x(t) − x(t − 1 hop)| over neighbouring hops that are both counted; needs one such pair
 */
export const FULL_FUNCTIONALS = [
  'mean',
  'deviation',
  'minimum',
  'maximum',
  'percentile20',
  'percentile50',
  'percentile80',
  'slope',
  'meanAbsDelta',
] as const;

/** The functionals of the log-mel bands. */
export const BAND_FUNCTIONALS = ['mean', 'deviation'] as const;

const PERCENTILES = [0.2, 0.5, 0.8] as const;
export const PERCENTILE_BINS = 256;

type FunctionalKind = 'full' | 'band' | 'mean';

const kindOf = ({ name }: DescriptorSpec): FunctionalKind =>
  name === 'speech' ? 'mean' : name.startsWith('logMel') ? 'band' : 'full';

/** Row positions of the descriptors with all functionals. */
export const fullDescriptors: readonly number[] = positionsOf('full');
/** Row positions of the descriptors with mean and deviation. */
export const bandDescriptors: readonly number[] = positionsOf('band');
export const speechDescriptor: number = descriptorIndex('speech');

function positionsOf(kind: FunctionalKind): number[] {
  return descriptors.flatMap((descriptor, position) => (kindOf(descriptor) === kind ? [position] : []));
}

/**
 * The names of the feature vector, in order: `<descriptor>.<functional>` descriptor by descriptor, then `speechRatio`
 * and `voicedRatio`, the shares of all hops of the window that hold speech and that are voiced.
 *
 * @example functionalNames[0] // 'logMel0.mean'
 */
export const functionalNames: readonly string[] = [
  ...descriptors.flatMap((descriptor) => {
    const kind = kindOf(descriptor);
    const names = kind === 'full' ? FULL_FUNCTIONALS : kind === 'band' ? BAND_FUNCTIONALS : (['mean'] as const);
    return names.map((functional) => `${descriptor.name}.${functional}`);
  }),
  'speechRatio',
  'voicedRatio',
];

/** Where the functionals of the descriptor at each row position begin in the feature vector. */
export const functionalOffsets: readonly number[] = descriptors.map((descriptor) =>
  functionalNames.findIndex((name) => name.startsWith(`${descriptor.name}.`)),
);

/** The bin of a value: `PERCENTILE_BINS` equal bins over the range, the outermost ones open-ended. */
export function binOf(value: number, low: number, binsPerUnit: number): number {
  const bin = Math.floor((value - low) * binsPerUnit);
  return bin < 0 ? 0 : bin >= PERCENTILE_BINS ? PERCENTILE_BINS - 1 : bin;
}

/**
 * The 20th, 50th and 80th percentile of binned values. The p-th percentile is where the cumulative histogram, linear
 * inside each bin, reaches p · count; then held between the exact minimum and maximum, which makes it exact for a
 * constant and for values outside the range.
 *
 * @param bins histograms of `PERCENTILE_BINS` counts each
 * @param first where the histogram to read starts in `bins`
 * @param count sum of its counts, at least 1
 * @param out written at `at`, `at + 1` and `at + 2`
 */
export function percentiles(
  bins: Uint16Array,
  first: number,
  count: number,
  low: number,
  binsPerUnit: number,
  minimum: number,
  maximum: number,
  out: Float32Array,
  at: number,
): void {
  let bin = binOf(minimum, low, binsPerUnit);
  let below = 0;
  for (let index = 0; index < PERCENTILES.length; index++) {
    const target = PERCENTILES[index]! * count;
    while (below + bins[first + bin]! < target) below += bins[first + bin++]!;
    const value = low + (bin + (target - below) / bins[first + bin]!) / binsPerUnit;
    out[at + index] = Math.min(Math.max(value, minimum), maximum);
  }
}
