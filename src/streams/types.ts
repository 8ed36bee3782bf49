import type { Observable } from 'rxjs';
import type { AudioFormat } from '../audio/index.ts';
import type { Emotion } from '../emotions.ts';
import type { WindowModel } from '../inference/index.ts';
import type {
  AlertChange,
  AnalysisSettings,
  ChannelDescription,
  EndedEvent,
  StreamStatusCode,
  TimelineEvent,
} from '../protocol/index.ts';
import type { AlertRule } from './alerts/index.ts';

export interface AnalyzerOptions {
  readonly model: WindowModel;
  /**
   * Called when windows are due and none were before; it must call `run` once, later or at once. All windows due by then,
   * of all streams, go through the model in one call. Default: at once.
   */
  readonly schedule?: (run: () => void) => void;
  /** Milliseconds, monotonic; for `latencyMs`. Default: no clock, `latencyMs` is 0. */
  readonly clock?: () => number;
  /** Windows of one model call at most. Default 64. */
  readonly maxBatch?: number;
}

/**
 * Where a stream stands: enough to go on elsewhere with the same numbers, cursors, sequences and segments. What its windows
 * heard is not in it. Plain data, so that it can be sent.
 */
export interface Checkpoint {
  /** Of the next event. */
  readonly cursor: number;
  readonly channels: readonly ChannelCheckpoint[];
  /** Alerts that are raised. What their rules know is not kept: elsewhere they are cleared as `interrupted`, and judged anew. */
  readonly raised?: readonly AlertChange[];
}

export interface ChannelCheckpoint {
  /** Windows so far: the sequence number of the next one. */
  readonly windows: number;
  /** The end of the last window, ms. */
  readonly endMs: number;
  readonly speechMs: number;
  readonly turns: number;
  /** Windows per emotion, of those that had a label; sums of their arousal and valence. */
  readonly labelled: Readonly<Partial<Record<Emotion, number>>>;
  readonly arousal: number;
  readonly valence: number;
  readonly segment: OpenSegment;
}

/** A segment that has not ended: its label, where it began, and the sum of the scores of its windows. */
export interface OpenSegment {
  readonly startMs: number;
  readonly endMs: number;
  readonly label: Emotion | 'unknown' | undefined;
  readonly scores: number;
  readonly windows: number;
}

/** What a stream is opened with; validated by whoever takes it from outside. */
export interface StreamOptions {
  readonly streamId: string;
  readonly callId: string;
  readonly format: AudioFormat;
  /** One per channel of the format. */
  readonly channels: readonly ChannelDescription[];
  readonly analysis: AnalysisSettings;
  /** Alert rules; what they raise and clear is on the timeline as `alert`. Plain data, as `readAlertRules` gives it. */
  readonly rules?: readonly AlertRule[];
  /** Length of a recorded call, ms. Without it, rules with a range in percent are not judged. */
  readonly lengthMs?: number;
  /** Goes on from there: at the end of the last window of all channels, or at the first hop after the earliest of them. */
  readonly from?: Checkpoint;
}

/** Analyses any number of streams with one model; `Event` is the form in which their events come. */
export interface Analyzer<Event = TimelineEvent> {
  readonly model: WindowModel;
  open(options: StreamOptions): AnalyzerStream<Event>;
  /** Classifies every window that is due, now. */
  flush(): void;
}

/** What a stream that is analysed in another thread tells beside its events. */
export interface StreamObserver {
  /** It has room again. */
  room(): void;
  /** What was pushed could not be analysed; `push` would have thrown it. The stream is to be stopped. */
  failed(error: unknown): void;
}

/** One stream on its way through the pipeline. */
export interface AnalyzerStream<Event = TimelineEvent> {
  readonly options: StreamOptions;
  /** Completes after `ended`. Hot: subscribe before the first push. */
  readonly events: Observable<Event>;
  /** Whether nothing may be pushed now, because what was waits in another thread. Left out: never. */
  readonly full?: boolean;
  /** Bytes that wait in another thread. Left out: none. */
  readonly waitingBytes?: number;
  /** Left out where the analysis is done inside `push`. */
  observe?(observer: StreamObserver): void;
  /** Samples a channel received so far, with the gaps. */
  readonly receivedSamples: number;
  /**
   * Interleaved audio of the format, any length. Throws `audio-not-finite`.
   * @param arrivedAtMs when it arrived, on the analyzer's clock; left out: now.
   */
  push(bytes: Uint8Array, arrivedAtMs?: number): void;
  /** Audio that is missing: the timeline jumps by it, and says so in the sentence given or in its own. */
  gap(durationMs: number, message?: string): void;
  /** A named moment at the present position. */
  mark(name: string): void;
  /** Puts a condition of the stream on its timeline. */
  status(code: StreamStatusCode, message: string): void;
  /** From now on windows end at multiples of `factor` steps only; 1: at every step. */
  stretch(factor: number): void;
  /**
   * Alert rules instead of those of the options, for every window that ends after what was pushed so far. A rule that is defined as one before goes
   * on; alerts of the others are cleared.
   */
  replaceRules(rules: readonly AlertRule[]): void;
  /** Flushes the last windows, emits `ended` and completes, later where the analysis is done elsewhere. Idempotent. */
  stop(reason: EndedEvent['reason']): void;
}
