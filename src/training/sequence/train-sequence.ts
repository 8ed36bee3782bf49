import { HOP_MS } from '../../audio/index.ts';
import type { Emotion } from '../../emotions.ts';
import { ROW_LENGTH } from '../../features/index.ts';
import { sequenceFiles, type WindowModel } from '../../inference/index.ts';
import { fitTemperature } from '../calibration.ts';
import type { WindowGrid } from '../clip-windows.ts';
import { type HeldOutModel, heldOutLogits } from '../cross-validate.ts';
import type { StreamWindows, WindowSet } from '../feature-cache.ts';
import type { Fold } from '../folds.ts';
import { groupBy } from '../group-by.ts';
import type { TrainedModel } from '../trained-model.ts';
import type { TrainingData } from '../training-data.ts';
import type { HopRow } from './hop-windows.ts';
import { predictRows } from './predict-sequence.ts';
import { QUICK_SEQUENCE_FIT, SEQUENCE_FIT, SEQUENCE_MEMBERS } from './recipe.ts';
import { type FittedSequence, trainSequence } from './sequence-classifier.ts';

export interface SequenceTrainingOptions {
  readonly labels: readonly Emotion[];
  readonly folds: readonly Fold[];
  readonly grid: WindowGrid;
  readonly seed: number;
  readonly quick: boolean;
  readonly threads: number;
  readonly cache: string;
  readonly resume: boolean;
  readonly onProgress: (phase: string, done: number, total: number) => void;
}

const STEPS = 1000;

/**
 * A sequence network per fold, which hears no clip of its test speakers, and one of all speakers. Epochs are those of the recipe; the
 * temperature of a fold is what makes the other folds' answers on speakers they have not heard most likely.
 */
export async function trainSequenceModel(data: TrainingData, options: SequenceTrainingOptions): Promise<TrainedModel> {
  const { labels, folds, seed, quick, threads, cache, resume, grid } = options;
  const recipe = quick ? QUICK_SEQUENCE_FIT : SEQUENCE_FIT;
  const classifier = { fit: recipe, members: quick ? 1 : SEQUENCE_MEMBERS, threads, cache, resume };
  const rows = recordings(data.training, grid);
  const learn = (part: readonly Recording[], name: string, phase: string, done: number, total: number) =>
    trainSequence(
      classifier,
      part.map(({ row }) => row),
      part.map(({ label }) => label),
      {
        seed: `${seed} ${name}`,
        onProgress: (share) => options.onProgress(phase, Math.round(STEPS * (done + share)), STEPS * total),
      },
    );
  const fitted: FittedSequence[] = [];
  for (const [number, { test }] of folds.entries()) {
    const part = rows.filter(({ speaker }) => !test.has(speaker));
    fitted.push(await learn(part, `fold ${number}`, 'cross-validation', number, folds.length));
  }
  const models = folds.map(
    (fold, number): HeldOutModel => ({
      fold,
      classes: labels.length,
      temperature: 1,
      predict: (windows, indices) => fitted[number]!.predict(hopRows(windows, indices, grid)),
    }),
  );
  const judged = models.map((model) => judge(model, data.test, labels));
  const calibrated = models.map((model, number) => {
    const others = judged.filter((_, other) => other !== number);
    const truth = others.flatMap(({ truth: own }) => own);
    const logits = others.flatMap(({ logits: own }) => own);
    return { ...model, temperature: truth.length === 0 ? 1 : fitTemperature(logits, truth, labels.length) };
  });
  const final = await learn(rows, 'final', 'final training', 0, 1);
  const { network } = final;
  const some = rows.slice(0, 8).map(({ row }) => row);
  return {
    kind: 'sequence',
    what: 'hops of low-level descriptors: sequence networks',
    models: calibrated,
    folds: folds.map((fold, number) => ({
      fold: { test: fold.test, validation: new Set<string>() },
      epochs: recipe.epochs,
      temperature: calibrated[number]!.temperature,
      curve: fitted[number]!.curve ?? [],
    })),
    epochs: recipe.epochs,
    parameters: final.parameters,
    fit: recipe,
    normalisation: {
      mean: Array.from(network.normalisation.mean),
      deviation: Array.from(network.normalisation.deviation),
      clip: network.normalisation.clip,
    },
    network: sequenceFiles(network.shape, network.members),
    answersAlike: (model: WindowModel) => {
      if (model.sequence === undefined) return false;
      const [expected, found] = [final.predict(some), predictRows(model.sequence, labels.length, some)];
      return found.every((value, index) => value === expected[index]);
    },
  };
}

interface Recording {
  readonly row: HopRow;
  readonly label: Emotion;
  readonly speaker: string;
}

/** Every clip in every condition, as its last window. */
function recordings(sets: readonly WindowSet[], grid: WindowGrid): Recording[] {
  return sets.flatMap(({ clips, hops }) =>
    clips.flatMap(({ id, label, speaker }, index): Recording[] => {
      const own = hops?.[index];
      if (own === undefined || own.length === 0) return [];
      const row: HopRow = { recording: id, hops: own, endHop: own.length / ROW_LENGTH, grid };
      return [{ row, label: label as Emotion, speaker }];
    }),
  );
}

/** Windows of streams as rows that the network hears. */
function hopRows({ hops, endMs, streamOf }: StreamWindows, indices: readonly number[], grid: WindowGrid): HopRow[] {
  return indices.map((index) => {
    const stream = streamOf[index]!;
    const own = hops?.[stream] ?? new Float32Array(0);
    const endHop = Math.min(own.length / ROW_LENGTH, Math.ceil(endMs[index]! / HOP_MS));
    return { recording: `${stream}`, hops: own, endHop, grid };
  });
}

/** Logits of the last window of each clean clip of the model's test speakers, and the truth. */
function judge(
  model: HeldOutModel,
  sets: readonly WindowSet[],
  labels: readonly Emotion[],
): { readonly logits: number[]; readonly truth: number[] } {
  const [logits, truth]: [number[], number[]] = [[], []];
  for (const set of sets.filter(({ condition }) => condition === 'clean')) {
    const all = heldOutLogits(
      [model],
      set,
      set.clips.map(({ speaker }) => speaker),
    );
    for (const [stream, indices] of groupBy(set.streamOf.keys(), (index) => set.streamOf[index]!)) {
      const last = indices.at(-1)! * labels.length;
      if (Number.isNaN(all[last])) continue;
      logits.push(...all.subarray(last, last + labels.length));
      truth.push(labels.indexOf(set.clips[stream]!.label as Emotion));
    }
  }
  return { logits, truth };
}
