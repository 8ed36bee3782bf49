import type { Emotion } from '../emotions.ts';
import type { ModelManifest } from '../inference/index.ts';
import type { ClipFigures } from './clip-decisions.ts';
import type { MiniSetFigures } from './evaluation/mini-set.ts';
import type { FitOptions } from './fit.ts';
import type { ReliabilityBin } from './metrics.ts';
import type { SequenceFitOptions } from './sequence/fit-sequence.ts';
import type { StreamingMetrics } from './streaming-metrics.ts';

/** What `metrics.json` says: everything that was measured, and how. */
export interface TrainingReport {
  readonly labels: readonly Emotion[];
  readonly featureSet: ModelManifest['featureSet'];
  readonly seed: number;
  readonly quick: boolean;
  readonly parameters: number;
  readonly trainingMinutes: number;
  readonly fit: FitOptions | SequenceFitOptions;
  /** Epochs of the shipped model: the mean of the folds'. */
  readonly epochs: number;
  readonly folds: readonly {
    readonly test: readonly string[];
    readonly validation: readonly string[];
    readonly epochs: number;
    readonly temperature: number;
    readonly curve: readonly { readonly loss: number; readonly ua?: number }[];
  }[];
  /** By corpus, then condition: clips of speakers that the fold's model has not heard. */
  readonly clips: Readonly<Record<string, Readonly<Record<string, ClipFigures>>>>;
  readonly smoothing: {
    readonly chosen: ModelManifest['smoothing'];
    readonly trials: readonly {
      readonly timeConstantMs: number;
      readonly hysteresis: number;
      readonly ua: number;
      readonly followed: number;
      readonly medianDelayMs: number;
      readonly flipsPerMinute: number;
    }[];
  };
  /** By condition, on joined streams, with the threshold in force. */
  readonly streaming: Readonly<Record<string, StreamingMetrics>>;
  readonly confidence: { readonly ece: number; readonly bins: readonly ReliabilityBin[] };
  /** What the shipped model makes of made-up clips (`npm run pin:mini-set`): a test holds the model to it. */
  readonly miniSet?: MiniSetFigures;
  readonly coverage: readonly { readonly threshold: number; readonly coverage: number; readonly accuracy: number }[];
}

/** JSON with figures to four decimals, short lists on one line; what is infinite or not defined is null. */
export function reportJson(report: TrainingReport): string {
  const rounded = (_: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toFixed(4)) : value;
  const text = JSON.stringify(report, rounded, 1);
  return `${text.replace(/\[\s+((?:-?[\d.e-]+|null)(?:,\s+(?:-?[\d.e-]+|null))*)\s+\]/g, (_, list: string) => `[${list.replace(/\s+/g, ' ')}]`)}\n`;
}
