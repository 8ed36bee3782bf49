import {
  ALERT_SEVERITIES,
  type AlertSeverity,
  type CallAlert,
  type CallDetail,
  type CallFilter,
  type CallPage,
  type CallSummary,
  type Correction,
  type LegSummary,
  type Role,
  type TimelinePoint,
  type TimelinePoints,
} from '../../protocol/index.ts';
import { tellsOfWithheld } from './withhold-events.ts';
import { withholdFromMetrics } from './withhold-metrics.ts';

// Answers of the HTTP API without the emotions of roles that the policy withholds. Pure; what is not concerned stays as it is.

type Leg = Pick<LegSummary, 'streamId' | 'channel' | 'role'>;

/** A call as the list has it. Alerts are counted as they were raised: their rules are judged by the policy, then and now. */
export function withholdFromSummary<T extends CallSummary>(summary: T, withheld: readonly Role[]): T {
  if (!summary.legs.some(({ role }) => withheld.includes(role))) return summary;
  const legs = summary.legs.map((leg) => (withheld.includes(leg.role) ? silentLeg(leg) : leg));
  return { ...summary, legs };
}

/** @param filter what was asked for: a call that has the emotion on a withheld leg alone is not found by it */
export function withholdFromPage(page: CallPage, withheld: readonly Role[], filter: CallFilter = {}): CallPage {
  if (withheld.length === 0) return page;
  const { emotion, minShare = 0.1, role } = filter;
  const found = (call: CallSummary): boolean =>
    emotion === undefined ||
    call.legs.some(
      (leg) =>
        !withheld.includes(leg.role) &&
        (role === undefined || leg.role === role) &&
        emotion.some((name) => (leg.shares[name] ?? 0) >= minShare),
    );
  return { ...page, calls: page.calls.filter(found).map((call) => withholdFromSummary(call, withheld)) };
}

export function withholdFromDetail(detail: CallDetail, withheld: readonly Role[]): CallDetail {
  if (!detail.legs.some(({ role }) => withheld.includes(role))) return detail;
  const allAlerts = detail.allAlerts.filter((alert) => isAlertSeen(alert, detail.legs, withheld));
  return {
    ...withholdFromSummary(detail, withheld),
    alerts: countsOf(allAlerts),
    metrics: withholdFromMetrics(detail.metrics, withheld),
    allAlerts,
    corrections: withholdFromCorrections(detail.corrections, detail.legs, withheld),
  };
}

/** Whether an alert stood on nothing that is withheld. */
export function isAlertSeen(
  { evidence, streamId }: CallAlert,
  legs: readonly Leg[],
  withheld: readonly Role[],
): boolean {
  return !tellsOfWithheld(evidence, (channel) => roleOf(legs, streamId, channel), withheld);
}

/** A label that somebody set is an emotion, too. A correction of a leg that is not known is left out where anything is withheld. */
export function withholdFromCorrections(
  corrections: readonly Correction[],
  legs: readonly Leg[],
  withheld: readonly Role[],
): readonly Correction[] {
  if (withheld.length === 0) return corrections;
  return corrections.filter(({ streamId, channel }) => {
    const role = roleOf(legs, streamId, channel);
    return role !== undefined && !withheld.includes(role);
  });
}

export function withholdFromPoints(timeline: TimelinePoints, withheld: readonly Role[]): TimelinePoints {
  if (!timeline.legs.some(({ role }) => withheld.includes(role))) return timeline;
  const legs = timeline.legs.map((leg) => {
    if (!withheld.includes(leg.role)) return leg;
    const turns = leg.turns.map((turn) => ({ ...turn, label: 'unknown' as const }));
    return { ...leg, withheld: true as const, points: leg.points.map(silentPoint), turns };
  });
  return { ...timeline, legs };
}

const roleOf = (legs: readonly Leg[], streamId: string, channel: number): Role | undefined =>
  legs.find((leg) => leg.streamId === streamId && leg.channel === channel)?.role;

const silentLeg = (leg: LegSummary): LegSummary => ({
  ...leg,
  withheld: true,
  shares: {},
  coverage: 0,
  arousal: null,
  valence: null,
  lowest: null,
});

const silentPoint = ({ reason: _, ...point }: TimelinePoint): TimelinePoint => ({
  ...point,
  label: 'unknown',
  score: 0,
  confidence: 0,
  probabilities: point.probabilities.map(() => 0),
  arousal: 0,
  valence: 0,
  pitchSemitones: null,
});

function countsOf(alerts: readonly CallAlert[]): CallSummary['alerts'] {
  const highest = alerts.reduce<AlertSeverity | null>(
    (most, { severity }) =>
      most === null || ALERT_SEVERITIES.indexOf(severity) > ALERT_SEVERITIES.indexOf(most) ? severity : most,
    null,
  );
  return {
    raised: alerts.length,
    open: alerts.filter(({ clearedMs }) => clearedMs === null).length,
    highest,
    rules: [...new Set(alerts.map(({ rule }) => rule))],
  };
}
