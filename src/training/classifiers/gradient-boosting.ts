import { binned } from './bins.ts';
import type { Learned, Learner, Matrix, Problem, Trial } from './learner.ts';
import { addOutputs, growTree, parametersOf, type Tree } from './tree.ts';

/** How trees are grown; only the number of rounds is chosen. */
export interface BoostingOptions {
  readonly maxRounds?: number;
  readonly learningRate?: number;
  readonly maxDepth?: number;
  readonly minLeafRows?: number;
  readonly l2?: number;
  /** The share of the rows, and of the columns, that a tree sees: stochastic gradient boosting (Friedman 2002). */
  readonly rowShare?: number;
  readonly columnShare?: number;
}

const DEFAULTS: Required<BoostingOptions> = {
  maxRounds: 150,
  learningRate: 0.1,
  maxDepth: 4,
  minLeafRows: 10,
  l2: 1,
  rowShare: 0.6,
  columnShare: 0.15,
};
/** Rounds without anything better on the trial. */
const PATIENCE = 40;

/** Trees of one round, one per class. */
type Round = readonly Tree[];

/**
 * Gradient boosting of the multinomial loss by second-order steps (Friedman, Hastie and Tibshirani, Additive Logistic Regression,
 * 2000; Chen and Guestrin, XGBoost, 2016): in each round one tree per class, on the slope of the loss by the logits. The logits begin
 * as ln of the shares of the classes.
 */
export function gradientBoosting(options: BoostingOptions = {}): Learner {
  const how = { ...DEFAULTS, ...options };
  return {
    name: 'gradient-boosting',
    variant: how,
    defaults: { rounds: how.maxRounds },
    candidates: [{ rounds: how.maxRounds }],
    async learn(problem, { rounds = how.maxRounds }) {
      const boosting = new Boosting(problem, how);
      const grown: Round[] = [];
      while (grown.length < rounds) {
        grown.push(boosting.round());
        await problem.pause(grown.length / rounds);
      }
      return boosted(boosting.start, grown, how.learningRate);
    },
    // One run tells of all numbers of rounds.
    async choose(problem: Problem, { x, merit }: Trial) {
      const { classes } = problem;
      const boosting = new Boosting(problem, how);
      const logits = new Float64Array(x.rows * classes).map((_, at) => boosting.start[at % classes]!);
      let best = { rounds: 1, merit: Number.NEGATIVE_INFINITY };
      for (let rounds = 1; rounds <= how.maxRounds && rounds - best.rounds <= PATIENCE; rounds++) {
        addRound(boosting.round(), x, logits, how.learningRate);
        const reached = merit(Float32Array.from(logits));
        if (reached > best.merit) best = { rounds, merit: reached };
        await problem.pause(rounds / how.maxRounds);
      }
      return { rounds: best.rounds };
    },
  };
}

function boosted(start: Float64Array, rounds: readonly Round[], learningRate: number): Learned {
  const classes = start.length;
  return {
    parameters: classes + rounds.flat().reduce((total, tree) => total + parametersOf(tree), 0),
    scores: (x) => {
      const logits = new Float64Array(x.rows * classes).map((_, at) => start[at % classes]!);
      for (const round of rounds) addRound(round, x, logits, learningRate);
      return Float32Array.from(logits);
    },
  };
}

function addRound(round: Round, x: Matrix, logits: Float64Array, learningRate: number): void {
  round.forEach((tree, label) => {
    addOutputs(tree, x, logits, round.length, label, learningRate);
  });
}

/** The state of a training: what the trees so far say of each row. */
class Boosting {
  /** ln of the shares of the classes. */
  readonly start: Float64Array;
  readonly #problem: Problem;
  readonly #how: Required<BoostingOptions>;
  readonly #bins: ReturnType<typeof binned>;
  readonly #logits: Float64Array;

  constructor(problem: Problem, how: Required<BoostingOptions>) {
    const { x, truth, classes, weights } = problem;
    this.#problem = problem;
    this.#how = how;
    this.#bins = binned(x);
    const shares = new Float64Array(classes);
    for (let row = 0; row < x.rows; row++) shares[truth[row]!]! += weights[row]! / x.rows;
    this.start = shares.map((share) => Math.log(share));
    this.#logits = new Float64Array(x.rows * classes).map((_, at) => this.start[at % classes]!);
  }

  round(): Round {
    const { x, truth, classes, weights, random } = this.#problem;
    const { maxDepth, minLeafRows, l2, rowShare, columnShare } = this.#how;
    const rows = drawn(x.rows, rowShare, random);
    const probabilities = softmaxed(this.#logits, classes);
    const trees: Tree[] = [];
    for (let label = 0; label < classes; label++) {
      const targets = new Float64Array(x.rows);
      const curvatures = new Float64Array(x.rows);
      for (let row = 0; row < x.rows; row++) {
        const probability = probabilities[row * classes + label]!;
        targets[row] = weights[row]! * (Number(truth[row] === label) - probability);
        curvatures[row] = weights[row]! * probability * (1 - probability);
      }
      const growth = {
        bins: this.#bins,
        targets,
        weights: curvatures,
        outputs: 1,
        l2,
        maxDepth,
        minLeafRows,
        columns: drawn(x.columns, columnShare, random),
        random,
      };
      trees.push(growTree(growth, rows.slice()));
    }
    addRound(trees, x, this.#logits, this.#how.learningRate);
    return trees;
  }
}

/** A share of the numbers from 0 to `count` − 1, at least one, in their order. */
function drawn(count: number, share: number, random: Problem['random']): Int32Array {
  const all = Int32Array.from({ length: count }, (_, at) => at);
  if (share >= 1) return all;
  const wanted = Math.max(1, Math.round(count * share));
  for (let at = 0; at < wanted; at++) {
    const other = at + random.index(count - at);
    [all[at], all[other]] = [all[other]!, all[at]!];
  }
  return all.slice(0, wanted).sort();
}

function softmaxed(logits: Float64Array, classes: number): Float64Array {
  const out = new Float64Array(logits.length);
  for (let from = 0; from < logits.length; from += classes) {
    let highest = Number.NEGATIVE_INFINITY;
    for (let at = from; at < from + classes; at++) highest = Math.max(highest, logits[at]!);
    let total = 0;
    for (let at = from; at < from + classes; at++) total += Math.exp(logits[at]! - highest);
    for (let at = from; at < from + classes; at++) out[at] = Math.exp(logits[at]! - highest) / total;
  }
  return out;
}
