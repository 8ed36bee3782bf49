import { featureSet } from '../features/index.ts';
import type { Normaliser } from '../inference/index.ts';
import { groupBy } from './group-by.ts';
import type { ClassLabel } from './labels.ts';
import type { Batch } from './mlp.ts';
import type { Random } from './random.ts';
import { clipOf, gather, type WindowRow } from './window-rows.ts';

export interface SamplerOptions {
  readonly labels: readonly ClassLabel[];
  /** The true class gets 1 − this and all of a row share it. */
  readonly labelSmoothing: number;
  /** The share of the rows of a batch that are mixed with another (mixup, Zhang et al. 2018). */
  readonly mixed: number;
}

/** The rows of one corpus and class. */
interface Group {
  readonly label: number;
  readonly rows: readonly WindowRow[];
}

/** The groups of one corpus. */
interface Bag {
  readonly weight: number;
  readonly groups: readonly Group[];
  /** 1 for each class that the corpus has: it cannot speak against the others. */
  readonly counted: Float32Array;
}

/**
 * Draws batches in balance: a corpus by its number of speakers (what a model for unknown voices learns from is
 * speakers, not minutes), then a class of it, all alike, then a window.
 */
export class Sampler {
  readonly #bags: readonly Bag[];
  readonly #options: SamplerOptions;
  readonly #normaliser: Normaliser;
  readonly #random: Random;

  constructor(rows: readonly WindowRow[], normaliser: Normaliser, options: SamplerOptions, random: Random) {
    this.#options = options;
    this.#normaliser = normaliser;
    this.#random = random;
    const byCorpus = groupBy(rows, (row) => clipOf(row).corpus);
    this.#bags = [...byCorpus.values()].map((members) => {
      const byLabel = groupBy(members, (row) => options.labels.indexOf(clipOf(row).label));
      const groups = [...byLabel].map(([label, part]) => ({ label, rows: part }));
      const counted = new Float32Array(options.labels.length);
      for (const { label } of groups) counted[label] = 1;
      return { weight: new Set(members.map((row) => clipOf(row).speaker)).size, groups, counted };
    });
  }

  draw(count: number): Batch {
    const classes = this.#options.labels.length;
    const input = new Float32Array(count * featureSet.length);
    const targets = new Float32Array(count * classes);
    const counted = new Float32Array(count * classes);
    const rows: WindowRow[] = [];
    for (let place = 0; place < count; place++) {
      const bag = this.#bag();
      const group = bag.groups[this.#random.index(bag.groups.length)]!;
      rows.push(group.rows[this.#random.index(group.rows.length)]!);
      const soft = this.#options.labelSmoothing / bag.groups.length;
      for (let label = 0; label < classes; label++) {
        counted[place * classes + label] = bag.counted[label]!;
        targets[place * classes + label] = bag.counted[label]! * soft;
      }
      targets[place * classes + group.label]! += 1 - this.#options.labelSmoothing;
    }
    gather(rows, this.#normaliser, input);
    const batch = { rows: count, input, targets, counted };
    for (let place = 1; place < count; place++) {
      if (this.#random.next() < this.#options.mixed) mix(batch, place, place - 1, this.#random.between(0.5, 1));
    }
    return batch;
  }

  #bag(): Bag {
    let place = this.#random.next() * this.#bags.reduce((total, { weight }) => total + weight, 0);
    for (const bag of this.#bags) {
      place -= bag.weight;
      if (place < 0) return bag;
    }
    return this.#bags.at(-1)!;
  }
}

/** Makes a row `share` of itself and the rest of another. */
function mix({ rows, input, targets, counted }: Batch, to: number, from: number, share: number): void {
  const classes = targets.length / rows;
  const width = input.length / rows;
  for (let at = 0; at < width; at++) {
    input[to * width + at] = share * input[to * width + at]! + (1 - share) * input[from * width + at]!;
  }
  for (let at = 0; at < classes; at++) {
    targets[to * classes + at] = share * targets[to * classes + at]! + (1 - share) * targets[from * classes + at]!;
    counted[to * classes + at] = Math.max(counted[to * classes + at]!, counted[from * classes + at]!);
  }
}
