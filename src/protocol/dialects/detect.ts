import { UndertoneError } from '../../errors.ts';
import type { Dialect, DialectAction, DialectSession, FirstMessage, Handshake } from '../dialect.ts';
import { type JsonObject, own, tryParseObject } from './json.ts';

/** Whether a message only says hello, as several platforms do alike; the next one tells which it is. */
const isConnected = (object: JsonObject | undefined): boolean => own(object, 'event') === 'connected';

/**
 * The dialect of a conversation from its handshake and the message that opens it: the first that claims it. `undefined` where none
 * does, `later` for a message that several platforms begin with.
 *
 * @throws UndertoneError `message-too-large`
 */
export function detect(
  dialects: readonly Dialect[],
  handshake: Handshake,
  message: string | Uint8Array,
  connected?: JsonObject,
): Dialect | 'later' | undefined {
  const first = firstMessage(message, connected);
  if (first.kind === 'text' && first.connected === undefined && isConnected(first.object)) return 'later';
  return dialects.find((dialect) => dialect.claims(handshake, first));
}

function firstMessage(message: string | Uint8Array, connected: JsonObject | undefined): FirstMessage {
  if (typeof message !== 'string') return { kind: 'binary' };
  const object = tryParseObject(message);
  return {
    kind: 'text',
    text: message,
    ...(object !== undefined && { object }),
    ...(connected !== undefined && { connected }),
  };
}

/** The dialect that finds out which one it is. */
export function detecting(dialects: readonly Dialect[]): Dialect {
  return {
    name: 'auto',
    subprotocols: [...new Set(dialects.flatMap(({ subprotocols }) => subprotocols))],
    open: (handshake) => new DetectingSession(dialects, handshake),
    claims: (handshake, first) => dialects.some((dialect) => dialect.claims(handshake, first)),
  };
}

class DetectingSession implements DialectSession {
  readonly #dialects: readonly Dialect[];
  readonly #handshake: Handshake;
  #connected: string | undefined;
  #session: DialectSession | undefined;
  #ended = false;

  constructor(dialects: readonly Dialect[], handshake: Handshake) {
    this.#dialects = dialects;
    this.#handshake = handshake;
  }

  text(message: string): readonly DialectAction[] {
    if (this.#ended) return [];
    return this.#session?.text(message) ?? this.#first(message, (session) => session.text(message));
  }

  binary(bytes: Uint8Array): readonly DialectAction[] {
    if (this.#ended) return [];
    return this.#session?.binary(bytes) ?? this.#first(bytes, (session) => session.binary(bytes));
  }

  ended(how: 'closed' | 'lost'): readonly DialectAction[] {
    this.#ended = true;
    return this.#session?.ended(how) ?? [];
  }

  event(...[event]: Parameters<NonNullable<DialectSession['event']>>): readonly DialectAction[] {
    return this.#session?.event?.(event) ?? [];
  }

  #first(
    message: string | Uint8Array,
    feed: (session: DialectSession) => readonly DialectAction[],
  ): readonly DialectAction[] {
    const connected = this.#connected === undefined ? undefined : tryParseObject(this.#connected);
    const dialect = detect(this.#dialects, this.#handshake, message, connected);
    if (dialect === 'later') {
      this.#connected = message as string;
      return [];
    }
    if (dialect === undefined) {
      const detail = 'it opens none of the dialects that are known; name yours in the path, as /v1/telephony/twilio';
      throw new UndertoneError('invalid-message', { detail });
    }
    const session = dialect.open(this.#handshake);
    this.#session = session;
    const before = this.#connected === undefined ? [] : session.text(this.#connected);
    return [...before, ...feed(session)];
  }
}
