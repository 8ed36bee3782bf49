import { checkpoint } from '../../checkpoint.ts';
import type { Clip } from '../../clips.ts';
import type { ConditionName } from '../../conditions.ts';
import type { PredictedStream } from '../../decide.ts';
import { joinedStreams } from '../../joined-streams.ts';
import type { ClassLabel } from '../../labels.ts';
import { type Stretch, stretchesOf } from '../../streaming-metrics.ts';
import type { Contestant, Ear } from '../contestant.ts';
import type { ProtocolFold } from '../protocols.ts';

/** A long stream of one speaker, what the classifier of a fold made of it, and what is acted in it. */
export interface HeardSpeaker {
  /** `validation`: by the classifier that was not trained with the validation speakers; settings are chosen on these. */
  readonly part: 'validation' | 'test';
  readonly fold: string;
  readonly seed: number;
  readonly condition: ConditionName;
  readonly speaker: string;
  /** With logits over the temperature. */
  readonly predicted: PredictedStream;
  readonly stretches: readonly Stretch[];
}

/** Raise this when code changes what is heard. */
const REVISION = 1;
/** Streams are joined with this seed whatever the seeds of training: all are measured on the same. */
const STREAM_SEED = 1;

export interface HeardOptions {
  readonly contestant: Contestant;
  readonly folds: readonly ProtocolFold[];
  readonly labels: readonly ClassLabel[];
  readonly windowMs: number;
  readonly seeds: readonly number[];
  readonly conditions: readonly ConditionName[];
  readonly cache: string;
  readonly onProgress?: (fold: string, seed: number, share: number) => void;
}

/** The streams of every fold's validation and test speakers; a fold that an earlier run has heard is not trained again. */
export async function heardStreams(options: HeardOptions): Promise<readonly HeardSpeaker[]> {
  const { contestant, folds, windowMs, seeds, conditions, cache, labels } = options;
  const all: HeardSpeaker[] = [];
  for (const seed of seeds) {
    for (const fold of folds) {
      const ids = (clips: readonly Clip[]): unknown => clips.map(({ id, label }) => [id, label]);
      const parts = [ids(fold.train), ids(fold.validation), ids(fold.test)];
      const key = [
        'heard streams',
        REVISION,
        contestant.name,
        contestant.key,
        windowMs,
        seed,
        conditions,
        labels,
        parts,
      ];
      all.push(...(await checkpoint(cache, key, () => heardFold(options, fold, seed))));
    }
  }
  return all;
}

async function heardFold(options: HeardOptions, fold: ProtocolFold, seed: number): Promise<HeardSpeaker[]> {
  const { contestant, conditions, labels } = options;
  await contestant.prepare([]);
  const ear = await contestant.train(fold, {
    seed,
    onProgress: (share) => options.onProgress?.(fold.name, seed, share),
  });
  const heard: HeardSpeaker[] = [];
  for (const condition of conditions) {
    if (ear.search !== undefined) {
      heard.push(
        ...(await heardPart(ear.search, 'validation', fold.validation, { fold: fold.name, seed, condition, labels })),
      );
    }
    heard.push(...(await heardPart(ear, 'test', fold.test, { fold: fold.name, seed, condition, labels })));
  }
  return heard;
}

async function heardPart(
  ear: Ear,
  part: HeardSpeaker['part'],
  clips: readonly Clip[],
  { labels, ...of }: Pick<HeardSpeaker, 'fold' | 'seed' | 'condition'> & { readonly labels: readonly ClassLabel[] },
): Promise<HeardSpeaker[]> {
  const streams = joinedStreams(
    clips.filter(({ label }) => ear.labels.includes(label)),
    STREAM_SEED,
  );
  const heard = await ear.streams(streams, of.condition);
  return streams.flatMap(({ speaker, clips: own }, index): HeardSpeaker[] => {
    const stream = heard[index];
    if (stream === undefined) return [];
    const truth = own.map(({ label }) => labels.indexOf(label));
    return [
      {
        ...of,
        part,
        speaker,
        predicted: {
          endMs: stream.endMs,
          speechRatio: stream.speechRatio,
          logits: inOrder(stream.logits, ear, labels),
        },
        stretches: stretchesOf(stream.spansMs, truth),
      },
    ];
  });
}

/** Logits over the temperature, in the order of all labels; a class that was not trained is as good as impossible. */
function inOrder(logits: Float32Array, ear: Ear, labels: readonly ClassLabel[]): Float32Array {
  const own = ear.labels.length;
  const rows = logits.length / own;
  const out = new Float32Array(rows * labels.length).fill(-1e4);
  for (let row = 0; row < rows; row++) {
    ear.labels.forEach((label, index) => {
      out[row * labels.length + labels.indexOf(label)] = logits[row * own + index]! / ear.temperature;
    });
  }
  return out;
}
