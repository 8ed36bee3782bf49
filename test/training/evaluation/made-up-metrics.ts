import type { ConditionName } from '../../../src/training/conditions.ts';
import type { FoldRecord, MeasuredFold } from '../../../src/training/evaluation/fold-record.ts';
import type { ClipPrediction, Predictions } from '../../../src/training/evaluation/predictions.ts';
import { type EvaluationMetrics, summarise } from '../../../src/training/evaluation/summary.ts';
import type { ClassLabel } from '../../../src/training/labels.ts';
import { Random } from '../../../src/training/random.ts';

const LABELS: readonly ClassLabel[] = ['anger', 'happiness', 'neutral', 'sadness', 'calm'];

export interface MadeUp {
  readonly conditions?: readonly ConditionName[];
  readonly speakersOfFold?: number;
  /** How speakers are called after their number. */
  readonly suffix?: string;
  readonly curve?: FoldRecord['curve'];
}

/** Predictions of a classifier that does not exist, two seeds and three folds; the same every time. */
export function madeUpFolds({
  conditions = ['clean', 'phone'],
  speakersOfFold = 3,
  suffix = '',
  curve,
}: MadeUp = {}): MeasuredFold[] {
  return [1, 2].flatMap((seed) =>
    [1, 2, 3].map((fold): MeasuredFold => {
      const speakers = Array.from({ length: speakersOfFold }, (_, index) => `ravdess/${100 * fold + index}${suffix}`);
      const record: FoldRecord = {
        protocol: 'emobox-ravdess',
        fold: String(fold),
        folds: 3,
        seed,
        subject: 'mlp',
        configuration: 'c',
        settingsHash: `${seed} ${fold}`,
        trained: true,
        labels: LABELS,
        speakers: { train: ['ravdess/01'], validation: ['ravdess/02'], test: speakers },
        clips: { train: 100, validation: 20, test: 20 * speakersOfFold },
        trainedIn: ['clean', 'varied'],
        parameters: 75_143,
        settings: { epochs: 20 + fold },
        temperature: 1.1,
        curve: curve ?? Array.from({ length: 12 }, (_, epoch) => ({ loss: 2 / (epoch + 1), ua: 0.3 + 0.02 * epoch })),
        trainingSeconds: 61.5,
        predictions: {},
      };
      return {
        record,
        conditions: new Map(
          conditions.map((name, index) => [name, predictions(`${seed} ${fold} ${name}`, speakers, 2 - index)]),
        ),
      };
    }),
  );
}

export const madeUpMetrics = (of?: MadeUp): EvaluationMetrics => summarise(madeUpFolds(of));

function predictions(seed: string, speakers: readonly string[], skill: number): Predictions {
  const random = new Random(seed);
  const rows = speakers.flatMap((speaker, number) =>
    Array.from({ length: 20 }, (_, clip): ClipPrediction => {
      const truth = clip % LABELS.length;
      const weights = LABELS.map((__, label) => Math.exp(random.normal() + (label === truth ? skill : 0)));
      const whole = weights.reduce((sum, value) => sum + value, 0);
      return {
        clip: `${speaker}-${clip}`,
        speaker,
        gender: number % 2 === 0 ? 'female' : 'male',
        truth: LABELS[truth]!,
        guess: LABELS[weights.indexOf(Math.max(...weights))]!,
        probabilities: weights.map((value) => value / whole),
      };
    }),
  );
  return { labels: LABELS, rows };
}
