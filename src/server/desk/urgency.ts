import type { AlertSeverity, FloorAlert, Role } from '../../protocol/index.ts';

/** What the urgency of a call is made of. */
export interface UrgencySigns {
  /** Those that are raised. */
  readonly alerts: readonly Pick<FloorAlert, 'severity' | 'takenBy' | 'acknowledged' | 'wrong' | 'snoozedUntil'>[];
  readonly sides: readonly SideSigns[];
  /** How long nobody has spoken, ms. */
  readonly silenceMs: number;
  /** ms since 1970: what is snoozed until later counts nothing. */
  readonly nowMs: number;
}

/** Of a side whose emotions may be looked at; `null` where nothing had a label. */
export interface SideSigns {
  readonly role: Role;
  /** Mean valence of the last 20 s. */
  readonly valence: number | null;
  /** Mean probability of anger in the last 10 s, and in the 30 s before. */
  readonly anger: number | null;
  readonly angerBefore: number | null;
}

const OF_SEVERITY: Readonly<Record<AlertSeverity, number>> = { high: 0.7, medium: 0.4, low: 0.2 };
/** Somebody sees to it. */
const SEEN = 0.5;
/** A side that nobody has named may be the customer. */
const OF_ROLE: Readonly<Record<Role, number>> = { customer: 1, unknown: 1, employee: 0.4, bot: 0 };
const UNPLEASANT = 0.4;
const RISING_ANGER = 0.4;
const SILENT = 0.3;
const SILENT_FROM_MS = 10_000;
const SILENT_TO_MS = 60_000;

/**
 * How much a live call wants a supervisor, 0 (not at all) to 1: what the floor is sorted by.
 *
 * Every sign has a weight from 0 to 1, and they are put together as 1 − ∏(1 − weight): each adds to the others, none is
 * cancelled by another, and the sum never passes 1. The signs: an alert by its severity (0.7, 0.4, 0.2), half of it once
 * somebody has acknowledged or taken it, nothing while it is snoozed or marked as wrong; per side, how unpleasant it has
 * sounded (0.4 at valence −1) and by how much its anger has risen (0.4 from 0 to 1), an employee's for 0.4 of a
 * customer's, a bot's for nothing; and silence on all sides, from 10 s on, 0.3 at a minute. Waiting longer, sounding worse
 * or another alert never makes a call less urgent; seeing to an alert never makes it more urgent.
 */
export function urgencyOf({ alerts, sides, silenceMs, nowMs }: UrgencySigns): number {
  const weights = [
    ...alerts.map((alert) => ofAlert(alert, nowMs)),
    ...sides.flatMap(({ role, valence, anger, angerBefore }) => [
      OF_ROLE[role] * UNPLEASANT * clamped(-(valence ?? 0)),
      OF_ROLE[role] * RISING_ANGER * clamped(anger === null || angerBefore === null ? 0 : anger - angerBefore),
    ]),
    SILENT * clamped((silenceMs - SILENT_FROM_MS) / (SILENT_TO_MS - SILENT_FROM_MS)),
  ];
  return 1 - weights.reduce((calm, weight) => calm * (1 - weight), 1);
}

function ofAlert(alert: UrgencySigns['alerts'][number], nowMs: number): number {
  const { severity, takenBy, acknowledged, wrong, snoozedUntil } = alert;
  if (wrong || (snoozedUntil !== null && Date.parse(snoozedUntil) > nowMs)) return 0;
  return OF_SEVERITY[severity] * (acknowledged || takenBy !== null ? SEEN : 1);
}

const clamped = (value: number): number => Math.min(1, Math.max(0, value));
