import type { Emotion } from '../emotions.ts';
import type { ErrorCode } from '../errors.ts';
import type { AlertChange } from './alert-change.ts';
import type { Stretch } from './call-metrics.ts';

/** Why a window has the label `unknown`. */
export const UNKNOWN_REASONS = ['silence', 'noise', 'low-confidence'] as const;
export type UnknownReason = (typeof UNKNOWN_REASONS)[number];

/** Who speaks on a channel. A name never implies a role. */
export const ROLES = ['customer', 'employee', 'bot', 'unknown'] as const;
export type Role = (typeof ROLES)[number];

export interface ChannelDescription {
  readonly name: string;
  readonly role: Role;
}

/** The analysis in force; window and step in ms, multiples of 10. */
export interface AnalysisSettings {
  readonly windowMs: number;
  readonly stepMs: number;
  /** Meyda extractors added by name; their means over the window are in `window.descriptors`. */
  readonly descriptors: readonly string[];
}

export interface ModelDescription {
  readonly name: string;
  readonly version: string;
  readonly hash: string;
  readonly labels: readonly Emotion[];
}

/** The first answer to `start`. Not numbered: it belongs to one connection. */
export interface StartedEvent {
  readonly type: 'started';
  readonly streamId: string;
  readonly callId: string;
  readonly resume: { readonly token: string };
  /** Samples a channel received so far; a client that resumes sends from here. */
  readonly receivedSamples: number;
  /** Marks received so far, for the same use. */
  readonly receivedMarks: number;
  readonly analysis: AnalysisSettings;
  readonly channels: readonly ChannelDescription[];
  readonly model: ModelDescription;
}

/** What every event of a stream's timeline carries. */
export interface Numbered {
  readonly streamId: string;
  /** Rises by one over all events of the stream; what `from` of a subscription takes. */
  readonly cursor: number;
}

export interface ChannelPosition {
  readonly channel: number;
  readonly channelName: string;
  readonly role: Role;
}

export type Probabilities = Readonly<Partial<Record<Emotion, number>>>;

/** Audio quality of a window. */
export interface WindowQuality {
  /** RMS level of the window, dB relative to full scale. */
  readonly levelDb: number;
  /** Share of samples at digital full scale, 0 to 1. */
  readonly clippedRatio: number;
}

/** The voice in the time that a window added to the one before it. */
export interface AddedVoice {
  /** Hops with speech. */
  readonly speechMs: number;
  /** Mean level of those hops, dB relative to full scale; `null` where there is none. */
  readonly levelDb: number | null;
  /** Mean pitch of the voiced hops, semitones above 27.5 Hz; `null` where there is none. */
  readonly pitchSemitones: number | null;
  /** Syllable nuclei that were found. */
  readonly syllables: number;
}

export interface WindowEvent extends Numbered, ChannelPosition {
  readonly type: 'window';
  /** From 0, without holes, per stream and channel; depends on the audio alone. */
  readonly seq: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly label: Emotion | 'unknown';
  readonly reason?: UnknownReason;
  /** Smoothed probability of the label; of the most probable emotion where the label is `unknown`. */
  readonly score: number;
  /** Calibrated probability that the label (or that most probable emotion) is right. */
  readonly confidence: number;
  /** Smoothed. */
  readonly probabilities: Probabilities;
  /** Unsmoothed. */
  readonly raw: Probabilities;
  /** −1 (calm) to 1 (excited). */
  readonly arousal: number;
  /** −1 (unpleasant) to 1 (pleasant). */
  readonly valence: number;
  /** Share of the window's hops that hold speech, 0 to 1. */
  readonly speechRatio: number;
  /** The turn that is open at the window's end, from its start to its last speech; `null` until it holds 200 ms of speech. */
  readonly openTurn: Stretch | null;
  readonly added: AddedVoice;
  readonly quality: WindowQuality;
  /** Means over the window of the descriptors asked for by name; `null` where none is defined. */
  readonly descriptors?: Readonly<Record<string, number | null>>;
  /** From the arrival of the packet that completed the window to the emission of this event; 0 where there is no clock. */
  readonly latencyMs: number;
}

