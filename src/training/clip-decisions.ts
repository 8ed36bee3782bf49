import type { Clip } from './clips.ts';
import { wholeClip } from './decide.ts';
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
  readonly probabilities: Float32Array;
}

/** Decisions on the clips of a set whose windows have logits (already over the temperature; NaN where a clip is not decided). */
export function clipDecisions(set: WindowSet, logits: Float32Array, labels: readonly ClassLabel[]): ClipDecision[] {
  const classes = labels.length;
  const byStream = groupBy(set.endMs.keys(), (index) => set.streamOf[index]!);
  return [...byStream].flatMap(([stream, indices]) => {
    const first = indices[0]!;
    if (Number.isNaN(logits[first * classes])) return [];
    const probabilities = wholeClip(
      {
        endMs: indices.map((index) => set.endMs[index]!),
        speechRatio: indices.map((index) => set.speechRatio[index]!),
        logits: logits.subarray(first * classes, (first + indices.length) * classes),
      },
      1,
    )!;
    const clip = set.clips[stream]!;
    return [{ clip, truth: labels.indexOf(clip.label), predicted: highest(probabilities, 0, classes), probabilities }];
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
