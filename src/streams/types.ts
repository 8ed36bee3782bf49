import type { Observable } from 'rxjs';
import type { AudioFormat } from '../audio/index.ts';
import type { WindowModel } from '../inference/index.ts';
import type {
  AnalysisSettings,
  ChannelDescription,
  EndedEvent,
  StreamStatusCode,
  TimelineEvent,
} from '../protocol/index.ts';

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

/** What a stream is opened with; validated by whoever takes it from outside. */
export interface StreamOptions {
  readonly streamId: string;
  readonly callId: string;
  readonly format: AudioFormat;
  /** One per channel of the format. */
  readonly channels: readonly ChannelDescription[];
  readonly analysis: AnalysisSettings;
}

/** Analyses any number of streams with one model. */
export interface Analyzer {
  readonly model: WindowModel;
  open(options: StreamOptions): AnalyzerStream;
  /** Classifies every window that is due, now. */
  flush(): void;
}

/** One stream on its way through the pipeline. */
export interface AnalyzerStream {
  readonly options: StreamOptions;
  /** Completes after `ended`. Hot: subscribe before the first push. */
  readonly events: Observable<TimelineEvent>;
  /** Samples a channel received so far, with the gaps. */
  readonly receivedSamples: number;
  /** Interleaved audio of the format, any length. Throws `audio-not-finite`. */
  push(bytes: Uint8Array): void;
  /** Audio that is missing: the timeline jumps by it. */
  gap(durationMs: number): void;
  /** A named moment at the present position. */
  mark(name: string): void;
  /** Puts a condition of the stream on its timeline. */
  status(code: StreamStatusCode, message: string): void;
  /** Flushes the last windows, emits `ended` and completes. Idempotent. */
  stop(reason: EndedEvent['reason']): void;
}