/** Consecutive windows of one label, merged; emitted when the label changes or the stream ends. */
export interface SegmentEvent extends Numbered, ChannelPosition {
  readonly type: 'segment';
  readonly startMs: number;
  readonly endMs: number;
  readonly label: Emotion | 'unknown';
  readonly meanScore: number;
  readonly windows: number;
}

/** A stretch of speech of one channel between pauses; emitted when it has ended. */
export interface TurnEvent extends Numbered, ChannelPosition {
  readonly type: 'turn';
  readonly startMs: number;
  readonly endMs: number;
  /** The label that held most of the turn's windows; `unknown` if none had one. */
  readonly label: Emotion | 'unknown';
  readonly arousal: number;
  readonly valence: number;
}

/** A named moment sent by the client. */
export interface MarkEvent extends Numbered {
  readonly type: 'mark';
  readonly name: string;
  readonly atMs: number;
}

/** A rule raised or cleared; comes right after the event that caused it, and before `ended`. */
export interface AlertEvent extends Numbered, AlertChange {
  readonly type: 'alert';
}

/**
 * A condition of a stream, numbered: `paused` when its producer was lost or said so, `resumed` when it went on, and what
 * the audio shows.
 */
export const STREAM_STATUS_CODES = ['gap', 'low-quality', 'half-sample', 'overload', 'paused', 'resumed'] as const;
export type StreamStatusCode = (typeof STREAM_STATUS_CODES)[number];

/**
 * A condition of one connection, not numbered: `slow-consumer` events were dropped because it reads too slowly,
 * `history-truncated` those asked for are gone, `draining` the server shuts down, `waiting` the stream is not there yet.
 */
export const CONNECTION_STATUS_CODES = ['slow-consumer', 'history-truncated', 'draining', 'waiting'] as const;
export type ConnectionStatusCode = (typeof CONNECTION_STATUS_CODES)[number];

export const END_REASONS = ['stop', 'disconnect', 'shutdown', 'error'] as const;
export type EndReason = (typeof END_REASONS)[number];

export interface StreamStatusEvent extends Numbered {
  readonly type: 'status';
  readonly code: StreamStatusCode;
  readonly message: string;
  readonly channel?: number;
  readonly startMs?: number;
  readonly endMs?: number;
}

export interface ConnectionStatusEvent {
  readonly type: 'status';
  readonly code: ConnectionStatusCode;
  readonly message: string;
  readonly streamId?: string;
  /** `history-truncated`: the oldest cursor that is still there. */
  readonly oldestCursor?: number;
}

/** Samples a channel received so far, so that a client knows what it may forget. Not numbered. */
export interface AckEvent {
  readonly type: 'ack';
  readonly streamId: string;
  readonly receivedSamples: number;
}

export interface ChannelSummary extends ChannelPosition {
  readonly windows: number;
  readonly speechMs: number;
  readonly turns: number;
  /** Share of the labelled windows per emotion. */
  readonly shares: Probabilities;
  /** Share of the windows that have a label. */
  readonly coverage: number;
  readonly arousal: number;
  readonly valence: number;
}

export interface EndedEvent extends Numbered {
  readonly type: 'ended';
  readonly reason: EndReason;
  readonly durationMs: number;
  readonly channels: readonly ChannelSummary[];
}

export interface ErrorEvent {
  readonly type: 'error';
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
}

/** Events of a stream's timeline: the same bytes for every subscriber. */
export type TimelineEvent =
  | WindowEvent
  | SegmentEvent
  | TurnEvent
  | MarkEvent
  | AlertEvent
  | StreamStatusEvent
  | EndedEvent;

/** Everything a server sends. */
export type ServerEvent = StartedEvent | TimelineEvent | ConnectionStatusEvent | AckEvent | ErrorEvent;
