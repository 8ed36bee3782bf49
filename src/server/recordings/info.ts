import type {
  AnalysisSettings,
  ChannelDescription,
  EndReason,
  StreamStatusCode,
  WireFormat,
} from '../../protocol/index.ts';

import type { AlertRule } from '../../streams/index.ts';

/** A stream as its recording describes it. */
export interface RecordingInfo {
  readonly runId: string;
  readonly streamId: string;
  readonly callId: string;
  /** ms since 1970. */
  readonly startedAtMs: number;
  readonly format: WireFormat;
  readonly channels: readonly ChannelDescription[];
  readonly analysis: AnalysisSettings;
}

/** What stands between the audio of a recording, at its place. */
export type RecordingNote =
  /** Missing audio, as it was told. */
  | { readonly kind: 'gap'; readonly durationMs: number }
  | { readonly kind: 'mark'; readonly name: string }
  | { readonly kind: 'status'; readonly code: StreamStatusCode; readonly message: string }
  | { readonly kind: 'stretch'; readonly factor: number }
  /** Alert rules that are in force from here on. Their form is that of the version that wrote them. */
  | { readonly kind: 'rules'; readonly rules: readonly AlertRule[] };

export interface RecordingEnd {
  readonly reason: EndReason;
}

/** Samples of a channel that a gap stands for: as many as the analysis jumps over. */
export const gapSamples = (durationMs: number, { sampleRateHz }: WireFormat): number =>
  Math.max(0, Math.round((durationMs * sampleRateHz) / 1000));

/** JSON has no ∞, which is the end of a rule's time where it has none. */
const INFINITE = 'Infinity';

export const encodeNote = (value: RecordingInfo | RecordingNote | RecordingEnd): string =>
  JSON.stringify(value, (_, item: unknown) => (item === Number.POSITIVE_INFINITY ? INFINITE : item));

export const decodeNote = (text: string): unknown =>
  JSON.parse(text, (key, item: unknown) => (key === 'ms' && item === INFINITE ? Number.POSITIVE_INFINITY : item));
