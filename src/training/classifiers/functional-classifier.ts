import { UndertoneError } from '../../errors.ts';
import { featureSet } from '../../features/index.ts';
import { Normaliser } from '../../inference/index.ts';
import { highest } from '../fit.ts';
import { groupBy } from '../group-by.ts';
import { CLASS_LABELS, type ClassLabel } from '../labels.ts';
import { classificationMetrics } from '../metrics.ts';
import { Random } from '../random.ts';
import { clipOf, gather, normalisationOf, type WindowRow } from '../window-rows.ts';
import { balancedWeights } from './balance.ts';
import type { ClassifierOptions, FittedClassifier, LabelledRows, TrainableClassifier } from './classifier.ts';
import { bestOf, type Choice, type Learner, type Matrix, type Problem, type Trial } from './learner.ts';

/** The share of the work of a fit that is looking for settings, about. */
const CHOOSING = 0.7;
/** Rows that are scored together. */
const TOGETHER = 512;

/**
 * A learner on the functionals of windows, normalised as a served model's are (z-scores of the training rows, clipped, 0 where one is
 * not defined), with corpora and classes in balance. Settings are chosen by the UA of the validation windows, mean over the
 * corpora.
 */
export function onFunctionals(learner: Learner): TrainableClassifier<WindowRow> {
  return {
    name: learner.name,
    variant: { own: learner.variant, candidates: learner.candidates, mostRows: learner.mostRows },
    async fit(rows, labels, options): Promise<FittedClassifier<WindowRow>> {
      const classes = CLASS_LABELS.filter((label) => labels.includes(label));
      if (classes.length < 2) throw new UndertoneError('usage', { detail: 'The clips have one label only.' });
      const normaliser = new Normaliser(normalisationOf(rows));
      const problem = problemOf(learner, { rows, labels }, classes, normaliser, options);
      const trial = options.validation && trialOf(options.validation, classes, normaliser);
      const { settings, learned } = await choiceOf(learner, problem, options.settings, trial);
      options.onProgress?.(1);
      return {
        labels: classes,
        parameters: learned.parameters,
        settings,
        predict: (of) => {
          const scores = new Float32Array(of.length * classes.length);
          for (let first = 0; first < of.length; first += TOGETHER) {
            const part = of.slice(first, first + TOGETHER);
            scores.set(learned.scores(matrixOf(part, normaliser)), first * classes.length);
          }
          return scores;
        },
      };
    },
  };
}

async function choiceOf(
  learner: Learner,
  problem: Problem,
  settings: Choice['settings'] | undefined,
  trial: Trial | undefined,
): Promise<Choice> {
  if (settings === undefined && trial !== undefined) {
    if (learner.choose === undefined) return bestOf(learner, problem, trial);
    const sought = await learner.choose(part(problem, 0, CHOOSING), trial);
    return { settings: sought, learned: await learner.learn(part(problem, CHOOSING, 1), sought) };
  }
  const chosen = { ...learner.defaults, ...settings };
  return { settings: chosen, learned: await learner.learn(problem, chosen) };
}

/** A problem whose progress is a part of the whole. */
function part(problem: Problem, from: number, to: number): Problem {
  return { ...problem, pause: (share) => problem.pause(from + share * (to - from)) };
}

function problemOf(
  learner: Learner,
  all: LabelledRows<WindowRow>,
  classes: readonly ClassLabel[],
  normaliser: Normaliser,
  { seed, onProgress }: ClassifierOptions<WindowRow>,
): Problem {
  const random = new Random(seed);
  const { rows, labels } = atMost(all, learner.mostRows ?? Number.POSITIVE_INFINITY, random);
  const truth = Int32Array.from(labels, (label) => classes.indexOf(label));
  return {
    x: matrixOf(rows, normaliser),
    truth,
    classes: classes.length,
    weights: balancedWeights(
      rows.map((row, index) => ({ corpus: clipOf(row).corpus, speaker: clipOf(row).speaker, label: truth[index]! })),
    ),
    random,
    pause: async (share) => {
      onProgress?.(share);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** At most so many rows, of each class in proportion and at least one. */
function atMost(
  { rows, labels }: LabelledRows<WindowRow>,
  most: number,
  random: Random,
): { readonly rows: readonly WindowRow[]; readonly labels: readonly ClassLabel[] } {
  if (rows.length <= most) return { rows, labels };
  const kept = [...groupBy(labels.keys(), (index) => labels[index]!).values()].flatMap((alike) =>
    random.shuffled(alike).slice(0, Math.max(1, Math.floor((alike.length * most) / rows.length))),
  );
  kept.sort((a, b) => a - b);
  return { rows: kept.map((index) => rows[index]!), labels: kept.map((index) => labels[index]!) };
}

function trialOf(
  { rows, labels }: LabelledRows<WindowRow>,
  classes: readonly ClassLabel[],
  normaliser: Normaliser,
): Trial | undefined {
  const known = [...rows.keys()].filter((index) => classes.includes(labels[index]!));
  if (known.length === 0) return undefined;
  const judged = known.map((index) => rows[index]!);
  const truth = known.map((index) => classes.indexOf(labels[index]!));
  const byCorpus = [...groupBy(judged.keys(), (index) => clipOf(judged[index]!).corpus).values()];
  return {
    x: matrixOf(judged, normaliser),
    merit: (scores) => {
      const uas = byCorpus.map((members) => {
        const guesses = members.map((index) => highest(scores, index * classes.length, classes.length));
        const own = members.map((index) => truth[index]!);
        return classificationMetrics(own, guesses, classes.length).ua;
      });
      return uas.reduce((total, ua) => total + ua, 0) / uas.length;
    },
  };
}

function matrixOf(rows: readonly WindowRow[], normaliser: Normaliser): Matrix {
  const values = new Float32Array(rows.length * featureSet.length);
  gather(rows, normaliser, values);
  return { rows: rows.length, columns: featureSet.length, values };
}
