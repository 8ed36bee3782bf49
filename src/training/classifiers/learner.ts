import type { Random } from '../random.ts';
import type { ClassifierName, Settings } from './classifier.ts';

/** Rows of normalised functionals, one after the other. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** rows × columns. */
  readonly values: Float32Array;
}

/** What is to be learned. */
export interface Problem {
  readonly x: Matrix;
  /** Class numbers of the rows, from 0 to `classes` − 1; each occurs. */
  readonly truth: Int32Array;
  readonly classes: number;
  /** How much each row counts, 1 on average. */
  readonly weights: Float64Array;
  readonly random: Random;
  /** Gives timers and signals their turn; called every so often. @param share done, 0 to 1. */
  readonly pause: (share: number) => Promise<void>;
}

/** What was learned. */
export interface Learned {
  /** rows × classes: log-probabilities or logits. */
  scores(x: Matrix): Float32Array;
  readonly parameters: number;
}

/** Rows that settings are chosen on. */
export interface Trial {
  readonly x: Matrix;
  /** How good scores of these rows are: higher is better. */
  readonly merit: (scores: Float32Array) => number;
}

/** A way to learn classes from numbers, without any notion of speech. */
export interface Learner {
  readonly name: ClassifierName;
  /** Whatever decides what it learns beside the problem and the settings; any JSON. */
  readonly variant: unknown;
  /** Settings where nothing can be chosen. */
  readonly defaults: Settings;
  /** Settings to choose from, simple ones first: of equals the first is taken. */
  readonly candidates: readonly Settings[];
  /** Learns from so many rows at most, drawn at random, where its cost grows faster than their number. */
  readonly mostRows?: number;
  learn(problem: Problem, settings: Settings): Promise<Learned>;
  /** Where trying one candidate after the other would do the same work again and again. */
  choose?(problem: Problem, trial: Trial): Promise<Settings>;
}

/** Settings and what they led to. */
export interface Choice {
  readonly settings: Settings;
  readonly learned: Learned;
}

/** The candidate that does best on the trial. */
export async function bestOf(learner: Learner, problem: Problem, trial: Trial): Promise<Choice> {
  const { candidates } = learner;
  let best: (Choice & { readonly merit: number }) | undefined;
  for (const [index, settings] of candidates.entries()) {
    const pause = (share: number): Promise<void> => problem.pause((index + share) / candidates.length);
    const learned = await learner.learn({ ...problem, pause }, settings);
    const merit = trial.merit(learned.scores(trial.x));
    if (best === undefined || merit > best.merit) best = { settings, learned, merit };
  }
  if (best === undefined) throw new RangeError(`${learner.name} has no candidates`);
  return best;
}
