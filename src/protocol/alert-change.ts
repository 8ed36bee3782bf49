import type { Emotion } from '../emotions.ts';

export const ALERT_SEVERITIES = ['low', 'medium', 'high'] as const;
export type AlertSeverity = (typeof ALERT_SEVERITIES)[number];

/**
 * Why an alert was cleared: its condition no longer holds; what it stands on has not been known for 30 s; its time range is
 * over; the call has ended; its rule has gone; the analysis was interrupted and goes on without what it knew.
 */
export const ALERT_CLEAR_CAUSES = [
  'condition',
  'stale',
  'out-of-range',
  'ended',
  'rule-removed',
  'interrupted',
] as const;
export type AlertClearCause = (typeof ALERT_CLEAR_CAUSES)[number];

export const ALERT_COMPARISONS = ['above', 'below', 'falls', 'rises', 'is'] as const;
export type AlertComparison = (typeof ALERT_COMPARISONS)[number];

/** One comparison of a rule as it stood when the alert changed. */
export interface AlertEvidence {
  /** `anger`, `silence`, `talk-ratio` …; `label` for the label in force. */
  readonly measure: string;
  readonly comparison: AlertComparison;
  /** In the measure's unit; ms for times. */
  readonly threshold: number | Emotion | 'unknown';
  /** What was found: the value, or how far it fell or rose; `null` where it was not known. */
  readonly value: number | Emotion | 'unknown' | null;
  /** Whether the comparison held; `null` where that was not known. */
  readonly holds: boolean | null;
  /** The side that decided; left out for figures of the call. */
  readonly channel?: number;
  readonly channelName?: string;
}

/** A rule raised or cleared, in stream time. A raised alert is cleared before its rule raises another. */
export interface AlertChange {
  readonly rule: string;
  readonly severity: AlertSeverity;
  readonly state: 'raised' | 'cleared';
  readonly atMs: number;
  /** Since when the condition had held: `atMs` is later by the rule's `for`, and by what was not known in between. */
  readonly sinceMs: number;
  /** Of a cleared one. */
  readonly cause?: AlertClearCause;
  readonly evidence: readonly AlertEvidence[];
}
