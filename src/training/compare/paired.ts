import { type Interval, percentileInterval, RESAMPLES, speakerDraws } from '../evaluation/bootstrap.ts';
import type { ClipPrediction } from '../evaluation/predictions.ts';
import { addTally, emptyTally, figuresOf, type Tally, tallyOf } from '../evaluation/tally.ts';
import { groupBy } from '../group-by.ts';
import type { ClassLabel } from '../labels.ts';

/** A clip as one classifier heard it, and what its UA is counted in: a fold, or a corpus. */
export interface PairedClip extends ClipPrediction {
  readonly seed: number;
  readonly unit: string;
}

/**
 * How much higher the UA of one classifier is than that of another (mean over units, then over seeds), with the interval that holds it
 * with 95 %: speakers are drawn once for both, so that what makes a speaker hard for both does not count.
 *
 * Each is the mean over its own seeds.
 *
 * @throws RangeError where they were not measured on the same clips.
 */
export function pairedDifference(
  one: readonly PairedClip[],
  other: readonly PairedClip[],
  labels: readonly ClassLabel[],
): Interval {
  const [known, found] = [new Set(other.map(({ clip }) => clip)), new Set(one.map(({ clip }) => clip))];
  if (known.size !== found.size || [...found].some((clip) => !known.has(clip))) {
    throw new RangeError('the classifiers were not measured on the same clips');
  }
  const speakers = [...new Set(one.map(({ speaker }) => speaker))].sort();
  const draws = speakerDraws(strataOf(one, speakers), RESAMPLES, 'bootstrap over speakers');
  const [a, b] = [new Tallies(one, speakers, labels), new Tallies(other, speakers, labels)];
  const difference = (times: (speaker: number) => number): number => a.ua(times) - b.ua(times);
  return percentileInterval(
    difference(() => 1),
    Array.from({ length: RESAMPLES }, (_, resample) =>
      difference((speaker) => draws[resample * speakers.length + speaker]!),
    ),
  );
}

/** Speakers are drawn within their unit where each is in one only, so that no unit is ever left empty; else among all. */
function strataOf(rows: readonly PairedClip[], speakers: readonly string[]): number[] {
  const units = [...new Set(rows.map(({ unit }) => unit))];
  const own = speakers.map((speaker) => new Set(rows.flatMap((row) => (row.speaker === speaker ? [row.unit] : []))));
  return own.every(({ size }) => size === 1) ? own.map(([unit]) => units.indexOf(unit!)) : own.map(() => 0);
}

/** What one classifier made of each speaker in each unit. */
class Tallies {
  readonly #classes: number;
  /** Seed by seed, unit by unit. */
  readonly #seeds: readonly (readonly (readonly { readonly speaker: number; readonly tally: Tally }[])[])[];

  constructor(rows: readonly PairedClip[], speakers: readonly string[], labels: readonly ClassLabel[]) {
    this.#classes = labels.length;
    this.#seeds = [...groupBy(rows, ({ seed }) => seed).values()].map((ofSeed) =>
      [...groupBy(ofSeed, ({ unit }) => unit).values()].map((ofUnit) =>
        [...groupBy(ofUnit, ({ speaker }) => speaker)].map(([speaker, own]) => ({
          speaker: speakers.indexOf(speaker),
          tally: tallyOf(own, labels),
        })),
      ),
    );
  }

  ua(times: (speaker: number) => number): number {
    return mean(
      this.#seeds.map((units) =>
        mean(
          units.map((unit) => {
            const sum = emptyTally(this.#classes);
            for (const { speaker, tally } of unit) addTally(sum, tally, times(speaker));
            return figuresOf(sum).ua;
          }),
        ),
      ),
    );
  }
}

const mean = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0) / values.length;
