import type { Emotion } from '../emotions.ts';

/** What a model folder says of itself (`manifest.json`). */
export interface ModelManifest {
  readonly formatVersion: 1;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** The features it was trained on; another hash refuses to load. */
  readonly featureSet: { readonly name: string; readonly hash: string; readonly length: number };
  readonly labels: readonly Emotion[];
  /** The analysis it was trained for, the default of servers that load it. */
  readonly analysis: { readonly windowMs: number; readonly stepMs: number };
  /** z = (x − mean) / deviation, clipped to ± clip. One value per feature. */
  readonly normalisation: {
    readonly mean: readonly number[];
    readonly deviation: readonly number[];
    readonly clip: number;
  };
  readonly calibration: {
    /** Logits are divided by it before the softmax. */
    readonly temperature: number;
    /** Piecewise linear map from smoothed top probability to the share of right labels, on held-out speakers; both rising. */
    readonly confidence: { readonly score: readonly number[]; readonly accuracy: readonly number[] };
    /** Below this confidence the label is `unknown` for `low-confidence`. */
    readonly threshold: number;
    /** Below this share of speech in the window the label is `unknown` for `silence` or `noise`. */
    readonly minSpeechRatio: number;
  };
  readonly smoothing: {
    /** Time constant of the causal filter over windows, ms. */
    readonly timeConstantMs: number;
    /** A new label must lead the current one by this much smoothed probability. */
    readonly hysteresis: number;
  };
  readonly training: {
    readonly corpora: readonly {
      readonly name: string;
      readonly licence: string;
      readonly clips: number;
      readonly speakers: number;
      readonly hours: number;
    }[];
    readonly seed: number;
    readonly command: string;
  };
  /** Headline figures on held-out speakers; the full set is in metrics.json. */
  readonly metrics: Readonly<Record<string, number>>;
  /** SHA-256, hex, of the other files of the folder, by name. */
  readonly files: Readonly<Record<string, string>>;
}
