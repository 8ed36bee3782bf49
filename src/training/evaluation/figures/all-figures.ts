import type { EvaluationMetrics } from '../summary.ts';
import { confusionFigure } from './confusion.ts';
import { coverageFigure } from './coverage.ts';
import { learningCurveFigure } from './learning-curve.ts';
import { perClassFigure } from './per-class.ts';
import { perConditionFigure } from './per-condition.ts';
import { reliabilityFigure } from './reliability.ts';
import { speakersFigure } from './speakers.ts';

export interface NamedFigure {
  /** Of its files, without the extension. */
  readonly name: string;
  readonly svg: string;
}

/** The figures of an evaluation, in the order in which they are read. Those of single clips are of the first condition. */
export function evaluationFigures(metrics: EvaluationMetrics): readonly NamedFigure[] {
  const { conditions, labels, subject, protocol, seeds } = metrics;
  const [condition, of] = Object.entries(conditions)[0] ?? [];
  if (condition === undefined || of === undefined) return [];
  const what = `${subject}, ${protocol}, ${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}`;
  const one = `${what}, ${condition}`;
  const figures: readonly (readonly [name: string, svg: string | undefined])[] = [
    ['per-condition', perConditionFigure(conditions, labels.length, what)],
    ['confusion', confusionFigure(labels, of.confusion, one)],
    ['per-class', perClassFigure(of.classes, one)],
    ['speakers', speakersFigure(of, one)],
    ['reliability', reliabilityFigure(of.reliability, of.pooled.ece, one)],
    ['coverage', coverageFigure(conditions, what)],
    ['learning-curve', learningCurveFigure(metrics, what)],
  ];
  return figures.flatMap(([name, svg]) => (svg === undefined ? [] : [{ name, svg }]));
}
