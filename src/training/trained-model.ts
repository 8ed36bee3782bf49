import type { ModelKind, ModelManifest, WindowModel } from '../inference/index.ts';
import type { HeldOutModel } from './cross-validate.ts';
import type { Fold } from './folds.ts';
import type { TrainingReport } from './training-report.ts';

/** What comes out of a training, whatever kind of network it is. */
export interface TrainedModel {
  readonly kind: ModelKind;
  /** From what, by what: `functionals of low-level descriptors: a perceptron`. */
  readonly what: string;
  readonly models: readonly HeldOutModel[];
  readonly folds: readonly {
    readonly fold: Fold;
    readonly epochs: number;
    readonly temperature: number;
    readonly curve: readonly { readonly loss: number; readonly ua?: number | undefined }[];
  }[];
  readonly epochs: number;
  readonly parameters: number;
  readonly fit: TrainingReport['fit'];
  readonly normalisation: ModelManifest['normalisation'];
  /** Its files, by name. */
  readonly network: Readonly<Record<string, string | Uint8Array>>;
  /** Whether a model that was loaded answers as this does, to the last bit. */
  answersAlike(model: WindowModel): boolean;
}
