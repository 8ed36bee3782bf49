import type { AlertHandling, CallAlert } from './desk.ts';

/** What supervisors have made of an alert. */
export type HandledState = Pick<CallAlert, 'takenBy' | 'acknowledged' | 'wrong' | 'snoozedUntil'>;

const UNTOUCHED: HandledState = { takenBy: null, acknowledged: false, wrong: false, snoozedUntil: null };

/** How an alert stands after what was done with it, in order. `reopen` undoes all but who has taken it. */
export function handledState(handling: readonly AlertHandling[]): HandledState {
  return handling.reduce(after, UNTOUCHED);
}

function after(state: HandledState, { action, by, until }: AlertHandling): HandledState {
  switch (action) {
    case 'acknowledge':
      return { ...state, acknowledged: true };
    case 'snooze':
      return { ...state, snoozedUntil: until ?? null };
    case 'take':
      return { ...state, takenBy: by };
    case 'release':
      return { ...state, takenBy: null };
    case 'mark-wrong':
      return { ...state, wrong: true };
    case 'reopen':
      return { ...UNTOUCHED, takenBy: state.takenBy };
  }
}
