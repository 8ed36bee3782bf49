export { type Asker, Batcher, type BatcherOptions } from './batcher.ts';
export { type LoadModelOptions, loadModel } from './load-model.ts';
export { type ModelKind, type ModelManifest, manifestSchema, parseManifest } from './manifest.ts';
export type { Ear, HearingGrid, Listen, SequenceSide, WindowModel } from './model.ts';
export { Normaliser } from './normalise.ts';
export { type Runtime, type RuntimeChoice, type RuntimeName, startRuntime, type TensorFlow } from './runtime.ts';
export { Kernel } from './sequence/kernel.ts';
export { FRONT_CONTEXT, type HeardWindow, LegState } from './sequence/leg.ts';
export { LEAST_VARIANCE, SequenceNetwork } from './sequence/network.ts';
export { CausalNormaliser, InputNormalisation, type SequenceNormalisation } from './sequence/normaliser.ts';
export { sequenceFiles } from './sequence/sequence-file.ts';
export { sequenceSide } from './sequence/sequence-side.ts';
export {
  FRONT_HOPS,
  HOPS_PER_FRAME,
  type SequenceInput,
  type SequenceShape,
  servedWeights,
  TAPS,
} from './sequence/shape.ts';
