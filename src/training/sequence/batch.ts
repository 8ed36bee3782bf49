/** Clips to learn from at once: their hops, and what of them is pooled. Reused from batch to batch. */
export interface SequenceBatch {
  readonly clips: number;
  /** Frames of each clip. */
  readonly frames: Int32Array;
  /** The first frame of each clip that is pooled; those before it are what its layers look back to. */
  readonly pooledFrom: Int32Array;
  /** Normalised inputs; a clip's begin at clip · `clipStride`: 4 hops of context, then 4 a frame. */
  readonly input: Float32Array;
  readonly clipStride: number;
  /** clips × classes: the share of each class, summing to 1 per clip. */
  readonly targets: Float32Array;
}

/** A batch of so many clips of so many frames at most. */
export function emptyBatch(clips: number, mostFrames: number, inputs: number, classes: number): SequenceBatch {
  const clipStride = (4 + 4 * mostFrames) * inputs;
  return {
    clips,
    frames: new Int32Array(clips),
    pooledFrom: new Int32Array(clips),
    input: new Float32Array(clips * clipStride),
    clipStride,
    targets: new Float32Array(clips * classes),
  };
}
