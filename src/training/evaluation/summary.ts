import { CONDITION_NAMES, type ConditionName } from '../conditions.ts';
import { groupBy } from '../group-by.ts';
import { CLASS_LABELS, type ClassLabel } from '../labels.ts';
import { type Interval, percentileInterval, quantile, RESAMPLES, speakerDraws } from './bootstrap.ts';
import { type CoveragePoint, coverageCurve } from './coverage.ts';
import type { FoldRecord, MeasuredFold } from './fold-record.ts';
import type { ClipPrediction } from './predictions.ts';
import { type ProtocolName, type ProtocolSpec, protocols } from './protocols.ts';
import { addTally, BINS, emptyTally, figuresOf, sumOf, type Tally, type TallyFigures, tallyOf } from './tally.ts';

/** Everything that was measured in one condition. Shares from 0 to 1. */
export interface ConditionMetrics {
  /** Test clips, of one seed. */
  readonly clips: number;
  /** Test clips that have no prediction, of all seeds: they could not be read, or their class was not trained. */
  readonly missing: number;
  /** The headline: mean UA of the protocol's units (folds or corpora), mean over the seeds. */
  readonly ua: Interval;
  readonly uaBySeed: readonly { readonly seed: number; readonly ua: number }[];
  /** Mean over the seeds. */
  readonly uaByUnit: readonly { readonly unit: string; readonly clips: number; readonly ua: Interval }[];
  /** Of all test clips together, mean over the seeds. */
  readonly pooled: Readonly<Record<PooledFigure, Interval>>;
  readonly classes: readonly {
    readonly label: ClassLabel;
    /** Clips of it, of one seed. */
    readonly support: number;
    readonly precision: Interval;
    readonly recall: Interval;
    readonly f1: Interval;
  }[];
  /** confusion[truth][guess]: clips, of all seeds together. */
  readonly confusion: readonly (readonly number[])[];
  readonly speakers: readonly {
    readonly speaker: string;
    readonly gender: string;
    readonly clips: number;
    readonly ua: number;
    readonly accuracy: number;
  }[];
  /** Of the speakers' UA. */
  readonly speakerSpread: {
    readonly mean: number;
    /** Standard deviation, of the sample. */
    readonly deviation: number;
    readonly lowest: number;
    readonly lowerQuartile: number;
    readonly median: number;
    readonly upperQuartile: number;
    readonly highest: number;
  };
  /** Where the corpus tells. */
  readonly genders: readonly {
    readonly gender: string;
    readonly speakers: number;
    readonly clips: number;
    readonly ua: Interval;
    readonly accuracy: Interval;
  }[];
  /** Of the guess's probability, ten bins, the clips of all seeds together. */
  readonly reliability: readonly {
    readonly from: number;
    readonly clips: number;
    readonly meanConfidence: number;
    readonly accuracy: number;
  }[];
  readonly coverage: readonly CoveragePoint[];
}

const POOLED = [
  'accuracy',
  'ua',
  'macroPrecision',
  'macroF1',
  'weightedPrecision',
  'weightedF1',
  'ece',
] as const satisfies readonly (keyof TallyFigures)[];
export type PooledFigure = (typeof POOLED)[number];

/** What `metrics.json` says of an evaluation. It follows from the folder of predictions alone. */
export interface EvaluationMetrics {
  readonly formatVersion: 1;
  readonly protocol: ProtocolName;
  readonly subject: string;
  /** Whether every fold of the protocol is in it. */
  readonly complete: boolean;
  /** Whether it was trained for each fold. */
  readonly retrained: boolean;
  readonly labels: readonly ClassLabel[];
  readonly seeds: readonly number[];
  readonly parameters: number;
  readonly trainedIn: readonly string[];
  /** Of all folds and seeds. */
  readonly trainingSeconds: number;
  readonly folds: readonly Pick<
    FoldRecord,
    'fold' | 'seed' | 'clips' | 'speakers' | 'settings' | 'temperature' | 'curve' | 'trainingSeconds' | 'cost'
  >[];
  readonly conditions: Readonly<Partial<Record<ConditionName, ConditionMetrics>>>;
  readonly bootstrap: { readonly resamples: number; readonly over: 'speakers'; readonly level: 0.95 };
}

