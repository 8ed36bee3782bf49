import type { SequenceShape } from '../../inference/index.ts';
import { Random } from '../random.ts';
import { emptyBatch } from './batch.ts';
import { Descent, type DescentOptions } from './descent.ts';
import { Drawing, type DrawOptions, mostFrames } from './draw.ts';
import { layoutOf } from './parameters.ts';
import type { SequenceData } from './sequence-data.ts';

/** A batch is learned from in so many parts, each normalised by itself, whatever the number of threads. */
export const SHARDS = 2;

/** All that determines what a step makes of given weights; can be sent to a thread. */
export interface ShardSetup {
  readonly shape: SequenceShape;
  /** Inputs that are bands of the spectrum. */
  readonly bands: number;
  readonly data: SequenceData;
  readonly draw: DrawOptions;
  readonly descent: DescentOptions;
  /** Clips of a whole batch. */
  readonly batchClips: number;
  readonly seed: string;
  readonly shared: SharedResults;
}

/** What threads read and write. */
export interface SharedResults {
  readonly parameters: Float32Array<SharedArrayBuffer>;
  /** One per shard. */
  readonly gradients: readonly Float32Array<SharedArrayBuffer>[];
  readonly statistics: readonly Float32Array<SharedArrayBuffer>[];
  readonly losses: Float64Array<SharedArrayBuffer>;
}

const floats = (length: number): Float32Array<SharedArrayBuffer> => new Float32Array(new SharedArrayBuffer(length * 4));

export function sharedResults(shape: SequenceShape): SharedResults {
  const { length, statisticsLength } = layoutOf(shape);
  return {
    parameters: floats(length),
    gradients: Array.from({ length: SHARDS }, () => floats(length)),
    statistics: Array.from({ length: SHARDS }, () => floats(statisticsLength)),
    losses: new Float64Array(new SharedArrayBuffer(SHARDS * 8)),
  };
}

/** Batches of an epoch: every clip once, but for the rest. */
export const stepsPerEpoch = (clips: number, batchClips: number): number => Math.max(1, Math.floor(clips / batchClips));

/** Computes shards of steps; what comes out depends on the setup, the weights, the step and the shard alone. */
export class ShardTask {
  readonly #setup: ShardSetup;
  readonly #descent: Descent;
  readonly #drawing: Drawing;
  readonly #batch: ReturnType<typeof emptyBatch>;
  #order: { readonly epoch: number; readonly clips: readonly number[] } = { epoch: -1, clips: [] };

  constructor(setup: ShardSetup) {
    this.#setup = setup;
    const { shape, data, draw, bands, batchClips } = setup;
    const clips = Math.ceil(batchClips / SHARDS);
    this.#descent = new Descent(shape, clips, mostFrames(draw));
    this.#drawing = new Drawing(data, draw, bands, shape.classes, clips);
    this.#batch = emptyBatch(clips, mostFrames(draw), shape.inputs.length, shape.classes);
  }

  /** Writes the shard's gradient, statistics and loss to the shared memory. */
  run(step: number, shard: number): void {
    const { seed, shared, descent } = this.#setup;
    const random = new Random(`${seed} step ${step} shard ${shard}`);
    this.#drawing.draw(this.#clipsOf(step, shard), this.#batch, random);
    const { loss, gradient, statistics } = this.#descent.run(shared.parameters, this.#batch, descent, random);
    shared.gradients[shard]!.set(gradient);
    shared.statistics[shard]!.set(statistics);
    shared.losses[shard] = loss;
  }

  #clipsOf(step: number, shard: number): number[] {
    const { seed, data, batchClips } = this.#setup;
    const steps = stepsPerEpoch(data.clips, batchClips);
    const epoch = Math.floor(step / steps);
    if (this.#order.epoch !== epoch) {
      const all = Array.from({ length: data.clips }, (_, clip) => clip);
      this.#order = { epoch, clips: new Random(`${seed} epoch ${epoch}`).shuffled(all) };
    }
    const { clips } = this.#batch;
    const from = (step % steps) * batchClips + shard * clips;
    return Array.from({ length: clips }, (_, place) => this.#order.clips[(from + place) % data.clips]!);
  }
}
