import { UndertoneError } from '../../errors.ts';
import {
  ALERT_ACTIONS,
  type AlertHandling,
  type AlertRequest,
  type CallAlert,
  isPrintableName,
} from '../../protocol/index.ts';

const LONGEST_NOTE = 1_000;
const LONGEST_SNOOZE_MS = 7 * 24 * 3_600_000;
/** What a note must not hold: control characters other than tab and line feed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

/** A request of a supervisor as it will be kept. @throws UndertoneError `invalid-body` */
export function handlingOf({ action, by, until, note }: AlertRequest, nowMs: number): AlertHandling {
  if (!ALERT_ACTIONS.includes(action)) throw invalid(`action is one of ${ALERT_ACTIONS.join(', ')}`);
  if (!isPrintableName(by)) throw invalid('by is a name of 1 to 128 printable characters');
  if (note !== undefined && (note.length > LONGEST_NOTE || CONTROL.test(note))) {
    throw invalid(`note is at most ${LONGEST_NOTE} printable characters`);
  }
  if ((until !== undefined) !== (action === 'snooze')) throw invalid('until goes with snooze, and only with it');
  return {
    action,
    by: by.trim(),
    at: new Date(nowMs).toISOString(),
    ...(until !== undefined && { until: untilOf(until, nowMs) }),
    ...(note !== undefined && note.trim() !== '' && { note: note.trim() }),
  };
}

/**
 * Whether that changes how the alert stands; where it does not it is not kept again, so that a request may be sent twice.
 *
 * @throws UndertoneError `conflict` where another has taken it: to take it all the same, release it first
 */
export function changesAlert(alert: CallAlert, handling: AlertHandling): boolean {
  const { action, by, note, until } = handling;
  if (action === 'take' && alert.takenBy !== null && alert.takenBy !== by) {
    throw new UndertoneError('conflict', { detail: `${alert.takenBy} has taken the alert; release it to take it` });
  }
  // Words are worth keeping, once.
  if (note !== undefined) {
    const last = alert.handling.at(-1);
    return !(last?.action === action && last.by === by && last.note === note && last.until === until);
  }
  switch (action) {
    case 'acknowledge':
      return !alert.acknowledged;
    case 'snooze':
      return alert.snoozedUntil !== until;
    case 'take':
      return alert.takenBy === null;
    case 'release':
      return alert.takenBy !== null;
    case 'mark-wrong':
      return !alert.wrong;
    case 'reopen':
      return alert.acknowledged || alert.wrong || alert.snoozedUntil !== null;
  }
}

function untilOf(until: string, nowMs: number): string {
  const ms = Date.parse(until);
  if (!(ms > nowMs && ms <= nowMs + LONGEST_SNOOZE_MS)) throw invalid('until is a moment of the next 7 days');
  return new Date(ms).toISOString();
}

const invalid = (detail: string): UndertoneError => new UndertoneError('invalid-body', { detail });