/**
 * All figures from predictions. The same predictions give the same figures, intervals too: their seed is fixed.
 *
 * @throws RangeError where the folds are not of one protocol and subject, or lack a seed.
 */
export function summarise(folds: readonly MeasuredFold[]): EvaluationMetrics {
  const [first] = folds;
  if (first === undefined) throw new RangeError('there are no predictions');
  const { protocol, subject, configuration } = first.record;
  if (folds.some(({ record }) => record.configuration !== configuration || record.protocol !== protocol)) {
    throw new RangeError('the predictions are of several settings');
  }
  const seeds = [...new Set(folds.map(({ record }) => record.seed))].sort((a, b) => a - b);
  const names = [...new Set(folds.map(({ record }) => record.fold))];
  if (folds.length !== seeds.length * names.length) throw new RangeError('a fold lacks one of the seeds');
  const labels = CLASS_LABELS.filter((label) => folds.some(({ record }) => record.labels.includes(label)));
  const measured = CONDITION_NAMES.filter((condition) => folds.every(({ conditions }) => conditions.has(condition)));
  return {
    formatVersion: 1,
    protocol,
    subject,
    complete: names.length === first.record.folds,
    retrained: first.record.trained,
    labels,
    seeds,
    parameters: Math.max(...folds.map(({ record }) => record.parameters)),
    trainedIn: first.record.trainedIn,
    trainingSeconds: folds.reduce((total, { record }) => total + record.trainingSeconds, 0),
    folds: folds.map(({ record }) => ({
      fold: record.fold,
      seed: record.seed,
      clips: record.clips,
      speakers: record.speakers,
      settings: record.settings,
      temperature: record.temperature,
      curve: record.curve,
      trainingSeconds: record.trainingSeconds,
      ...(record.cost && { cost: record.cost }),
    })),
    conditions: Object.fromEntries(
      measured.map((condition) => [condition, conditionMetrics(folds, condition, labels, protocols[protocol])]),
    ),
    bootstrap: { resamples: RESAMPLES, over: 'speakers', level: 0.95 },
  };
}

/** A test clip's prediction, and where it counts. */
interface Counted extends ClipPrediction {
  readonly seed: number;
  readonly unit: string;
}

