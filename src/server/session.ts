import { asUndertoneError, UndertoneError } from '../errors.ts';
import { type AnalysisLimits, type EndReason, parseClientMessage, type StartMessage } from '../protocol/index.ts';

/** What can happen to the connection of a producer. */
export type SessionInput =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'audio'; readonly bytes: Uint8Array }
  /** The peer broke a rule of the transport, or reads too slowly, or says nothing for too long. */
  | { readonly type: 'fault'; readonly error: UndertoneError }
  /** Its stream has sent its last event. */
  | { readonly type: 'ended'; readonly reason: EndReason }
  /** Its stream has failed, and will end. */
  | { readonly type: 'failed'; readonly error: UndertoneError }
  /** Another connection has taken the stream over. */
  | { readonly type: 'replaced' }
  /** The server shuts down. */
  | { readonly type: 'drain' }
  /** The socket is gone; clean: the peer closed it as done (1000), and will not come back. */
  | { readonly type: 'lost'; readonly clean: boolean };

/** What is to be done about it, in this order. */
export type SessionAction =
  | { readonly do: 'open'; readonly start: StartMessage }
  | { readonly do: 'audio'; readonly bytes: Uint8Array }
  | { readonly do: 'mark'; readonly name: string }
  /** Ends the stream; its last events are still to come. */
  | { readonly do: 'finish'; readonly reason: EndReason }
  /** Leaves the stream, which waits to be resumed. */
  | { readonly do: 'leave' }
  | { readonly do: 'tell'; readonly error: UndertoneError }
  | { readonly do: 'close'; readonly code: number };

/** `stopping` waits for the last events of its stream, then closes with `closeCode`. */
export type SessionState =
  | { readonly name: 'waiting-start' | 'streaming' | 'ended' }
  | { readonly name: 'stopping'; readonly closeCode: number; readonly rejected: boolean };

interface Step {
  readonly state: SessionState;
  readonly actions: readonly SessionAction[];
}

type Inputs = { readonly [T in SessionInput['type']]: Extract<SessionInput, { type: T }> };
/** What a state does about each input. */
type Table<S extends SessionState> = { readonly [T in keyof Inputs]: (input: Inputs[T], state: S) => Step };

const NORMAL = 1000;
const GOING_AWAY = 1001;
const CLOSE_CODES: Readonly<Record<EndReason, number>> = {
  stop: NORMAL,
  disconnect: NORMAL,
  shutdown: GOING_AWAY,
  error: 1011,
};

const ENDED: SessionState = { name: 'ended' };
const STREAMING: SessionState = { name: 'streaming' };
const step = (state: SessionState, ...actions: readonly SessionAction[]): Step => ({ state, actions });
/** Nothing has been opened yet: an error, and that is all. */
const refuse = (error: UndertoneError): Step =>
  step(ENDED, { do: 'tell', error }, { do: 'close', code: error.closeCode });
/** An error of the client: what it sent before is still analysed, and its last events reach it. */
const reject = (error: UndertoneError): Step =>
  step(
    { name: 'stopping', closeCode: error.closeCode, rejected: true },
    { do: 'tell', error },
    { do: 'finish', reason: 'error' },
  );
/** An error of the connection: the stream stays for another. */
const abandon = (error: UndertoneError): Step =>
  step(ENDED, { do: 'tell', error }, { do: 'leave' }, { do: 'close', code: error.closeCode });
const leave = ({ clean }: Inputs['lost']): Step =>
  clean ? step(ENDED, { do: 'finish', reason: 'disconnect' }, { do: 'leave' }) : step(ENDED, { do: 'leave' });
const goAway = (): Step => step(ENDED, { do: 'close', code: GOING_AWAY });

/** Errors of the connection, not of what was sent over it. */
const isOfConnection = ({ code }: UndertoneError): boolean => code === 'idle-timeout' || code === 'slow-consumer';

/**
 * The connection of a producer, as a state machine that knows no socket, no timer and no stream: input in, actions out.
 *
 * `waiting-start` → `streaming` → `stopping` → `ended`; an error before the stream is open leads straight to `ended`.
 */
