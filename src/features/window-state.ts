import { descriptorIndex, descriptors, ROW_LENGTH } from './descriptors.ts';
import {
  bandDescriptors,
  binOf,
  fullDescriptors,
  functionalNames,
  functionalOffsets,
  PERCENTILE_BINS,
  percentiles,
  speechDescriptor,
} from './functionals.ts';
import { WindowSums } from './window-state-sums.ts';

/** A hop holds speech from this probability on. */
export const SPEECH_THRESHOLD = 0.5;
const HOPS_PER_SECOND = 100;

const LEVEL = descriptorIndex('levelDb');
const F0 = descriptorIndex('f0Semitones');
const FULL = fullDescriptors.length;
const GATES = { always: 0, speech: 1, voiced: 2 } as const;

/**
 * The ring's columns: the descriptors with all functionals, the bands, `speech`, and the level of every hop, speech or
 * not (extras follow).
 */
const columnPositions: readonly number[] = [...fullDescriptors, ...bandDescriptors, speechDescriptor, LEVEL];
const SPEECH_COLUMN = FULL + bandDescriptors.length;
const LEVEL_COLUMN = SPEECH_COLUMN + 1;
const COLUMNS = LEVEL_COLUMN + 1;
const columnRow = Int32Array.from(columnPositions);
const columnGate = Uint8Array.from(columnPositions, (position, column) =>
  column === LEVEL_COLUMN ? GATES.always : GATES[descriptors[position]!.gate],
);
const rangeLow = Float64Array.from(fullDescriptors, (position) => descriptors[position]!.range[0]);
const binsPerUnit = Float64Array.from(fullDescriptors, (position) => {
  const [low, high] = descriptors[position]!.range;
  return PERCENTILE_BINS / (high - low);
});
const fullOffset = Int32Array.from(fullDescriptors, (position) => functionalOffsets[position]!);
const bandOffset = Int32Array.from(bandDescriptors, (position) => functionalOffsets[position]!);
const speechOffset = functionalOffsets[speechDescriptor]!;

/**
 * The last `windowHops` rows of one channel, and their functionals. A push costs the same whatever the window's length
 * (about 2 µs), a read-out about 20 µs, and neither allocates. One state of 300 hops (3 s) holds 339 kB:
 * 131 kB of rows, 22 kB of histograms, the rest sums (`bytes` has the number).
 *
 * A functional without enough counted hops is NaN; models map it to their training mean. Values that are not finite
 * do not count.
 *
 * @example
 * const state = new WindowState(300);
 * const features = new Float32Array(functionalNames.length);
 * framer.push(samples, (frame) => {
 *   extractor.describe(frame, row);
 *   state.push(row);
 *   if (state.hops % 50 === 0) state.functionals(features);
 * });
 */
export class WindowState {
  readonly #windowHops: number;
  readonly #extras: number;
  readonly #columns: number;
  readonly #rows: Float32Array;
  readonly #bins = new Uint16Array(FULL * PERCENTILE_BINS);
  /** Per hop: 0 no speech, 1 speech, 2 voiced. */
  readonly #classes: Uint8Array;
  readonly #sums: WindowSums;
  #pushed = 0;
  #speechHops = 0;
  #voicedHops = 0;

  /**
   * @param windowHops hops in a full window, 2 to 65,535
   * @param extras values after the descriptors in each row (Meyda's, by name): only their means are kept
   */
  constructor(windowHops: number, extras = 0) {
    if (!Number.isInteger(windowHops) || windowHops < 2 || windowHops > 65_535) {
      throw new RangeError(`a window of ${windowHops} hops is not supported; use a whole number from 2 to 65535`);
    }
    this.#windowHops = windowHops;
    this.#extras = extras;
    this.#columns = COLUMNS + extras;
    this.#rows = new Float32Array(windowHops * this.#columns);
    this.#classes = new Uint8Array(windowHops);
    this.#sums = new WindowSums(this.#rows, windowHops, this.#columns, FULL);
  }

