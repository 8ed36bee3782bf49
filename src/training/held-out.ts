import type { HeldOutStream } from './calibrate-streams.ts';
import { clipDecisions, clipFigures } from './clip-decisions.ts';
import { type HeldOutModel, heldOutLogits } from './cross-validate.ts';
import { groupBy } from './group-by.ts';
import type { ClassLabel } from './labels.ts';
import { stretchesOf } from './streaming-metrics.ts';
import type { TrainingData } from './training-data.ts';
import type { TrainingReport } from './training-report.ts';

/** What the fold models make of the joined streams of the speakers that they have not heard. */
export function heldOutStreams(
  data: TrainingData,
  models: readonly HeldOutModel[],
  labels: readonly ClassLabel[],
): HeldOutStream[] {
  const speakers = data.streams.map(({ speaker }) => speaker);
  return data.streamWindows.flatMap((windows) => {
    const logits = heldOutLogits(models, windows, speakers);
    const byStream = groupBy(windows.endMs.keys(), (index) => windows.streamOf[index]!);
    return [...byStream].map(([stream, indices]): HeldOutStream => {
      const { clips, speaker } = data.streams[stream]!;
      const first = indices[0]!;
      const truth = clips.map((clip) => labels.indexOf(clip.label));
      return {
        condition: windows.condition,
        corpus: clips[0]!.corpus,
        fold: models.findIndex(({ fold }) => fold.test.has(speaker)),
        predicted: {
          endMs: indices.map((index) => windows.endMs[index]!),
          speechRatio: indices.map((index) => windows.speechRatio[index]!),
          logits: logits.subarray(first * labels.length, (first + indices.length) * labels.length),
        },
        stretches: stretchesOf(windows.spansMs[stream]!, truth),
      };
    });
  });
}

/** Figures on the clips of speakers not heard, by corpus and condition. */
export function heldOutClips(
  data: TrainingData,
  models: readonly HeldOutModel[],
  labels: readonly ClassLabel[],
): TrainingReport['clips'] {
  const report: Record<string, TrainingReport['clips'][string]> = {};
  for (const set of data.test) {
    const logits = heldOutLogits(
      models,
      set,
      set.clips.map(({ speaker }) => speaker),
    );
    const { corpus } = set.clips[0]!;
    const figures = clipFigures(clipDecisions(set, logits, labels), labels.length);
    report[corpus] = { ...report[corpus], [set.condition]: figures };
  }
  return report;
}