function conditionMetrics(
  folds: readonly MeasuredFold[],
  condition: ConditionName,
  labels: readonly ClassLabel[],
  protocol: ProtocolSpec,
): ConditionMetrics {
  const rows = folds.flatMap(({ record, conditions }) => {
    const { labels: own, rows: of } = conditions.get(condition)!;
    return of.map(
      (row): Counted => ({
        ...row,
        // A fold whose training lacks a class gives it no probability.
        probabilities: labels.map((label) => row.probabilities[own.indexOf(label)] ?? 0),
        seed: record.seed,
        unit: protocol.unit === 'fold' ? record.fold : row.speaker.slice(0, row.speaker.indexOf('/')),
      }),
    );
  });
  const seeds = [...new Set(rows.map(({ seed }) => seed))];
  const cluster = new Clusters(rows, labels);
  const { count, support } = figuresOf(tallyOf(rows, labels));
  const pooled = cluster.figures(() => true);
  const reliability = sumOf(cluster.tallies, labels.length).bins;
  return {
    clips: count / seeds.length,
    missing: folds.reduce((total, { record }) => total + record.clips.test, 0) - rows.length,
    ua: cluster.meanUa(),
    uaBySeed: seeds.map((seed) => ({ seed, ua: cluster.meanUaOf(seed) })),
    uaByUnit: cluster.units.map((unit) => ({
      unit,
      clips: rows.filter((row) => row.unit === unit).length / seeds.length,
      ua: cluster.figures((of) => of.unit === unit).interval(({ ua }) => ua),
    })),
    pooled: Object.fromEntries(POOLED.map((name) => [name, pooled.interval((of) => of[name])])) as Record<
      PooledFigure,
      Interval
    >,
    classes: labels.map((label, index) => ({
      label,
      support: support[index]! / seeds.length,
      precision: pooled.interval(({ precision }) => precision[index]!),
      recall: pooled.interval(({ recall }) => recall[index]!),
      f1: pooled.interval(({ f1 }) => f1[index]!),
    })),
    confusion: rowsOf(tallyOf(rows, labels).confusion, labels.length),
    ...speakerFigures(rows, labels),
    genders: ['female', 'male']
      .filter((gender) => rows.some((row) => row.gender === gender))
      .map((gender) => {
        const own = cluster.figures((of) => of.gender === gender);
        return {
          gender,
          speakers: new Set(rows.filter((row) => row.gender === gender).map(({ speaker }) => speaker)).size,
          clips: rows.filter((row) => row.gender === gender).length / seeds.length,
          ua: own.interval(({ ua }) => ua),
          accuracy: own.interval(({ accuracy }) => accuracy),
        };
      }),
    reliability: Array.from({ length: BINS }, (_, bin) => {
      const [clips, confidence, right] = reliability.subarray(3 * bin, 3 * bin + 3) as unknown as [
        number,
        number,
        number,
      ];
      return {
        from: bin / BINS,
        clips,
        meanConfidence: clips > 0 ? confidence / clips : 0,
        accuracy: clips > 0 ? right / clips : 0,
      };
    }),
    coverage: coverageCurve(rows, labels),
  };
}

function speakerFigures(
  rows: readonly Counted[],
  labels: readonly ClassLabel[],
): Pick<ConditionMetrics, 'speakers' | 'speakerSpread'> {
  const numbered = new Intl.Collator('en', { numeric: true });
  const speakers = [...groupBy(rows, ({ speaker }) => speaker)]
    .sort(([a], [b]) => numbered.compare(a, b))
    .map(([speaker, own]) => {
      const bySeed = [...groupBy(own, ({ seed }) => seed).values()].map((of) => figuresOf(tallyOf(of, labels)));
      return {
        speaker,
        gender: own[0]!.gender,
        clips: own.length / bySeed.length,
        ua: mean(bySeed.map(({ ua }) => ua)),
        accuracy: mean(bySeed.map(({ accuracy }) => accuracy)),
      };
    });
  const sorted = Float64Array.from(speakers, ({ ua }) => ua).sort();
  const middle = mean([...sorted]);
  const squares = sorted.reduce((total, ua) => total + (ua - middle) ** 2, 0);
  return {
    speakers,
    speakerSpread: {
      mean: middle,
      deviation: sorted.length > 1 ? Math.sqrt(squares / (sorted.length - 1)) : 0,
      lowest: sorted[0]!,
      lowerQuartile: quantile(sorted, 0.25),
      median: quantile(sorted, 0.5),
      upperQuartile: quantile(sorted, 0.75),
      highest: sorted.at(-1)!,
    },
  };
}

const mean = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0) / values.length;
const rowsOf = (values: Float64Array, width: number): number[][] =>
  Array.from({ length: width }, (_, row) => [...values.subarray(row * width, (row + 1) * width)]);

/** The clips of one speaker in one unit, of one seed: what a resample draws or not. */
interface Cluster {
  readonly seed: number;
  readonly unit: string;
  readonly gender: string;
  /** Index of the speaker. */
  readonly speaker: number;
  readonly tally: Tally;
}

/** Figures of parts of the clips with their intervals, all from the same drawn speakers. */
class Clusters {
  readonly units: readonly string[];
  readonly #clusters: readonly Cluster[];
  readonly #seeds: readonly number[];
  readonly #classes: number;
  readonly #speakers: number;
  readonly #draws: Uint16Array;

