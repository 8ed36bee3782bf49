import type { Ear, HeardWindow, WindowModel } from '../../inference/index.ts';

/** Calls of a model whose cost is measured. */
export interface ModelCalls {
  /** One window. */
  one(): void;
  /** As many as go through the model together: `BATCH`. */
  many(): void;
}

export const BATCH = 64;

/**
 * Windows through a model: of functionals as they are, of a model that hears hops with those that a step brings.
 *
 * @param features one window's @param rows hops, of one stream
 */
export function modelCalls(model: WindowModel, features: Float32Array, rows: readonly Float32Array[]): ModelCalls {
  const { sequence, manifest } = model;
  if (sequence === undefined) {
    const batch = new Float32Array(BATCH * features.length);
    for (let index = 0; index < BATCH; index += 1) batch.set(features, index * features.length);
    return { one: () => void model.predict(features, 1), many: () => void model.predict(batch, BATCH) };
  }
  const { windowMs, stepMs } = manifest.analysis;
  const step = stepMs / 10;
  const ears = Array.from({ length: BATCH }, () => sequence.listen({ windowMs, stepMs }));
  let next = 0;
  const due = (ear: Ear): HeardWindow => {
    for (let hop = 0; hop < step; hop += 1) ear.push(rows[next++ % rows.length]!);
    return ear.due()!;
  };
  return {
    one: () => void sequence.answer([due(ears[0]!)]),
    many: () => void sequence.answer(ears.map(due)),
  };
}
