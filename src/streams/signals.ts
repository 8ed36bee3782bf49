import type { HeardWindow } from '../inference/index.ts';
import type { AddedVoice, StreamStatusCode, Stretch, WindowQuality } from '../protocol/index.ts';
import type { AlertRule } from './alerts/index.ts';

/** What enters the pipeline of a stream. Its end is the completion of the source. */
export type StreamInput = { readonly kind: 'audio'; readonly bytes: Uint8Array } | GapSignal | Aside;

/** What travels beside the audio and keeps its place in the order. */
export type Aside =
  | { readonly kind: 'mark'; readonly name: string; readonly atMs: number }
  | {
      readonly kind: 'status';
      readonly code: StreamStatusCode;
      readonly message: string;
      readonly startMs?: number;
      readonly endMs?: number;
    }
  /** Alert rules that are in force from here on. */
  | { readonly kind: 'rules'; readonly rules: readonly AlertRule[] };

/**
 * Samples of one channel. These three, `samples`, `hop` and `row`, are reused from item to item: whoever wants to keep one
 * copies it. That is what keeps the path free of allocations.
 */
export interface SamplesSignal {
  readonly kind: 'samples';
  channel: number;
  samples: Float32Array;
}

/** The 40 ms of one channel that end with a hop. */
export interface HopSignal {
  readonly kind: 'hop';
  channel: number;
  frame: Float32Array;
}

/** The low-level descriptors of one hop of one channel. */
export interface RowSignal {
  readonly kind: 'row';
  channel: number;
  row: Float32Array;
  /** Of the hop's 160 samples, how many stand at full scale. */
  clipped: number;
}

/** Missing audio, the same on every channel; in samples of the rate at hand, so that no rounding adds up. */
export interface GapSignal {
  readonly kind: 'gap';
  readonly samples: number;
}

/** Hops of every channel that are passed over. */
export interface JumpSignal {
  readonly kind: 'jump';
  readonly hops: number;
}

/** A window that is due: what the model will see, and where it stands. */
export interface DueWindow {
  readonly kind: 'window';
  readonly channel: number;
  readonly seq: number;
  readonly startMs: number;
  readonly endMs: number;
  /** `featureSet.length` functionals, its own copy; empty where the model hears the hops themselves. */
  readonly features: Float32Array;
  /** What such a model has heard until the window's end. */
  readonly heard?: HeardWindow;
  readonly speechRatio: number;
  /** The turn that is open at its end. */
  readonly openTurn: Stretch | null;
  /** The voice in the time that this window added to the one before it. */
  readonly added: AddedVoice;
  readonly quality: WindowQuality;
  readonly descriptors?: Readonly<Record<string, number | null>>;
  /** When the packet arrived that completed it, on the analyzer's clock. */
  readonly arrivedAtMs: number;
}

/** Speech of one channel that has ended with a pause. */
export interface TurnEnd {
  readonly kind: 'turn';
  readonly channel: number;
  readonly startMs: number;
  readonly endMs: number;
}

/** What windows share the order of their stream with, once they are due. */
export type Beside = TurnEnd | Aside;

/** A due window with the model's answer. */
export interface Prediction {
  readonly kind: 'prediction';
  readonly window: DueWindow;
  /** One per label of the model, its own copy. */
  readonly logits: Float32Array;
}

/** A window with probabilities, before and after smoothing, one per label of the model. */
export interface Calibrated {
  readonly kind: 'calibrated';
  readonly window: DueWindow;
  readonly raw: Float32Array;
}

export interface Smoothed {
  readonly kind: 'smoothed';
  readonly window: DueWindow;
  readonly raw: Float32Array;
  readonly probabilities: Float32Array;
}
