import { join } from 'node:path';
import type { ConditionName } from './conditions.ts';
import { evaluationCommand } from './evaluation/command.ts';
import type { Contestant } from './evaluation/contestant.ts';
import { PREDICTIONS, recomputed } from './evaluation/metrics-file.ts';
import type { ProtocolName } from './evaluation/protocols.ts';
import { runProtocol } from './evaluation/run-protocol.ts';
import { setUp } from './evaluation/setup.ts';
import type { EvaluationMetrics } from './evaluation/summary.ts';
import { writeReport } from './evaluation/write-report.ts';
import type { TrainingProgress } from './train.ts';

export interface EvaluationOptions {
  readonly protocol: ProtocolName;
  /** `ravdess=DIR`, one per corpus: those that are tested, and in most protocols trained with. */
  readonly corpora: readonly string[];
  /** Corpora that are only trained with. */
  readonly also?: readonly string[] | undefined;
  /** File of the test folds, for the protocols of EmoBox. */
  readonly folds?: string | undefined;
  /** Only this fold. */
  readonly fold?: string | undefined;
  /** A classifier to train for each fold, or a finished model's folder. */
  readonly subject: { readonly classifier: string } | { readonly model: string };
  /** Default: 1. */
  readonly seeds?: readonly number[] | undefined;
  /** What happens to the test clips; default: clean. */
  readonly conditions?: readonly ConditionName[] | undefined;
  /** Folder of noise recordings, to train and to measure with. */
  readonly noise?: string | undefined;
  /** Folder of impulse responses of rooms. */
  readonly rooms?: string | undefined;
  /** Trains with clips as they are only. */
  readonly plain?: boolean | undefined;
  /** Small classifiers, to see that everything works. */
  readonly quick?: boolean | undefined;
  readonly labels?: string | undefined;
  /** Clips of one speaker at most, default 200. */
  readonly clipsPerSpeaker?: number | undefined;
  /** Folder of what comes out; default `evaluations/<protocol>-<subject>`. */
  readonly out?: string | undefined;
  readonly cache?: string | undefined;
  readonly workers?: number | undefined;
  readonly onProgress?: ((progress: TrainingProgress) => void) | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
}

export interface Evaluation {
  readonly out: string;
  readonly metrics: EvaluationMetrics;
}

/**
 * Measures a classifier or a model by a protocol, and writes predictions, figures and a report. What an interrupted run has
 * finished is not done again.
 *
 * @throws `usage`, `corpus-invalid`, `file-missing`, `file-unreadable`, `file-unwritable`, `trained-on-test-speakers`, and what
 * `loadModel` throws.
 * @example
 * await runEvaluation({ protocol: 'emobox-emodb', corpora: ['emodb=EmoDB'], folds: 'emodb.json', subject: { classifier: 'mlp' } });
 */
export async function runEvaluation(options: EvaluationOptions): Promise<Evaluation> {
  const { protocol, seeds = [1], conditions = ['clean'] } = options;
  const setup = await setUp(options);
  try {
    const contestant = await setup.contestant();
    const out = options.out ?? defaultOut(protocol, contestant);
    await runProtocol({
      protocol,
      folds: setup.folds,
      only: options.fold,
      contestant,
      seeds,
      conditions,
      out: join(out, PREDICTIONS),
      onProgress: (fold, seed, share) =>
        options.onProgress?.({ phase: `fold ${fold}, seed ${seed}`, done: Math.round(1000 * share), total: 1000 }),
      ...(options.onWarning && { onWarning: options.onWarning }),
    });
    const metrics = recomputed(out);
    await writeReport(out, metrics, { command: evaluationCommand(options), onWarning: options.onWarning });
    return { out, metrics };
  } finally {
    setup.dispose();
  }
}

/** `evaluations/emobox-emodb-mlp` */
export function defaultOut(what: string, contestant: Contestant): string {
  return join('evaluations', `${what}-${contestant.name.replace(/[^\w.-]+/g, '-')}`);
}
