import type { Emotion } from '../emotions.ts';
import type { AlertChange, AlertSeverity } from './alert-change.ts';
import type { CallMetrics } from './call-metrics.ts';
import type {
  AddedVoice,
  AnalysisSettings,
  ChannelDescription,
  ChannelPosition,
  EndReason,
  ModelDescription,
  Probabilities,
  Role,
  UnknownReason,
} from './events.ts';
import type { Metadata } from './messages.ts';

/**
 * What the HTTP API answers and takes, in JSON. A **call** is one or more streams with one `callId`; a **leg** is one channel
 * of one stream. Positions are milliseconds of the call's time: of its first stream's, where a later stream is moved by the
 * time between their starts. Moments of the wall clock are ISO 8601 in UTC.
 */

/** One analysed channel of a call, with what is known of it so far. */
export interface LegSummary extends ChannelDescription {
  readonly streamId: string;
  readonly channel: number;
  /** By policy its emotions are not shown: it has neither shares nor figures. */
  readonly withheld?: true;
  readonly speechMs: number;
  readonly turns: number;
  /** Share of the labelled windows per emotion; empty where none has a label. */
  readonly shares: Probabilities;
  /** Share of the windows that have a label. */
  readonly coverage: number;
  /** Means over the labelled windows; `null` where there are none. */
  readonly arousal: number | null;
  readonly valence: number | null;
  /** The lowest mean valence of any 10 s that are half labelled at least, and where they begin; `null` where there are none. */
  readonly lowest: { readonly valence: number; readonly startMs: number } | null;
}

/** `lost`: the server ended without ending it; what came until then is kept. */
export type CallState = 'live' | 'ended' | 'lost';

export interface CallStream {
  readonly streamId: string;
  readonly startedAt: string;
  /** Of its first sample, in the call's time. */
  readonly offsetMs: number;
  readonly durationMs: number;
  readonly endReason: EndReason | null;
  readonly model: ModelDescription;
  readonly analysis: AnalysisSettings;
  readonly channels: readonly ChannelDescription[];
}

export interface CallSummary {
  readonly callId: string;
  readonly state: CallState;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly durationMs: number;
  readonly legs: readonly LegSummary[];
  readonly alerts: {
    readonly raised: number;
    readonly open: number;
    /** Of all that were raised. */
    readonly highest: AlertSeverity | null;
    readonly rules: readonly string[];
  };
  readonly metadata: Metadata;
  /** Whether its audio was kept. */
  readonly recorded: boolean;
  /** Where events could not be kept (a full disk), how many are missing. */
  readonly missingEvents: number;
}

/** `GET /v1/calls`: newest first; `next` is what `cursor` takes, `null` on the last page. */
export interface CallPage {
  readonly calls: readonly CallSummary[];
  readonly next: string | null;
}

/** The query of `GET /v1/calls`; every condition must hold. Repeated keys of `emotion`, `alert`: one of them. */
export interface CallFilter {
  /** Started at or after; ISO 8601. */
  readonly from?: string;
  /** Started before. */
  readonly to?: string;
  readonly state?: CallState;
  /** The conditions on emotion hold for a leg of this role. */
  readonly role?: Role;
  /** A leg has this emotion in at least `minShare` of its labelled windows. */
  readonly emotion?: readonly Emotion[];
  /** 0 to 1; default 0.1. */
  readonly minShare?: number;
  /** A rule of this name was raised; `*` any. */
  readonly alert?: readonly string[];
  /** `metadata.KEY=VALUE` in the query: equal as text. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Text that is in the call id or in a value of its metadata, whatever its case. */
  readonly text?: string;
  /** 1 to 200; default 50. */
  readonly limit?: number;
  readonly cursor?: string;
}

export const ALERT_ACTIONS = ['acknowledge', 'snooze', 'take', 'release', 'mark-wrong', 'reopen'] as const;
export type AlertAction = (typeof ALERT_ACTIONS)[number];

