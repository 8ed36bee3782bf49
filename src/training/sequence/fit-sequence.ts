import type { SequenceInput, SequenceNormalisation, SequenceShape } from '../../inference/index.ts';
import { Random } from '../random.ts';
import type { DescentOptions } from './descent.ts';
import type { DrawOptions } from './draw.ts';
import { Optimiser, type OptimiserOptions } from './optimiser.ts';
import { fold, initialParameters, layoutOf } from './parameters.ts';
import { normalisationOf, type SequenceClip, sequenceData } from './sequence-data.ts';
import { SHARDS, type ShardSetup, sharedResults, stepsPerEpoch } from './shard.ts';
import { ShardPool } from './shard-pool.ts';
import type { TrainingState, TrainingStore } from './training-store.ts';

/** How a sequence network is made and trained. */
export interface SequenceFitOptions {
  readonly inputs: readonly SequenceInput[];
  readonly width: number;
  readonly dilations: readonly number[];
  readonly attention: number;
  readonly epochs: number;
  readonly batchClips: number;
  readonly optimiser: OptimiserOptions;
  readonly draw: DrawOptions;
  readonly descent: DescentOptions;
}

/** What comes out of training: what `sequenceSide` is made of. */
export interface TrainedSequence {
  readonly shape: SequenceShape;
  /** The weights of each network. */
  readonly members: readonly Float32Array[];
  readonly normalisation: SequenceNormalisation;
}

/** By epoch: mean loss of the batches, and the UA of the held-out speakers where it was measured. */
export interface EpochFigures {
  readonly loss: number;
  readonly ua?: number;
}

export interface SequenceFitReport {
  readonly network: TrainedSequence;
  /** The epoch whose weights these are, from 1. */
  readonly epochs: number;
  readonly curve: readonly EpochFigures[];
}

export interface SequenceFitRun {
  readonly seed: string;
  readonly threads: number;
  /** Where the training is kept while it runs; left out: nowhere. */
  readonly store?: TrainingStore | undefined;
  /** UA on held-out speakers; the best epoch's weights are then given. Left out: the last one's. */
  readonly validate?: ((network: TrainedSequence) => number) | undefined;
  /** Stops when that has not risen for so many epochs, the rate having fallen. */
  readonly patience?: number | undefined;
  /** Ends the cycle early, after so many epochs of it. */
  readonly stopAfter?: number | undefined;
  readonly onEpoch?: ((epoch: number, figures: EpochFigures) => void) | undefined;
}

/** Measured every so many epochs, and after the last. */
const VALIDATED_EVERY = 4;
/** A training that could be the best is not looked for before this share of its epochs: the rate is still high. */
const VALIDATED_FROM = 0.7;

/**
 * Trains a sequence network. The same clips, options and seed give the same network, to the last bit, on any number of threads, and
 * whether or not it was interrupted.
 */
export async function fitSequence(
  clips: readonly SequenceClip[],
  classes: number,
  options: SequenceFitOptions,
  run: SequenceFitRun,
): Promise<SequenceFitReport> {
  const { inputs, width, dilations, attention, epochs, batchClips } = options;
  const shape: SequenceShape = { inputs, width, dilations, attention, classes };
  const normalisation = normalisationOf(clips, inputs);
  const shared = sharedResults(shape);
  const setup: ShardSetup = {
    shape,
    bands: inputs.filter(({ descriptor }) => descriptor.startsWith('logMel')).length,
    data: sequenceData(clips, inputs, normalisation),
    draw: options.draw,
    descent: options.descent,
    batchClips,
    seed: run.seed,
    shared,
  };
  const steps = stepsPerEpoch(clips.length, batchClips);
  const optimiser = optimiserOf(shape, epochs * steps, options.optimiser, run.seed);
  const state = run.store?.read() ?? freshState();
  if (state.step > 0) optimiser.resume(state.step, state.arrays);
  const folded = (): Float32Array => {
    const averaged = optimiser.averaged();
    return fold(shape, averaged.parameters, averaged.statistics);
  };
  const pool = new ShardPool(setup, run.threads);
  const curve = [...state.curve];
  let { best } = state;
  try {
    await pool.ready;
    const last = Math.min(epochs, run.stopAfter ?? epochs);
    // Looked at before an epoch, so that a training that is resumed where it had ended ends there again.
    while (curve.length < last && !risesNoMore(curve.length, best.epoch, run.patience)) {
      const epoch = curve.length + 1;
      const loss = await oneEpoch(pool, optimiser, shared, steps);
      const weights = isMeasured(epoch, epochs) ? folded() : undefined;
      const ua = weights && run.validate?.({ shape, members: [weights], normalisation });
      if (weights !== undefined && ua !== undefined && ua > best.ua) best = { epoch, ua, weights };
      const figures: EpochFigures = { loss, ...(ua !== undefined && { ua }) };
      curve.push(figures);
      run.onEpoch?.(epoch, figures);
      const ends = epoch === epochs || risesNoMore(epoch, best.epoch, run.patience);
      run.store?.write({ step: optimiser.done, arrays: optimiser.state, curve, best }, ends);
    }
  } finally {
    await pool.close();
  }
  const weights = best.epoch > 0 ? best.weights : folded();
  return {
    network: { shape, members: [weights], normalisation },
    epochs: best.epoch > 0 ? best.epoch : curve.length,
    curve,
  };
}

function optimiserOf(shape: SequenceShape, steps: number, options: OptimiserOptions, seed: string): Optimiser {
  const { parameters, statisticsLength } = layoutOf(shape);
  const decayed = [...parameters.values()]
    .filter(({ decayed: own }) => own)
    .map(({ at, rows, columns }) => ({ at, length: rows * columns }));
  const first = initialParameters(shape, new Random(`${seed} weights`));
  return new Optimiser(first, statisticsLength, decayed, steps, options);
}

const risesNoMore = (epoch: number, best: number, patience = Number.POSITIVE_INFINITY): boolean =>
  best > 0 && epoch - best >= patience;

const isMeasured = (epoch: number, epochs: number): boolean =>
  epoch === epochs || (epoch >= VALIDATED_FROM * epochs && epoch % VALIDATED_EVERY === 0);

/** @returns the mean loss of its batches */
async function oneEpoch(
  pool: ShardPool,
  optimiser: Optimiser,
  shared: ReturnType<typeof sharedResults>,
  steps: number,
): Promise<number> {
  let loss = 0;
  for (let step = 0; step < steps; step++) {
    loss += oneStep(pool, optimiser, shared) / steps;
    // Lets timers, signals and progress have their turn.
    if (step % 8 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return loss;
}

function oneStep(pool: ShardPool, optimiser: Optimiser, shared: ReturnType<typeof sharedResults>): number {
  shared.parameters.set(optimiser.parameters);
  pool.run(optimiser.done);
  const [gradient, ...gradients] = shared.gradients;
  const [statistics, ...others] = shared.statistics;
  // In the order of the shards, whichever thread was first.
  average(gradient!, gradients);
  average(statistics!, others);
  optimiser.step(gradient!, statistics!);
  return shared.losses.reduce((total, loss) => total + loss, 0) / SHARDS;
}

/** Makes the first the mean of all. */
function average(first: Float32Array, others: readonly Float32Array[]): void {
  for (const other of others) for (let at = 0; at < first.length; at++) first[at]! += other[at]!;
  for (let at = 0; at < first.length; at++) first[at]! /= others.length + 1;
}

const freshState = (): TrainingState => ({
  step: 0,
  arrays: [],
  curve: [],
  best: { epoch: 0, ua: -1, weights: new Float32Array(0) },
});
