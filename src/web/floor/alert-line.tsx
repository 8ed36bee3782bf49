import type { JSX } from 'preact';
import type { AlertAction, FloorAlert } from '../../protocol/index.ts';
import { Button, SeverityBadge } from '../components/index.ts';
import { clock, timeOfDay } from '../format.ts';
import { supervisor } from '../session.ts';
import { act, busyAlerts } from './alert-actions.ts';
import { now } from './floor.ts';
import { isSnoozed, isWaiting } from './floor-filter.ts';

/** What has been done with an alert, in a few words; nothing for one that waits. */
export function handledWords(alert: FloorAlert, nowMs: number): string {
  const words: string[] = [];
  if (alert.wrong) words.push('marked wrong');
  if (alert.takenBy !== null) words.push(alert.takenBy === supervisor.value ? 'yours' : `taken by ${alert.takenBy}`);
  if (alert.acknowledged && !alert.wrong) words.push('acknowledged');
  if (isSnoozed(alert, nowMs)) words.push(`snoozed until ${timeOfDay(alert.snoozedUntil!)}`);
  return words.join(', ');
}

/** What can be done with an alert as it stands. */
export function actionsOf(alert: FloorAlert, nowMs: number): readonly AlertAction[] {
  if (alert.wrong || (alert.acknowledged && alert.takenBy !== null)) return ['reopen'];
  const mine = alert.takenBy !== null && alert.takenBy === supervisor.value;
  const take: readonly AlertAction[] = mine ? ['release'] : ['take'];
  const acknowledge: readonly AlertAction[] = alert.acknowledged ? ['reopen'] : ['acknowledge'];
  const snooze: readonly AlertAction[] = isSnoozed(alert, nowMs) ? ['reopen'] : ['snooze'];
  return [...new Set([...take, ...acknowledge, ...snooze, 'mark-wrong' as const])];
}

export const ACTION_LOOKS = {
  take: { icon: 'hand', text: 'Take' },
  release: { icon: 'hand', text: 'Release' },
  acknowledge: { icon: 'check', text: 'Acknowledge' },
  snooze: { icon: 'snooze', text: 'Snooze for 5 minutes' },
  'mark-wrong': { icon: 'wrong', text: 'Mark as wrong' },
  reopen: { icon: 'reopen', text: 'Open again' },
} as const;

/** The alert of a call that matters most, what was done with it, and what can be; the others are behind `+2`. */
export function AlertLine(props: {
  readonly callId: string;
  readonly alert: FloorAlert;
  readonly others: number;
  readonly durationMs: number;
  /** Whether its buttons are in the tab order. */
  readonly active: boolean;
  readonly onMore: () => void;
}): JSX.Element {
  const { callId, alert, others, durationMs, active, onMore } = props;
  const tabIndex = active ? 0 : -1;
  const nowMs = now.value;
  const waiting = isWaiting(alert, nowMs);
  return (
    <div class={waiting ? 'floor-alert' : 'floor-alert handled'}>
      <div class="floor-alert-what">
        <SeverityBadge severity={alert.severity} text={alert.rule} />
        {others > 0 && (
          <button type="button" class="floor-others" tabIndex={tabIndex} onClick={onMore}>
            +{others}
            <span class="unseen"> more alerts of call {callId}</span>
          </button>
        )}
        <span class="small soft" title="Since when it holds">
          {clock(Math.max(0, durationMs - alert.sinceMs))}
        </span>
      </div>
      <div class="floor-alert-do">
        <span class="small soft floor-handled">{handledWords(alert, nowMs)}</span>
        {actionsOf(alert, nowMs).map((action) => (
          <Button
            key={action}
            kind="quiet"
            small
            tabIndex={tabIndex}
            icon={ACTION_LOOKS[action].icon}
            label={`${ACTION_LOOKS[action].text}: ${alert.rule}`}
            busy={busyAlerts.value.has(alert.alertId)}
            onClick={() => {
              act(callId, alert, action);
            }}
          />
        ))}
        <span class="floor-all">
          <Button
            kind="quiet"
            small
            icon="more"
            tabIndex={tabIndex}
            label={`More for ${alert.rule}`}
            onClick={onMore}
          />
        </span>
      </div>
    </div>
  );
}