/** What a supervisor did with an alert. */
export interface AlertHandling {
  readonly action: AlertAction;
  /** The name the supervisor gave. */
  readonly by: string;
  readonly at: string;
  /** Of `snooze`: until when it is quiet. */
  readonly until?: string;
  readonly note?: string;
}

/** `POST /v1/alerts/ID`: `by` may stand in the header `X-Undertone-By` instead. */
export interface AlertRequest {
  readonly action: AlertAction;
  readonly by: string;
  /** Of `snooze`: ISO 8601, later than now, a week at most. */
  readonly until?: string;
  readonly note?: string;
}

/** An alert from its raise to its clear. */
export interface CallAlert extends Omit<AlertChange, 'state'> {
  /** Names it in paths: `STREAM:CURSOR` of its raised event. */
  readonly alertId: string;
  readonly callId: string;
  readonly streamId: string;
  readonly raisedAt: string;
  /** Where it was cleared; `null` while it is raised. */
  readonly clearedMs: number | null;
  /** In order. */
  readonly handling: readonly AlertHandling[];
  /** Who has taken it; `null` for nobody. */
  readonly takenBy: string | null;
  readonly acknowledged: boolean;
  readonly wrong: boolean;
  readonly snoozedUntil: string | null;
}

/** `GET /v1/calls/ID`. */
export interface CallDetail extends CallSummary {
  readonly streams: readonly CallStream[];
  readonly metrics: CallMetrics;
  readonly allAlerts: readonly CallAlert[];
  readonly marks: readonly { readonly name: string; readonly atMs: number }[];
  readonly corrections: readonly Correction[];
  /** Names of other models' analyses of its recording. */
  readonly analyses: readonly KeptAnalysis[];
}

/** A label that a supervisor set right. */
export interface Correction {
  readonly correctionId: string;
  readonly callId: string;
  readonly streamId: string;
  readonly channel: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly label: Emotion;
  readonly by: string;
  readonly at: string;
}

/** A recording analysed again. Its timeline: `/v1/calls/ID/timeline?analysis=ANALYSIS_ID`. */
export interface KeptAnalysis {
  readonly analysisId: string;
  readonly model: ModelDescription;
  readonly at: string;
  readonly state: 'running' | 'done' | 'failed';
  /** Share of the windows with a label in both that have the same one; `null` until it is done, and where there are none. */
  readonly agreement: number | null;
}

/** What the page draws of a window: a window of a timeline with `format=points` is one of these. Times of the call. */
export interface TimelinePoint {
  readonly endMs: number;
  readonly label: Emotion | 'unknown';
  readonly reason?: UnknownReason;
  readonly score: number;
  readonly confidence: number;
  /** In the order of `TimelinePoints.labels`, three decimals. */
  readonly probabilities: readonly number[];
  readonly arousal: number;
  readonly valence: number;
  readonly speechRatio: number;
  readonly levelDb: number;
  readonly pitchSemitones: AddedVoice['pitchSemitones'];
}

export interface TimelineLeg extends ChannelPosition {
  readonly streamId: string;
  /** By policy its emotions are not shown: every label is `unknown`, and the figures are 0. */
  readonly withheld?: true;
  readonly points: readonly TimelinePoint[];
  readonly turns: readonly { readonly startMs: number; readonly endMs: number; readonly label: Emotion | 'unknown' }[];
}

/** `GET /v1/calls/ID/timeline?format=points`. */
export interface TimelinePoints {
  readonly callId: string;
  readonly durationMs: number;
  readonly labels: readonly Emotion[];
  readonly legs: readonly TimelineLeg[];
}