  constructor(rows: readonly Counted[], labels: readonly ClassLabel[]) {
    const speakers = [...new Set(rows.map(({ speaker }) => speaker))].sort();
    this.#classes = labels.length;
    this.#speakers = speakers.length;
    this.units = [...new Set(rows.map(({ unit }) => unit))];
    this.#seeds = [...new Set(rows.map(({ seed }) => seed))];
    this.#clusters = [...groupBy(rows, ({ seed, unit, speaker }) => `${seed} ${unit} ${speaker}`).values()].map(
      (own) => ({
        seed: own[0]!.seed,
        unit: own[0]!.unit,
        gender: own[0]!.gender,
        speaker: speakers.indexOf(own[0]!.speaker),
        tally: tallyOf(own, labels),
      }),
    );
    this.#draws = speakerDraws(this.#strata(speakers.length), RESAMPLES, 'bootstrap over speakers');
  }

  get tallies(): readonly Tally[] {
    return this.#clusters.map(({ tally }) => tally);
  }

  /** Figures of the wanted clips together, mean over the seeds. */
  figures(wanted: (cluster: Cluster) => boolean): {
    readonly interval: (pick: (figures: TallyFigures) => number) => Interval;
  } {
    const own = this.#clusters.filter(wanted);
    const whole = this.#bySeed(own, () => 1);
    const resampled = Array.from({ length: RESAMPLES }, (_, resample) =>
      this.#bySeed(own, ({ speaker }) => this.#draws[resample * this.#speakers + speaker]!),
    );
    const average = (of: readonly TallyFigures[], pick: (figures: TallyFigures) => number): number =>
      mean(of.map((figures) => (figures.count > 0 ? pick(figures) : Number.NaN)));
    return {
      interval: (pick) =>
        percentileInterval(
          average(whole, pick),
          resampled.map((of) => average(of, pick)),
        ),
    };
  }

  /** Mean over the units of their UA, mean over the seeds. */
  meanUa(): Interval {
    const of = (times: (cluster: Cluster) => number): number =>
      mean(this.#seeds.map((seed) => this.#unitMean(seed, times)));
    return percentileInterval(
      of(() => 1),
      Array.from({ length: RESAMPLES }, (_, resample) =>
        of(({ speaker }) => this.#draws[resample * this.#speakers + speaker]!),
      ),
    );
  }

  meanUaOf(seed: number): number {
    return this.#unitMean(seed, () => 1);
  }

  #unitMean(seed: number, times: (cluster: Cluster) => number): number {
    const own = this.#clusters.filter((cluster) => cluster.seed === seed);
    return mean(
      this.units.map((unit) => {
        const tally = emptyTally(this.#classes);
        for (const cluster of own) if (cluster.unit === unit) addTally(tally, cluster.tally, times(cluster));
        return figuresOf(tally).ua;
      }),
    );
  }

  #bySeed(clusters: readonly Cluster[], times: (cluster: Cluster) => number): TallyFigures[] {
    return this.#seeds.map((seed) => {
      const tally = emptyTally(this.#classes);
      for (const cluster of clusters) if (cluster.seed === seed) addTally(tally, cluster.tally, times(cluster));
      return figuresOf(tally);
    });
  }

  /** Speakers who share a unit, directly or through others, are drawn among each other: no unit is ever left empty. */
  #strata(speakers: number): number[] {
    const stratum = Array.from({ length: speakers }, (_, index) => index);
    const rootOf = (index: number): number => (stratum[index] === index ? index : rootOf(stratum[index]!));
    for (const own of groupBy(this.#clusters, ({ unit }) => unit).values()) {
      for (const { speaker } of own) stratum[rootOf(speaker)] = rootOf(own[0]!.speaker);
    }
    const roots = stratum.map((_, index) => rootOf(index));
    const numbers = [...new Set(roots)];
    return roots.map((root) => numbers.indexOf(root));
  }
}
