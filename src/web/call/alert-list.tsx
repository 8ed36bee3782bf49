import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { AlertAction, CallAlert, CallDetail } from '../../protocol/index.ts';
import { api } from '../api.ts';
import { Button, SeverityBadge, toastError } from '../components/index.ts';
import { clock, dateAndTime, timeOfDay } from '../format.ts';
import { supervisorName } from '../supervisor.tsx';

const SNOOZE_MS = 15 * 60_000;

const DONE: Readonly<Record<AlertAction, string>> = {
  acknowledge: 'acknowledged it',
  snooze: 'snoozed it',
  take: 'took it',
  release: 'gave it back',
  'mark-wrong': 'marked it as wrong',
  reopen: 'opened it again',
};

/** The call's alerts, with their evidence, what was done with them, and what may be done. */
export function AlertList(props: {
  readonly alerts: readonly CallAlert[];
  readonly onGo: (ms: number) => void;
  readonly onHandled: (alert: CallAlert) => void;
}): JSX.Element {
  return (
    <section class="card call-alerts" aria-labelledby="call-alerts">
      <h2 id="call-alerts">Alerts</h2>
      {props.alerts.length === 0 && <p class="soft">No rule was raised.</p>}
      <ul>
        {props.alerts.map((alert) => (
          <Alert key={alert.alertId} {...props} alert={alert} />
        ))}
      </ul>
    </section>
  );
}

/** Named moments that were sent with the call. */
export function Marks(props: { readonly detail: CallDetail; readonly onGo: (ms: number) => void }): JSX.Element | null {
  const { marks } = props.detail;
  if (marks.length === 0) return null;
  return (
    <section class="card call-marks" aria-labelledby="call-marks">
      <h2 id="call-marks">Marks</h2>
      <ul>
        {marks.map(({ name, atMs }) => (
          <li key={`${name}@${atMs}`}>
            <button type="button" class="call-at" aria-label={`Go to ${clock(atMs)}`} onClick={() => props.onGo(atMs)}>
              {clock(atMs)}
            </button>
            {name}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Alert(props: {
  readonly alert: CallAlert;
  readonly onGo: (ms: number) => void;
  readonly onHandled: (alert: CallAlert) => void;
}): JSX.Element {
  const { alert } = props;
  const busy = useSignal(false);
  const act = async (action: AlertAction): Promise<void> => {
    const by = await supervisorName();
    if (by === null || busy.peek()) return;
    busy.value = true;
    try {
      const until = action === 'snooze' ? { until: new Date(Date.now() + SNOOZE_MS).toISOString() } : {};
      props.onHandled(await api.handleAlert(alert.alertId, { action, by, ...until }));
    } catch (thrown) {
      toastError(thrown);
    } finally {
      busy.value = false;
    }
  };
  const actions: readonly (readonly [AlertAction, string])[] = alert.wrong
    ? [['reopen', 'Reopen']]
    : [
        alert.takenBy === null ? ['take', 'Take'] : ['release', 'Give back'],
        ...(alert.acknowledged ? [] : ([['acknowledge', 'Acknowledge']] as const)),
        ['snooze', 'Snooze 15 min'],
        ['mark-wrong', 'Wrong'],
      ];
  return (
    <li class={alert.wrong ? 'call-alert-item wrong' : 'call-alert-item'}>
      <div class="call-alert-head">
        <button
          type="button"
          class="call-at"
          aria-label={`Go to ${clock(alert.atMs)}`}
          onClick={() => props.onGo(alert.atMs)}
        >
          {clock(alert.atMs)}
        </button>
        <SeverityBadge severity={alert.severity} text={alert.rule} />
        <span class="soft small">
          {alert.clearedMs === null
            ? 'raised now'
            : `for ${clock(alert.clearedMs - alert.atMs)}, cleared at ${clock(alert.clearedMs)}`}
        </span>
      </div>
      {alert.evidence.length > 0 && (
        <p class="soft small">
          {alert.evidence
            .map(({ measure, comparison, threshold, value, channelName }) =>
              [
                measure,
                channelName === undefined ? '' : `of ${channelName}`,
                shown(value),
                `(${comparison} ${shown(threshold)})`,
              ]
                .filter((word) => word !== '')
                .join(' '),
            )
            .join('; ')}
        </p>
      )}
      {alert.handling.map(({ action, by, at, until, note }) => (
        <p key={`${at} ${action}`} class="small">
          {by} {DONE[action]}
          {until !== undefined && ` until ${timeOfDay(until)}`}
          <span class="soft">, {dateAndTime(at)}</span>
          {note !== undefined && `: ${note}`}
        </p>
      ))}
      <div class="call-alert-actions">
        {actions.map(([action, text]) => (
          <Button key={action} small disabled={busy.value} onClick={() => act(action)}>
            {text}
          </Button>
        ))}
      </div>
    </li>
  );
}

const shown = (value: number | string | null): string =>
  typeof value === 'number' ? String(Math.round(100 * value) / 100) : (value ?? 'not known');
