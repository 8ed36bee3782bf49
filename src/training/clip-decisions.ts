import { softmax } from './calibration.ts';
import type { Clip } from './clips.ts';
import type { WindowSet } from './feature-cache.ts';
import { highest } from './fit.ts';
import { groupBy } from './group-by.ts';
import type { ClassLabel } from './labels.ts';
import { type ClassificationMetrics, classificationMetrics, reliability } from './metrics.ts';

/** What was made of one clip: the mean of its windows' probabilities, weighted by the speech they hold. */
export interface ClipDecision {
  readonly clip: Clip;
  readonly truth: number;
  readonly predicted: number;
  readonly probabilities: Float64Array;
}

/** So little that only a clip without any speech is decided by it. */
const LEAST_WEIGHT = 1e-6;

/** Decisions on the clips of a set whose windows have logits (already over the temperature). */
export function clipDecisions(set: WindowSet, logits: Float32Array, labels: readonly ClassLabel[]): ClipDecision[] {
  const classes = labels.length;
  const sums = new Map<number, { readonly total: Float64Array; weight: number }>();
  const probabilities = new Float64Array(classes);
  for (let index = 0; index < set.count; index++) {
    if (Number.isNaN(logits[index * classes])) continue;
    softmax(logits, 1, probabilities, index * classes);
    const stream = set.streamOf[index]!;
    const sum = sums.get(stream) ?? { total: new Float64Array(classes), weight: 0 };
    sums.set(stream, sum);
    const weight = Math.max(LEAST_WEIGHT, set.speechRatio[index]!);
    sum.weight += weight;
    for (let label = 0; label < classes; label++) sum.total[label]! += weight * probabilities[label]!;
  }
  return [...sums].map(([stream, { total, weight }]) => {
    const mean = total.map((value) => value / weight);
    const clip = set.clips[stream]!;
    return { clip, truth: labels.indexOf(clip.label), predicted: highest(mean, 0, classes), probabilities: mean };
  });
}

export interface ClipFigures extends ClassificationMetrics {
  readonly speakers: number;
  /** Expected calibration error of the top probability, ten bins. */
  readonly ece: number;
  /** UA by gender, where the corpus tells. */
  readonly uaByGender: { readonly female?: number; readonly male?: number };
  /** UA of the speakers it did worst and best on. */
  readonly uaOfSpeakers: { readonly lowest: number; readonly highest: number };
}

export function clipFigures(decisions: readonly ClipDecision[], classes: number): ClipFigures {
  const of = (part: readonly ClipDecision[]): ClassificationMetrics =>
    classificationMetrics(
      part.map(({ truth }) => truth),
      part.map(({ predicted }) => predicted),
      classes,
    );
  const bySpeaker = [...groupBy(decisions, ({ clip }) => clip.speaker).values()].map((part) => of(part).ua);
  const gendered = decisions.filter(({ clip }) => clip.gender !== undefined);
  return {
    ...of(decisions),
    speakers: bySpeaker.length,
    ece: reliability(
      decisions.map(({ probabilities, predicted }) => probabilities[predicted]!),
      decisions.map(({ truth, predicted }) => truth === predicted),
    ).ece,
    uaByGender: Object.fromEntries(
      [...groupBy(gendered, ({ clip }) => clip.gender!)].map(([gender, part]) => [gender, of(part).ua]),
    ),
    uaOfSpeakers: { lowest: Math.min(...bySpeaker), highest: Math.max(...bySpeaker) },
  };
}
