import type {
  AlertHandling,
  AnalysisSettings,
  AuditEntry,
  CallAlert,
  CallDetail,
  CallFilter,
  CallPage,
  CallSummary,
  ChannelDescription,
  Correction,
  DayHeat,
  EndReason,
  KeptAnalysis,
  Metadata,
  ModelDescription,
  Role,
  TimelinePoints,
} from '../protocol/index.ts';

/** A stream that begins, as the store is told. */
export interface StreamOpening {
  /** Of this run of the stream; a stream's id may come again. */
  readonly runId: string;
  readonly streamId: string;
  readonly callId: string;
  /** ms since 1970. */
  readonly startedAtMs: number;
  readonly model: ModelDescription;
  readonly analysis: AnalysisSettings;
  readonly channels: readonly ChannelDescription[];
  readonly metadata: Metadata;
}

/** What goes to the store, in order. Bytes are those every subscriber got; `atMs` is of the wall clock, ms since 1970. */
export type StoreItem =
  | { readonly kind: 'opened'; readonly stream: StreamOpening }
  | { readonly kind: 'event'; readonly runId: string; readonly bytes: Uint8Array; readonly atMs: number }
  | { readonly kind: 'closed'; readonly runId: string; readonly reason: EndReason; readonly atMs: number }
  | { readonly kind: 'recorded'; readonly runId: string; readonly file: string; readonly bytes: number }
  /** Events that were dropped before they could be written. */
  | { readonly kind: 'missing'; readonly runId: string; readonly events: number };

/** What is kept of a stream, as the exports and the report want it. */
export interface KeptTimeline {
  /** With the other model, where it is the timeline of another analysis. */
  readonly stream: StreamOpening;
  /** Of its first sample, in the call's time. */
  readonly offsetMs: number;
  /** Events as they were sent, in order: in the stream's own time. */
  readonly events: readonly string[];
}

export type AnalysisResult =
  | {
      readonly timelines: readonly { readonly streamId: string; readonly events: readonly string[] }[];
      /** `null`: no window has a label in both. */
      readonly agreement: number | null;
    }
  | 'failed';

export interface KeptRecording {
  readonly runId: string;
  readonly streamId: string;
  readonly file: string;
  readonly bytes: number;
}

export interface ErasedCalls {
  readonly callIds: readonly string[];
  /** Files of recordings that are to be removed with them, and with calls of an erasure before that could not be finished. */
  readonly recordings: readonly string[];
}

/** A webhook message that waits for its next attempt, or that nobody took. */
export interface KeptDelivery {
  readonly deliveryId: string;
  readonly endpoint: string;
  readonly callId: string | null;
  readonly body: string;
  readonly createdAtMs: number;
  readonly attempts: number;
  /** ms since 1970; `null` where it is dead. */
  readonly nextAttemptAtMs: number | null;
  readonly lastError: string | null;
}

/**
 * Everything that is kept. SQLite and PostgreSQL keep the same, and pass the same tests. Every promise rejects with
 * `store-unavailable` where the database does not answer. What is asked is answered in order, after all that was written
 * before; what waits in a `StoreWriter` is not there yet (`flush` it first).
 */
export interface Store {
  readonly kind: 'sqlite' | 'postgres';

  /**
   * All of it or nothing, and the same items once more change nothing. Events of a stream that was not opened, or that was
   * erased, are passed over; those that are no JSON of an event count as missing.
   */
  write(items: readonly StoreItem[]): Promise<void>;

  /**
   * @param roles the conditions on emotion hold for legs of these only; default: of all
   * @throws UndertoneError `invalid-query` for a time or a cursor that is none
   */
  calls(filter: CallFilter, roles?: readonly Role[]): Promise<CallPage>;
  call(callId: string): Promise<CallDetail | undefined>;
  summary(callId: string): Promise<CallSummary | undefined>;
  /** Streams of a call in the order of their start, or those of another analysis of its recording. */
  timeline(callId: string, analysisId?: string): Promise<readonly KeptTimeline[]>;
  points(callId: string, analysisId?: string): Promise<TimelinePoints | undefined>;
  /** @param roles the shares are of legs of these only; default: of all */
  day(date: string, utcOffsetMinutes: number, roles?: readonly Role[]): Promise<DayHeat>;
  /** Of a call, or all that there are. */
  recordings(callId?: string): Promise<readonly KeptRecording[]>;

  alert(alertId: string): Promise<CallAlert | undefined>;
  /** Adds it to what was done with the alert, whatever that was: who may do what is decided before. The same once more changes nothing. @throws UndertoneError `not-found` */
  handleAlert(alertId: string, handling: AlertHandling): Promise<CallAlert>;

  /** @throws UndertoneError `not-found` where there is no such call */
  correct(correction: Correction): Promise<void>;
  removeCorrection(correctionId: string, by: string): Promise<boolean>;
  corrections(callId?: string): Promise<readonly Correction[]>;

  /** @throws UndertoneError `not-found` where there is no such call */
  addAnalysis(callId: string, analysis: KeptAnalysis): Promise<void>;
  /** Events of the other model, by stream id, and how it ended. @throws UndertoneError `not-found` */
  finishAnalysis(analysisId: string, result: AnalysisResult): Promise<void>;

  /**
   * Erases for real: neither the file nor its write-ahead log holds a byte of it afterwards. `by` goes to the audit log; what
   * the log said of the call (`note` with its id, what was done to its alerts) stays there without saying of which.
   * Of a call that is still going on, or whose opening still waits in a `StoreWriter`, nothing more is kept.
   */
  eraseCall(callId: string, by: string): Promise<ErasedCalls>;
  /** All calls whose metadata has this value at this key. The value is not in the audit log. */
  eraseCaller(key: string, value: string, by: string): Promise<ErasedCalls>;
  /** Calls that ended before; ms since 1970. In the audit log, where there were any, by `retention`. */
  eraseBefore(endedBeforeMs: number): Promise<ErasedCalls>;

  /** Newest first. Handling of alerts, corrections and erasures are in it by themselves; the rest is noted. */
  audit(limit: number): Promise<readonly AuditEntry[]>;
  /** @param callId of the call that it is about: when that is erased, the subject is, too */
  note(entry: AuditEntry, callId?: string): Promise<void>;

  setting(key: string): Promise<string | undefined>;
  setSetting(key: string, value: string): Promise<void>;

  /** Adds it, or takes the place of the one with its id. */
  keepDelivery(delivery: KeptDelivery): Promise<void>;
  /** Waiting ones by their next attempt, dead ones newest first. */
  deliveries(state: 'waiting' | 'dead', limit?: number): Promise<readonly KeptDelivery[]>;
  /** It was taken. */
  removeDelivery(deliveryId: string): Promise<void>;

  close(): Promise<void>;
}
