export { type Asker, Batcher, type BatcherOptions } from './batcher.ts';
export { type LoadModelOptions, loadModel } from './load-model.ts';
export { type ModelManifest, manifestSchema, parseManifest } from './manifest.ts';
export type { WindowModel } from './model.ts';
export { Normaliser } from './normalise.ts';
export { type Runtime, type RuntimeChoice, type RuntimeName, startRuntime, type TensorFlow } from './runtime.ts';
