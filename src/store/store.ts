import type {
  AlertAction,
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

/** What goes to the store, in order. Bytes are those every subscriber got. */
export type StoreItem =
  | { readonly kind: 'opened'; readonly stream: StreamOpening }
  | { readonly kind: 'event'; readonly runId: string; readonly bytes: Uint8Array; readonly atMs: number }
  | { readonly kind: 'closed'; readonly runId: string; readonly reason: EndReason; readonly atMs: number }
  | { readonly kind: 'recorded'; readonly runId: string; readonly file: string; readonly bytes: number }
  /** Events that were dropped before they could be written. */
  | { readonly kind: 'missing'; readonly runId: string; readonly events: number };

/** What is kept of a stream, as the exports and the report want it. */
export interface KeptTimeline {
  readonly stream: StreamOpening;
  /** Of its first sample, in the call's time. */
  readonly offsetMs: number;
  /** Events as they were sent, in order. */
  readonly events: readonly string[];
}

export interface ErasedCalls {
  readonly callIds: readonly string[];
  /** Files of recordings that are to be removed with them. */
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
 * `store-unavailable` where the database does not answer, with the driver's words as cause.
 */
export interface Store {
  readonly kind: 'sqlite' | 'postgres';

  /** All of it or nothing. */
  write(items: readonly StoreItem[]): Promise<void>;

  calls(filter: CallFilter): Promise<CallPage>;
  call(callId: string): Promise<CallDetail | undefined>;
  summary(callId: string): Promise<CallSummary | undefined>;
  /** Streams of a call in the order of their start, or those of another analysis of its recording. */
  timeline(callId: string, analysisId?: string): Promise<readonly KeptTimeline[]>;
  points(callId: string, analysisId?: string): Promise<TimelinePoints | undefined>;
  day(date: string, utcOffsetMinutes: number): Promise<DayHeat>;
  recordings(callId: string): Promise<readonly { readonly streamId: string; readonly file: string }[]>;

  alert(alertId: string): Promise<CallAlert | undefined>;
  /** @throws UndertoneError `not-found` */
  handleAlert(alertId: string, handling: AlertHandling): Promise<CallAlert>;

  correct(correction: Correction): Promise<void>;
  removeCorrection(correctionId: string, by: string): Promise<boolean>;
  corrections(callId?: string): Promise<readonly Correction[]>;

  addAnalysis(callId: string, analysis: KeptAnalysis): Promise<void>;
  /** Events of the other model, by stream id, and how it ended. */
  finishAnalysis(
    analysisId: string,
    result:
      | {
          readonly timelines: readonly { readonly streamId: string; readonly events: readonly string[] }[];
          readonly agreement: number;
        }
      | 'failed',
  ): Promise<void>;

  /** Erases for real: neither the file nor its write-ahead log holds a byte of it afterwards. `by` goes to the audit log. */
  eraseCall(callId: string, by: string): Promise<ErasedCalls>;
  /** All calls whose metadata has this value at this key. The value is not in the audit log. */
  eraseCaller(key: string, value: string, by: string): Promise<ErasedCalls>;
  /** Calls that ended before; ms since 1970. */
  eraseBefore(endedBeforeMs: number): Promise<ErasedCalls>;

  audit(limit: number): Promise<readonly AuditEntry[]>;
  note(entry: AuditEntry): Promise<void>;

  setting(key: string): Promise<string | undefined>;
  setSetting(key: string, value: string): Promise<void>;

  keepDelivery(delivery: KeptDelivery): Promise<void>;
  deliveries(state: 'waiting' | 'dead'): Promise<readonly KeptDelivery[]>;
  /** It was taken. */
  removeDelivery(deliveryId: string): Promise<void>;

  close(): Promise<void>;
}

export type { AlertAction };