export class Session {
  readonly #limits: AnalysisLimits;
  #state: SessionState = { name: 'waiting-start' };

  constructor(limits: AnalysisLimits) {
    this.#limits = limits;
  }

  get state(): SessionState['name'] {
    return this.#state.name;
  }

  receive(input: SessionInput): readonly SessionAction[] {
    const { state, actions } = this.#step(input);
    this.#state = state;
    return actions;
  }

  #step(input: SessionInput): Step {
    const state = this.#state;
    switch (state.name) {
      case 'waiting-start':
        return apply(this.#waitingStart, input, state);
      case 'streaming':
        return apply(this.#streaming, input, state);
      case 'stopping':
        return apply(stopping, input, state);
      case 'ended':
        return step(ENDED);
    }
  }

  readonly #waitingStart: Table<SessionState> = {
    text: ({ text }) =>
      this.#message(text, refuse, (message) =>
        message.type === 'start'
          ? step(STREAMING, { do: 'open', start: message })
          : refuse(new UndertoneError('not-started', { type: message.type })),
      ),
    audio: () => refuse(new UndertoneError('audio-before-start')),
    fault: ({ error }) => refuse(error),
    failed: ({ error }) => refuse(error),
    ended: (_, state) => step(state),
    replaced: (_, state) => step(state),
    drain: goAway,
    lost: () => step(ENDED),
  };

  readonly #streaming: Table<SessionState> = {
    text: ({ text }) =>
      this.#message(text, reject, (message) => {
        switch (message.type) {
          case 'start':
            return reject(new UndertoneError('already-started'));
          case 'mark':
            return step(STREAMING, { do: 'mark', name: message.name });
          case 'stop':
            return step({ name: 'stopping', closeCode: NORMAL, rejected: false }, { do: 'finish', reason: 'stop' });
        }
      }),
    audio: ({ bytes }) => step(STREAMING, { do: 'audio', bytes }),
    fault: ({ error }) => (isOfConnection(error) ? abandon(error) : reject(error)),
    failed: ({ error }) => reject(error),
    ended: ({ reason }) => step(ENDED, { do: 'close', code: CLOSE_CODES[reason] }),
    replaced: () => abandon(new UndertoneError('replaced')),
    // The stream is told to finish by the server; its end closes this connection.
    drain: (_, state) => step(state),
    lost: leave,
  };

  #message(text: string, wrong: (error: UndertoneError) => Step, then: (message: Message) => Step): Step {
    let message: Message;
    try {
      message = parseClientMessage(text, this.#limits);
    } catch (error) {
      return wrong(asUndertoneError(error));
    }
    return then(message);
  }
}

type Message = ReturnType<typeof parseClientMessage>;
type Stopping = Extract<SessionState, { name: 'stopping' }>;

/** After `stop` nothing may come; the first error decides how the connection is closed, and what comes after it is ignored. */
const tooLate = (state: Stopping, error: UndertoneError): Step =>
  state.rejected
    ? step(state)
    : step({ name: 'stopping', closeCode: error.closeCode, rejected: true }, { do: 'tell', error });
const afterStop = (_: unknown, state: Stopping): Step => tooLate(state, new UndertoneError('after-stop'));

const stopping: Table<Stopping> = {
  text: afterStop,
  audio: afterStop,
  fault: ({ error }, state) => (isOfConnection(error) ? abandon(error) : tooLate(state, error)),
  failed: ({ error }, state) => tooLate(state, error),
  ended: ({ reason }, state) =>
    step(ENDED, {
      do: 'close',
      code: reason === 'shutdown' && !state.rejected ? GOING_AWAY : state.closeCode,
    }),
  replaced: () => abandon(new UndertoneError('replaced')),
  drain: (_, state) => step(state),
  lost: leave,
};

function apply<S extends SessionState>(table: Table<S>, input: SessionInput, state: S): Step {
  // The row of an input's type takes that input; TypeScript does not see the two as one choice.
  const row = table[input.type] as (input: SessionInput, state: S) => Step;
  return row(input, state);
}
