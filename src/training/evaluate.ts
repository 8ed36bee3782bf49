import { availableParallelism } from 'node:os';
import { featureSet } from '../features/index.ts';
import { loadModel, type WindowModel } from '../inference/index.ts';
import { type ClipFigures, clipDecisions, clipFigures } from './clip-decisions.ts';
import { corpusSource, findClips } from './clips.ts';
import type { ConditionName } from './conditions.ts';
import { clipSets, type WindowSet } from './feature-cache.ts';
import { isEmotion, labelMap } from './labels.ts';
import { findNoises } from './noises.ts';
import type { TrainingProgress } from './train.ts';

export interface EvaluationOptions {
  /** A model folder. */
  readonly model: string;
  /** `ravdess=DIR`, one per corpus. */
  readonly corpora: readonly string[];
  /** Default: clean. */
  readonly conditions?: readonly ConditionName[] | undefined;
  /** Folder of noise recordings, for the conditions with noise. */
  readonly noise?: string | undefined;
  readonly labels?: string | undefined;
  readonly cache?: string | undefined;
  readonly workers?: number | undefined;
  readonly onProgress?: ((progress: TrainingProgress) => void) | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
}

export interface Evaluation {
  readonly corpus: string;
  readonly condition: ConditionName;
  /** Whether the model was trained with this corpus: its figures then say nothing of speakers that it has not heard. */
  readonly trainedWith: boolean;
  readonly labels: WindowModel['manifest']['labels'];
  readonly figures: ClipFigures;
}

/**
 * A model's figures on clips: each is the mean of its windows' probabilities, weighted by the speech in them, no abstention.
 * Clips with a label that the model does not have are left out.
 *
 * @throws what `loadModel` throws; `usage`, `corpus-invalid`.
 * @example
 * const [clean] = await runEvaluation({ model: 'models/default', corpora: ['emovo=EMOVO'] });
 */
export async function runEvaluation(options: EvaluationOptions): Promise<readonly Evaluation[]> {
  const model = await loadModel(options.model);
  const { labels, analysis, training } = model.manifest;
  const map = labelMap(options.labels);
  const evaluations: Evaluation[] = [];
  try {
    for (const source of options.corpora.map(corpusSource)) {
      const found = findClips(source, map);
      const clips = found.filter(({ label }) => isEmotion(label) && labels.includes(label));
      if (clips.length < found.length) {
        options.onWarning?.(
          `${source.spec.name}: ${found.length - clips.length} clips have a label that the model has not.`,
        );
      }
      const sets = await clipSets(clips, options.conditions ?? ['clean'], {
        cache: options.cache ?? '.cache/features',
        grid: analysis,
        noises: findNoises(options.noise),
        seed: training.seed,
        workers: options.workers ?? availableParallelism(),
        onProgress: (done, total) => options.onProgress?.({ phase: `features of ${source.spec.name}`, done, total }),
        ...(options.onWarning && { onWarning: options.onWarning }),
      });
      for (const set of sets) {
        evaluations.push({
          corpus: source.spec.name,
          condition: set.condition,
          trainedWith: training.corpora.some(({ name }) => name === source.spec.name),
          labels,
          figures: clipFigures(clipDecisions(set, calibratedLogits(model, set), labels), labels.length),
        });
      }
    }
  } finally {
    model.dispose();
  }
  return evaluations;
}

const ROWS = 256;

/** Logits over the model's temperature, a row per window. */
function calibratedLogits(model: WindowModel, set: WindowSet): Float32Array {
  const { labels, calibration } = model.manifest;
  const logits = new Float32Array(set.count * labels.length);
  for (let first = 0; first < set.count; first += ROWS) {
    const rows = Math.min(ROWS, set.count - first);
    const features = set.features.subarray(first * featureSet.length, (first + rows) * featureSet.length);
    logits.set(model.predict(features, rows), first * labels.length);
  }
  return logits.map((logit) => logit / calibration.temperature);
}
