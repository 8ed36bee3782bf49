import { descriptorIndex, descriptors, ROW_LENGTH } from '../../src/features/descriptors.ts';

/**
 * The functionals of the last rows from scratch, straight from their definitions, in doubles: two passes for the
 * deviation and the slope, a sorted scan for the percentiles. Shares nothing with the incremental code but the row.
 */
export function functionalsFromScratch(rows: readonly Float32Array[]): Map<string, number> {
  const speechAt = descriptorIndex('speech');
  const f0At = descriptorIndex('f0Semitones');
  const result = new Map<string, number>();
  const speech = rows.map((row) => row[speechAt]! >= 0.5);
  const voiced = rows.map((row, hop) => speech[hop]! && !Number.isNaN(row[f0At]!));
  for (let at = 0; at < ROW_LENGTH; at++) {
    const { name, gate, range } = descriptors[at]!;
    const gateOpen = gate === 'always' ? rows.map(() => true) : gate === 'speech' ? speech : voiced;
    const counted = rows.flatMap((row, hop) =>
      gateOpen[hop] && Number.isFinite(row[at]!) ? [{ hop, x: row[at]! }] : [],
    );
    const values = counted.map(({ x }) => x);
    result.set(`${name}.mean`, average(values));
    if (name === 'speech') continue;
    result.set(`${name}.deviation`, spread(values));
    if (name.startsWith('logMel')) continue;
    result.set(`${name}.minimum`, values.length ? values.reduce((a, b) => Math.min(a, b)) : Number.NaN);
    result.set(`${name}.maximum`, values.length ? values.reduce((a, b) => Math.max(a, b)) : Number.NaN);
    for (const percent of [20, 50, 80]) {
      result.set(`${name}.percentile${percent}`, binnedPercentile(values, percent / 100, range));
    }
    result.set(`${name}.slope`, leastSquares(counted));
    const deltas = counted.flatMap(({ hop, x }, index) => {
      const before = counted[index - 1];
      return before?.hop === hop - 1 ? [Math.abs(x - before.x)] : [];
    });
    result.set(`${name}.meanAbsDelta`, average(deltas));
  }
  const share = (flags: readonly boolean[]) => flags.filter(Boolean).length / Math.max(1, flags.length);
  result.set('speechRatio', share(speech));
  result.set('voicedRatio', share(voiced));
  return result;
}

/** The largest magnitude among the counted values that a functional of this name was made from; 1 for the ratios. */
export function largestMagnitude(rows: readonly Float32Array[], functional: string): number {
  const [name] = functional.split('.');
  const at = descriptors.findIndex((descriptor) => descriptor.name === name);
  if (at < 0) return 1;
  const speechAt = descriptorIndex('speech');
  const f0At = descriptorIndex('f0Semitones');
  const { gate } = descriptors[at]!;
  let largest = 0;
  for (const row of rows) {
    const isSpeech = row[speechAt]! >= 0.5;
    const open = gate === 'always' || (isSpeech && (gate === 'speech' || !Number.isNaN(row[f0At]!)));
    if (open && Number.isFinite(row[at]!)) largest = Math.max(largest, Math.abs(row[at]!));
  }
  return largest;
}

function average(values: readonly number[]): number {
  return values.length ? values.reduce((sum, x) => sum + x, 0) / values.length : Number.NaN;
}

function spread(values: readonly number[]): number {
  if (values.length < 2) return Number.NaN;
  const centre = average(values);
  return Math.sqrt(average(values.map((x) => (x - centre) ** 2)));
}

function leastSquares(counted: readonly { readonly hop: number; readonly x: number }[]): number {
  if (counted.length < 2) return Number.NaN;
  const seconds = counted.map(({ hop }) => hop / 100);
  const meanTime = average(seconds);
  const meanX = average(counted.map(({ x }) => x));
  let products = 0;
  let squares = 0;
  counted.forEach(({ x }, index) => {
    const t = seconds[index]! - meanTime;
    products += t * (x - meanX);
    squares += t * t;
  });
  return products / squares;
}

/** Linear inside the bin where the cumulative count reaches `share · n`, held between the extremes. */
function binnedPercentile(values: readonly number[], share: number, [low, high]: readonly [number, number]): number {
  if (values.length === 0) return Number.NaN;
  const bins = new Array<number>(256).fill(0);
  for (const x of values) {
    const bin = Math.floor((x - low) * (256 / (high - low)));
    bins[Math.min(255, Math.max(0, bin))]! += 1;
  }
  let cumulative = 0;
  for (let bin = 0; bin < 256; bin++) {
    const inBin = bins[bin]!;
    if (inBin > 0 && cumulative + inBin >= share * values.length) {
      const value = low + ((bin + (share * values.length - cumulative) / inBin) * (high - low)) / 256;
      const sorted = [...values].sort((a, b) => a - b);
      return Math.min(Math.max(value, sorted[0]!), sorted.at(-1)!);
    }
    cumulative += inBin;
  }
  throw new Error('the bins hold fewer values than were counted');
}
