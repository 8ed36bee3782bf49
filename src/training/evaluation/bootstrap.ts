import { Random } from '../random.ts';

/** A figure and the interval that holds it with 95 %. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export const RESAMPLES = 2000;

/**
 * How often each speaker is drawn, per resample: as many as there are, with replacement, within each stratum (Davison and
 * Hinkley, _Bootstrap Methods and their Application_, 1997, sections 3.8 and 2.2: clusters are resampled whole, clips of one
 * speaker are not independent).
 *
 * @param strata the stratum of each speaker, numbered from 0.
 * @returns resamples × speakers.
 */
export function speakerDraws(strata: readonly number[], resamples: number, seed: string): Uint16Array {
  const random = new Random(seed);
  const groups: number[][] = [];
  strata.forEach((stratum, speaker) => {
    groups[stratum] ??= [];
    groups[stratum].push(speaker);
  });
  const draws = new Uint16Array(resamples * strata.length);
  for (let resample = 0; resample < resamples; resample++) {
    for (const group of groups) {
      for (let draw = 0; draw < group.length; draw++) {
        draws[resample * strata.length + group[random.index(group.length)]!]! += 1;
      }
    }
  }
  return draws;
}

/** The percentile interval of 95 %; what is NaN is left out. */
export function percentileInterval(value: number, resampled: readonly number[]): Interval {
  const sorted = Float64Array.from(resampled.filter((of) => !Number.isNaN(of))).sort();
  return { value, low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
}

/** Linear between order statistics (Hyndman and Fan 1996, definition 7), as numpy has it. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(sorted.length - 1, below + 1);
  // Where values are infinite there is nothing between them.
  if (at === below || sorted[below] === sorted[above]) return sorted[below]!;
  return sorted[below]! + (at - below) * (sorted[above]! - sorted[below]!);
}
