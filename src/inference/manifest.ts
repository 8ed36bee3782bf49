import { z } from 'zod';
import { EMOTIONS, type Emotion } from '../emotions.ts';

export const MODEL_KINDS = ['functionals', 'sequence'] as const;
export type ModelKind = (typeof MODEL_KINDS)[number];

/** What a model folder says of itself (`manifest.json`). */
export interface ModelManifest {
  readonly formatVersion: 1;
  /** What the network sees: a window's functionals (the default), or the hops themselves. */
  readonly kind?: ModelKind;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** The features it was trained on; another hash refuses to load. */
  readonly featureSet: { readonly name: string; readonly hash: string; readonly length: number };
  readonly labels: readonly Emotion[];
  /** The analysis it was trained for, the default of servers that load it. */
  readonly analysis: { readonly windowMs: number; readonly stepMs: number };
  /**
   * z = (x − mean) / deviation, clipped to ± clip; what is not a number becomes 0. One value per feature; of a sequence network per
   * input, the mean being what a stream begins with.
   */
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
    /** A channel whose last window had a label, or was unsure, keeps it down to this share; default `minSpeechRatio`. */
    readonly keepSpeechRatio?: number;
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
      /** Ids of the speakers, `corpus/speaker`; where it is not there, all of the corpus was trained with. */
      readonly heard?: readonly string[] | undefined;
    }[];
    readonly seed: number;
    readonly command: string;
  };
  /** Headline figures on held-out speakers; the full set is in metrics.json. */
  readonly metrics: Readonly<Record<string, number>>;
  /** SHA-256, hex, of the files that the network is made of (model.json and its weights), by name. */
  readonly files: Readonly<Record<string, string>>;
}

const text = z.string().min(1);
const share = z.number().min(0).max(1);
const count = z.int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in lower-case hex');
const rising = (values: readonly number[]): boolean => values.every((value, i) => i === 0 || value >= values[i - 1]!);

export const manifestSchema = z
  .object({
    formatVersion: z.literal(1),
    kind: z.enum(MODEL_KINDS).exactOptional(),
    name: text,
    version: text,
    description: z.string(),
    featureSet: z.object({ name: text, hash: text, length: z.int().positive() }),
    labels: z
      .array(z.enum(EMOTIONS))
      .min(2)
      .refine((labels) => new Set(labels).size === labels.length, 'names a label twice'),
    analysis: z.object({
      windowMs: z.int().min(500).max(30_000).multipleOf(10),
      stepMs: z.int().min(100).max(30_000).multipleOf(10),
    }),
    normalisation: z.object({
      mean: z.array(z.number()),
      deviation: z.array(z.number().positive()),
      clip: z.number().positive(),
    }),
    calibration: z
      .object({
        temperature: z.number().positive(),
        confidence: z
          .object({ score: z.array(share).min(1), accuracy: z.array(share).min(1) })
          .refine(({ score, accuracy }) => score.length === accuracy.length, 'score and accuracy differ in length')
          .refine(({ score, accuracy }) => rising(score) && rising(accuracy), 'score or accuracy falls'),
        threshold: share,
        minSpeechRatio: share,
        keepSpeechRatio: share.exactOptional(),
      })
      .refine(
        ({ minSpeechRatio, keepSpeechRatio = 0 }) => keepSpeechRatio <= minSpeechRatio,
        'takes more speech to keep a label than to get one',
      ),
    smoothing: z.object({ timeConstantMs: z.number().nonnegative(), hysteresis: share }),
    training: z.object({
      corpora: z.array(
        z.object({
          name: text,
          licence: text,
          clips: count,
          speakers: count,
          hours: z.number().nonnegative(),
          heard: z.array(text).optional(),
        }),
      ),
      seed: z.int(),
      command: z.string(),
    }),
    metrics: z.record(z.string(), z.number()),
    // A plain name: a manifest cannot make the loader read outside its folder.
    files: z.record(z.string().regex(/^[\w-][\w.-]*$/, 'is not a plain file name'), sha256),
  })
  .refine(
    ({ kind, featureSet, normalisation }) =>
      normalisation.mean.length === normalisation.deviation.length &&
      (kind === 'sequence' || normalisation.mean.length === featureSet.length),
    { path: ['normalisation'], error: 'does not have one mean and deviation per feature' },
  )
  .refine(({ files }) => 'model.json' in files, { path: ['files'], error: 'does not name model.json' });

/** Reads a manifest; throws an `Error` that says in one phrase what is wrong with it. */
export function parseManifest(json: string): ModelManifest {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new Error('manifest.json is not JSON');
  }
  const parsed = manifestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`manifest.json, ${issue?.path.join('.') || 'as a whole'}: ${issue?.message}`);
}
