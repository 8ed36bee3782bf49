import type { ModelManifest } from './manifest.ts';

/**
 * A classifier of windows. It sees one row of functionals per window and knows nothing of streams, so that the windows
 * of all streams that are due can go through it in one call.
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
  dispose(): void;
}
