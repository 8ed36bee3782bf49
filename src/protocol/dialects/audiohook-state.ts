import type { AudiohookType } from './audiohook-message.ts';

/**
 * Where a session stands. `closing` waits for the last events of its stream; `refused` has sent `disconnect` and waits for the client's
 * `close`.
 */
export type State = 'preparing' | 'active' | 'paused' | 'closing' | 'refused' | 'closed';

/** A message of the client, audio, or something that is not as it should be. */
export type Input = AudiohookType | 'audio' | 'failure';

export type Step =
  | 'open'
  | 'close'
  | 'answer'
  | 'pause'
  | 'resume'
  /** Audio that was left out, with no pause around it. */
  | 'skip'
  | 'hear'
  | 'refuse'
  | 'ignore';

const IGNORE = {
  open: 'ignore',
  close: 'ignore',
  ping: 'ignore',
  paused: 'ignore',
  resumed: 'ignore',
  discarded: 'ignore',
  update: 'ignore',
  error: 'ignore',
  audio: 'ignore',
  failure: 'ignore',
} as const satisfies Readonly<Record<Input, Step>>;

/** What each input does in each state; after the reference implementation's server session. */
export const STEPS: Readonly<Record<State, Readonly<Record<Input, Step>>>> = {
  preparing: { ...IGNORE, open: 'open', close: 'close', ping: 'answer', audio: 'refuse', failure: 'refuse' },
  active: {
    ...IGNORE,
    close: 'close',
    ping: 'answer',
    paused: 'pause',
    resumed: 'skip',
    discarded: 'skip',
    update: 'answer',
    audio: 'hear',
    failure: 'refuse',
  },
  paused: {
    ...IGNORE,
    close: 'close',
    ping: 'answer',
    resumed: 'resume',
    discarded: 'skip',
    update: 'answer',
    audio: 'refuse',
    failure: 'refuse',
  },
  closing: { ...IGNORE, ping: 'answer' },
  refused: { ...IGNORE, close: 'close', ping: 'answer' },
  closed: IGNORE,
};

const AFTER: Readonly<Partial<Record<Step, State>>> = {
  open: 'active',
  close: 'closing',
  pause: 'paused',
  resume: 'active',
};

export const nextState = (state: State, step: Step): State => AFTER[step] ?? state;
