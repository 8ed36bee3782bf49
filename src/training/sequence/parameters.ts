import { FRONT_HOPS, type SequenceShape, servedWeights, TAPS } from '../../inference/index.ts';
import type { Random } from '../random.ts';

/** An array of what is learned, where it stands in the flat list of all. */
export interface Parameter {
  readonly name: string;
  readonly at: number;
  readonly rows: number;
  readonly columns: number;
  /** Only kernels are. */
  readonly decayed: boolean;
}

/** A normalisation's mean and variance over the batches, where they stand in the flat list of all. */
export interface Statistic {
  readonly name: string;
  readonly mean: number;
  readonly variance: number;
  readonly channels: number;
}

/** What is learned and what is averaged; the names are those of `servedWeights`, with a gain and a shift of each normalisation. */
export interface Layout {
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly length: number;
  readonly statistics: ReadonlyMap<string, Statistic>;
  readonly statisticsLength: number;
}

export const BATCH_NORM_EPSILON = 1e-5;

/** Layers that are normalised over the batch before they are rectified; `head` is the normalisation of the pooled values. */
export function layoutOf(shape: SequenceShape): Layout {
  const { inputs, width, dilations, attention, classes } = shape;
  const parameters = new Map<string, Parameter>();
  const statistics = new Map<string, Statistic>();
  let length = 0;
  let statisticsLength = 0;
  const add = (name: string, rows: number, columns: number): void => {
    parameters.set(name, { name, at: length, rows, columns, decayed: name.endsWith('/kernel') });
    length += rows * columns;
  };
  const normalised = (name: string, channels: number): void => {
    add(`${name}/gain`, 1, channels);
    add(`${name}/shift`, 1, channels);
    statistics.set(name, { name, mean: statisticsLength, variance: statisticsLength + channels, channels });
    statisticsLength += 2 * channels;
  };
  add('front/kernel', FRONT_HOPS * inputs.length, width);
  normalised('front', width);
  dilations.forEach((_, index) => {
    add(`body${index + 1}/kernel`, TAPS * width, width);
    normalised(`body${index + 1}`, width);
  });
  add('wide/kernel', width, 2 * width);
  normalised('wide', 2 * width);
  add('attention/kernel', 2 * width, attention);
  add('attention/bias', 1, attention);
  add('weights/kernel', attention, 2 * width);
  normalised('head', 4 * width);
  add('head/kernel', 4 * width, classes);
  add('head/bias', 1, classes);
  return { parameters, length, statistics, statisticsLength };
}

/** Kernels and biases uniform within ± 1 / √inputs (LeCun et al. 1998), gains 1, shifts 0. */
export function initialParameters(shape: SequenceShape, random: Random): Float32Array {
  const { parameters, length } = layoutOf(shape);
  const values = new Float32Array(length);
  for (const { name, at, rows, columns } of parameters.values()) {
    if (name.endsWith('/gain')) values.fill(1, at, at + columns);
    if (name.endsWith('/shift')) continue;
    if (!name.endsWith('/kernel') && !name.endsWith('/bias')) continue;
    const inputs = parameters.get(name.replace('/bias', '/kernel'))!.rows;
    const limit = 1 / Math.sqrt(inputs);
    for (let index = at; index < at + rows * columns; index++) values[index] = random.between(-limit, limit);
  }
  return values;
}

/** Means 0, variances 1. */
export function initialStatistics(shape: SequenceShape): Float32Array {
  const { statistics, statisticsLength } = layoutOf(shape);
  const values = new Float32Array(statisticsLength);
  for (const { variance, channels } of statistics.values()) values.fill(1, variance, variance + channels);
  return values;
}

/** The weights that are served: each normalisation folded into the kernel before it, the head's into the kernel after it. */
export function fold(shape: SequenceShape, parameters: Float32Array, statistics: Float32Array): Float32Array {
  const layout = layoutOf(shape);
  const { list, length } = servedWeights(shape);
  const out = new Float32Array(length);
  for (const { name, at, rows, columns } of list) {
    const [layer = '', kind] = name.split('/');
    const own = layout.parameters.get(name);
    const statistic = layer === 'head' ? undefined : layout.statistics.get(layer);
    const gain = layout.parameters.get(`${layer}/gain`);
    const shift = layout.parameters.get(`${layer}/shift`);
    if (layer === 'head') {
      foldHead(layout, parameters, statistics, kind === 'kernel', out.subarray(at, at + rows * columns));
    } else if (statistic === undefined || gain === undefined || shift === undefined) {
      out.set(parameters.subarray(own!.at, own!.at + rows * columns), at);
    } else {
      for (let column = 0; column < columns; column++) {
        const deviation = Math.sqrt(statistics[statistic.variance + column]! + BATCH_NORM_EPSILON);
        const scale = parameters[gain.at + column]! / deviation;
        if (kind === 'bias') {
          out[at + column] = parameters[shift.at + column]! - statistics[statistic.mean + column]! * scale;
          continue;
        }
        for (let row = 0; row < rows; row++) {
          out[at + row * columns + column] = parameters[own!.at + row * columns + column]! * scale;
        }
      }
    }
  }
  return out;
}

function foldHead(
  layout: Layout,
  parameters: Float32Array,
  statistics: Float32Array,
  kernel: boolean,
  out: Float32Array,
): void {
  const { mean, variance, channels } = layout.statistics.get('head')!;
  const from = layout.parameters.get('head/kernel')!;
  const gain = layout.parameters.get('head/gain')!.at;
  const shift = layout.parameters.get('head/shift')!.at;
  const bias = layout.parameters.get('head/bias')!.at;
  const sums = Float64Array.from({ length: from.columns }, (_, column) => parameters[bias + column]!);
  for (let row = 0; row < channels; row++) {
    const scale = parameters[gain + row]! / Math.sqrt(statistics[variance + row]! + BATCH_NORM_EPSILON);
    const rest = parameters[shift + row]! - statistics[mean + row]! * scale;
    for (let column = 0; column < from.columns; column++) {
      const weight = parameters[from.at + row * from.columns + column]!;
      if (kernel) out[row * from.columns + column] = weight * scale;
      sums[column]! += weight * rest;
    }
  }
  if (!kernel) out.set(sums);
}
