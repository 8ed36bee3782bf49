import type { JSX } from 'preact';
import { Button, Dialog, SeverityBadge } from '../components/index.ts';
import { clock } from '../format.ts';
import { act, busyAlerts, SNOOZE_MINUTES } from './alert-actions.ts';
import { ACTION_LOOKS, actionsOf, handledWords } from './alert-line.tsx';
import { now } from './floor.ts';
import type { CallEntry } from './floor-calls.ts';

/** All alerts of a call with everything that can be done. */
export function AlertsDialog(props: { readonly entry: CallEntry; readonly onClose: () => void }): JSX.Element {
  const { call } = props.entry.state.value;
  return (
    <Dialog
      title={`Alerts of ${call.callId}`}
      wide
      onClose={props.onClose}
      actions={<Button onClick={props.onClose}>Close</Button>}
    >
      {call.alerts.length === 0 && <p class="soft">All have been cleared.</p>}
      <ul class="floor-alerts">
        {call.alerts.map((alert) => {
          const words = handledWords(alert, now.value);
          return (
            <li key={alert.alertId}>
              <p>
                <SeverityBadge severity={alert.severity} text={alert.rule} />{' '}
                <span class="small soft">
                  since {clock(alert.sinceMs)}
                  {words === '' ? '' : `, ${words}`}
                </span>
              </p>
              <p class="floor-alert-buttons">
                {actionsOf(alert, now.value).flatMap((action) =>
                  (action === 'snooze' ? SNOOZE_MINUTES : [5]).map((minutes) => (
                    <Button
                      key={`${action} ${minutes}`}
                      small
                      {...(minutes === 5 ? { icon: ACTION_LOOKS[action].icon } : {})}
                      busy={busyAlerts.value.has(alert.alertId)}
                      onClick={() => {
                        act(call.callId, alert, action, minutes);
                      }}
                    >
                      {action === 'snooze'
                        ? `${minutes === 5 ? 'Snooze ' : ''}${minutes} min`
                        : ACTION_LOOKS[action].text}
                    </Button>
                  )),
                )}
              </p>
            </li>
          );
        })}
      </ul>
    </Dialog>
  );
}
