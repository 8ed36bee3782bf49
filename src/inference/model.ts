import type { ModelManifest } from './manifest.ts';
import type { HeardWindow } from './sequence/leg.ts';

/**
 * A classifier of windows. One of kind `functionals` sees one row of functionals per window and knows nothing of streams; one of
 * kind `sequence` hears the hops of each leg. Either way the windows of all streams that are due go through it in one call.
 */
export interface WindowModel {
  readonly manifest: ModelManifest;
  /** SHA-256 of the model's files, hex. */
  readonly hash: string;
  /** Which runtime runs it, e.g. `tfjs-node` or `tfjs-wasm`. */
  readonly runtime: string;
  /**
   * @param features `rows` feature vectors of `manifest.featureSet.length` values each, one after the other, not normalised.
   * @returns `rows` × `manifest.labels.length` logits; valid until the next call.
   */
  predict(features: Float32Array, rows: number): Float32Array;
  /** Only of a model of kind `sequence`, which cannot `predict`. */
  readonly sequence?: SequenceSide;
  dispose(): void;
}

/** Window, step and begin of what is to be heard. */
export interface HearingGrid {
  readonly windowMs: number;
  readonly stepMs: number;
  /** Where its first hop stands in stream time. */
  readonly startMs?: number;
}

/** Takes in the hops of one leg, in order, for a model that hears the hops themselves. */
export interface Ear {
  /** @param row the hop's descriptors; not kept */
  push(row: Float32Array): void;
  /** Hops are passed over. */
  jump(hops: number): void;
  /** A window ends here; what the model has heard of it, if it is to be asked. */
  due(): HeardWindow | undefined;
}

export type Listen = (grid: HearingGrid) => Ear;

/** The part of a model that hears hops: what it is asked by in place of `predict`. */
export interface SequenceSide {
  readonly listen: Listen;
  /** @returns windows × `manifest.labels.length` logits; valid until the next call. */
  answer(windows: readonly HeardWindow[]): Float32Array;
}