/** One leg of a live call as the floor shows it. */
export interface FloorLeg extends ChannelDescription {
  readonly streamId: string;
  readonly channel: number;
  readonly label: Emotion | 'unknown';
  readonly reason: UnknownReason | null;
  readonly score: number;
  readonly confidence: number;
  readonly arousal: number;
  readonly valence: number;
  /** By policy its emotions are not shown: `label` is `unknown`, `reason` null, the figures 0 and `recent` empty. */
  readonly withheld: boolean;
  /** Whether it has spoken in the last window. */
  readonly speaking: boolean;
  /** Valence of the last 60 s, a value every 2 s, oldest first; `null` where there was no label. */
  readonly recent: readonly (number | null)[];
}

export interface FloorCall {
  readonly callId: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly legs: readonly FloorLeg[];
  /** Raised now, the most severe first. */
  readonly alerts: readonly FloorAlert[];
  /** 0 to 1: what the floor is sorted by. */
  readonly urgency: number;
  readonly metadata: Metadata;
  readonly paused: boolean;
}

export interface FloorAlert {
  readonly alertId: string;
  readonly rule: string;
  readonly severity: AlertSeverity;
  readonly sinceMs: number;
  readonly takenBy: string | null;
  readonly acknowledged: boolean;
  readonly wrong: boolean;
  readonly snoozedUntil: string | null;
}

/**
 * `GET /v1/streams`: `{calls}`. As server-sent events, `GET /v1/floor`: first an event `floor` with all of them, then, once a
 * second at most, events `changes`.
 */
export interface FloorSnapshot {
  readonly at: string;
  readonly calls: readonly FloorCall[];
}

export interface FloorChanges {
  readonly at: string;
  /** New calls and those that changed, whole. */
  readonly calls: readonly FloorCall[];
  /** Calls that have ended. */
  readonly gone: readonly string[];
}

/** `GET /v1/day?date=YYYY-MM-DD&utcOffsetMinutes=N`: what the heat map of a day shows. */
export interface DayHeat {
  readonly date: string;
  /** By hour of that day, 24. Shares are of the labelled time of the calls that started in it. */
  readonly hours: readonly { readonly calls: number; readonly alerts: number; readonly shares: Probabilities }[];
}

/** `GET /v1/settings`. What a server was not started with is `null`, and the page says so. */
export interface DeskSettings {
  readonly version: string;
  readonly model: ModelDescription;
  /** Folders of models that a recording can be analysed with again, by name. */
  readonly models: readonly string[];
  readonly store: {
    readonly kind: 'sqlite' | 'postgres';
    readonly failing: string | null;
    readonly droppedEvents: number;
  } | null;
  /** `null`: kept until erased. */
  readonly retentionDays: number | null;
  readonly recording: boolean;
  readonly keyRequired: boolean;
  readonly policy: DeskPolicy;
}

/** Whose emotions may be looked at, as the deployer decided; the law is in docs/policy.md. */
export interface DeskPolicy {
  /** Roles whose emotions are shown and alerted on; of the others only talk, silence and overtalk are. */
  readonly analysedRoles: readonly Role[];
  /** What people were told; shown beside the policy. */
  readonly notice: string;
}

/** `PUT /v1/settings` takes any of these. */
export interface DeskSettingsChange {
  readonly retentionDays?: number | null;
  readonly policy?: DeskPolicy;
}

/** `GET /v1/rules`; `PUT` takes the same with the `revision` that it was made from. */
export interface RulesText {
  /** YAML or JSON. */
  readonly text: string;
  readonly revision: string;
  /** In answers: warnings of these rules, and what is wrong with a newer file that was not taken for it. */
  readonly problems?: readonly RulesProblem[];
}

export interface RulesProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** The rules are in force in spite of it. */
  readonly warning?: true;
}

/** `POST /v1/rules/test` takes `{text, callId}`. With problems that are no warnings there are no alerts. */
export interface RulesTest {
  readonly problems: readonly RulesProblem[];
  readonly alerts: readonly AlertChange[];
}

/** `GET /v1/audit`: newest first. Who did what; erased values are never in it. */
export interface AuditEntry {
  readonly at: string;
  readonly by: string;
  readonly action: string;
  /** Of what; an id, or a count. */
  readonly subject: string;
}
