import { signal } from '@preact/signals';
import type { AlertAction, CallAlert, FloorAlert } from '../../protocol/index.ts';
import { api } from '../api.ts';
import { toastDone, toastError } from '../components/index.ts';
import { timeOfDay } from '../format.ts';
import { supervisorName } from '../supervisor.tsx';
import { floor } from './floor.ts';

export const SNOOZE_MINUTES = [5, 15, 60] as const;

/** Alerts whose action is on its way. */
export const busyAlerts = signal<ReadonlySet<string>>(new Set());

const DONE: Readonly<Record<AlertAction, (alert: CallAlert) => string>> = {
  acknowledge: ({ rule }) => `${rule} is acknowledged.`,
  snooze: ({ rule, snoozedUntil }) =>
    `${rule} is snoozed${snoozedUntil === null ? '' : ` until ${timeOfDay(snoozedUntil)}`}.`,
  take: ({ rule }) => `${rule} is yours.`,
  release: ({ rule }) => `${rule} is free again.`,
  'mark-wrong': ({ rule }) => `${rule} is marked as wrong.`,
  reopen: ({ rule }) => `${rule} is open again.`,
};

/** Does something with an alert in the supervisor's name, which is asked for once. Tells how it went. */
export async function act(callId: string, alert: FloorAlert, action: AlertAction, minutes = 5): Promise<void> {
  const { alertId } = alert;
  if (busyAlerts.value.has(alertId)) return;
  const by = await supervisorName();
  if (by === null) return;
  busyAlerts.value = new Set([...busyAlerts.value, alertId]);
  try {
    const until = action === 'snooze' ? { until: new Date(Date.now() + 60_000 * minutes).toISOString() } : {};
    const handled = await api.handleAlert(alertId, { action, by, ...until });
    const { takenBy, acknowledged, wrong, snoozedUntil } = handled;
    floor.handled(callId, alertId, { takenBy, acknowledged, wrong, snoozedUntil });
    toastDone(DONE[action](handled));
  } catch (thrown) {
    toastError(thrown);
  } finally {
    busyAlerts.value = new Set([...busyAlerts.value].filter((id) => id !== alertId));
  }
}