  /** Hops in the window now: rises to `windowHops` and stays. */
  get hops(): number {
    return Math.min(this.#pushed, this.#windowHops);
  }

  /** Share of the window's hops that hold speech, 0 to 1; 0 for an empty window. */
  get speechRatio(): number {
    return this.#pushed === 0 ? 0 : this.#speechHops / this.hops;
  }

  /** Share of the window's hops that are voiced speech, 0 to 1; 0 for an empty window. */
  get voicedRatio(): number {
    return this.#pushed === 0 ? 0 : this.#voicedHops / this.hops;
  }

  /** Mean of `levelDb` over all hops of the window, with speech or without; NaN for an empty window. */
  get meanLevelDb(): number {
    return this.#sums.mean(LEVEL_COLUMN);
  }

  /** Memory of this state, bytes. */
  get bytes(): number {
    return this.#rows.byteLength + this.#bins.byteLength + this.#classes.byteLength + this.#sums.bytes;
  }

  /** Forgets everything. */
  reset(): void {
    this.#pushed = 0;
    this.#speechHops = 0;
    this.#voicedHops = 0;
    this.#bins.fill(0);
    this.#sums.reset();
  }

  /** Takes in the next hop's row of `ROW_LENGTH` descriptors and the extras; the oldest hop of a full window leaves. */
  push(row: Float32Array): void {
    const slot = this.#pushed % this.#windowHops;
    if (this.#pushed >= this.#windowHops) this.#leave(slot);
    const speech = row[speechDescriptor]! >= SPEECH_THRESHOLD;
    const voiced = speech && !Number.isNaN(row[F0]!);
    const hopClass = voiced ? GATES.voiced : speech ? GATES.speech : GATES.always;
    this.#classes[slot] = hopClass;
    if (speech) this.#speechHops++;
    if (voiced) this.#voicedHops++;
    this.#enter(row, slot * this.#columns, hopClass);
    this.#pushed++;
    this.#sums.push();
  }

  /** Means over the window of the extras, in their order; NaN where none was defined. */
  extraMeans(out: Float32Array): void {
    for (let extra = 0; extra < this.#extras; extra++) out[extra] = this.#sums.mean(COLUMNS + extra);
  }

  /** The feature vector of the window: `functionalNames.length` values, written to `out`. */
  functionals(out: Float32Array): void {
    const sums = this.#sums.merge();
    const columns = this.#columns;
    for (let column = 0; column < FULL; column++) this.#fullFunctionals(sums, column, out);
    for (let band = 0; band < bandOffset.length; band++) {
      const count = sums[FULL + band]!;
      const at = bandOffset[band]!;
      out[at] = mean(count, sums[columns + FULL + band]!);
      out[at + 1] = deviation(count, sums[columns + FULL + band]!, sums[2 * columns + FULL + band]!);
    }
    out[speechOffset] = mean(sums[SPEECH_COLUMN]!, sums[columns + SPEECH_COLUMN]!);
    out[functionalNames.length - 2] = this.speechRatio;
    out[functionalNames.length - 1] = this.voicedRatio;
  }

  #fullFunctionals(sums: Float64Array, column: number, out: Float32Array): void {
    const at = fullOffset[column]!;
    const columns = this.#columns;
    const count = sums[column]!;
    if (count === 0) {
      out.fill(Number.NaN, at, at + 9);
      return;
    }
    const sum = sums[columns + column]!;
    const times = 3 * columns + column;
    const minimum = sums[times + 5 * FULL]!;
    const maximum = sums[times + 6 * FULL]!;
    out[at] = mean(count, sum);
    out[at + 1] = deviation(count, sum, sums[2 * columns + column]!);
    out[at + 2] = minimum;
    out[at + 3] = maximum;
    const first = column * PERCENTILE_BINS;
    percentiles(this.#bins, first, count, rangeLow[column]!, binsPerUnit[column]!, minimum, maximum, out, at + 4);
    out[at + 7] = slope(count, sums[times]!, sums[times + FULL]!, sum, sums[times + 2 * FULL]!);
    out[at + 8] = mean(sums[times + 4 * FULL]!, sums[times + 3 * FULL]!);
  }

  #enter(row: Float32Array, at: number, hopClass: number): void {
    const rows = this.#rows;
    for (let column = 0; column < COLUMNS; column++) {
      const value = row[columnRow[column]!]!;
      // value − value is 0 for finite values only
      const counts = columnGate[column]! <= hopClass && value - value === 0;
      rows[at + column] = counts ? value : Number.NaN;
      if (counts && column < FULL) {
        const bin = binOf(value, rangeLow[column]!, binsPerUnit[column]!);
        this.#bins[column * PERCENTILE_BINS + bin]!++;
      }
    }
    for (let extra = 0; extra < this.#extras; extra++) {
      const value = row[ROW_LENGTH + extra]!;
      rows[at + COLUMNS + extra] = value - value === 0 ? value : Number.NaN;
    }
  }

  #leave(slot: number): void {
    const hopClass = this.#classes[slot]!;
    if (hopClass >= GATES.speech) this.#speechHops--;
    if (hopClass === GATES.voiced) this.#voicedHops--;
    const at = slot * this.#columns;
    for (let column = 0; column < FULL; column++) {
      const value = this.#rows[at + column]!;
      if (Number.isNaN(value)) continue;
      const bin = binOf(value, rangeLow[column]!, binsPerUnit[column]!);
      this.#bins[column * PERCENTILE_BINS + bin]!--;
    }
  }
}

function mean(count: number, sum: number): number {
  return count > 0 ? sum / count : Number.NaN;
}

function deviation(count: number, sum: number, squares: number): number {
  if (count < 2) return Number.NaN;
  const average = sum / count;
  return Math.sqrt(Math.max(0, squares / count - average * average));
}

/** Per second; times in hops. */
function slope(count: number, times: number, timeSquares: number, sum: number, products: number): number {
  if (count < 2) return Number.NaN;
  return (HOPS_PER_SECOND * (count * products - times * sum)) / (count * timeSquares - times * times);
}
