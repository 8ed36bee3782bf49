import { createHash } from 'node:crypto';
import { UndertoneError as TableError, type UndertoneError } from '../../src/errors.ts';
import {
  type Dialect,
  type DialectAction,
  type DialectSession,
  type DialectSimulator,
  dialects,
  type Handshake,
  type WireFormat,
} from '../../src/protocol/index.ts';
import { Contract } from './contract.ts';

export const dialectOf = (name: string): Dialect => {
  const dialect = dialects.find((known) => known.name === name);
  if (dialect === undefined) throw new Error(`There is no dialect ${name}.`);
  return dialect;
};

export type Message = string | Uint8Array;

/** A session under watch: everything it says is held against the contract of a dialect, and nothing but errors of the table may leave it. */
export class Conversation {
  readonly actions: DialectAction[] = [];
  readonly #session: DialectSession;
  readonly #contract: Contract;
  error: UndertoneError | undefined;

  constructor(dialect: Dialect, handshake: Handshake) {
    this.#session = dialect.open(handshake);
    this.#contract = new Contract();
  }

  /** What one message means; after an error the server closes the socket, so it ends. */
  hear(message: Message): readonly DialectAction[] {
    try {
      return this.#take(typeof message === 'string' ? this.#session.text(message) : this.#session.binary(message));
    } catch (error) {
      if (!(error instanceof TableError) || error.code === 'internal') throw error;
      this.error = error;
      return this.end('lost');
    }
  }

  end(how: 'closed' | 'lost'): readonly DialectAction[] {
    const actions = this.#take(this.#session.ended(how));
    this.#contract.ended();
    return actions;
  }

  #take(actions: readonly DialectAction[]): readonly DialectAction[] {
    for (const action of actions) this.#contract.take(action);
    this.actions.push(...actions);
    return actions;
  }
}

/** Everything that messages and an end mean. */
export function meaning(
  dialect: Dialect,
  handshake: Handshake,
  messages: Iterable<Message>,
  end: 'closed' | 'lost' | undefined = 'closed',
): DialectAction[] {
  const conversation = new Conversation(dialect, handshake);
  for (const message of messages) conversation.hear(message);
  if (end !== undefined) conversation.end(end);
  if (conversation.error !== undefined) throw conversation.error;
  return normal(conversation.actions);
}

/** The whole of a simulated call: what the server answers goes back to the platform, whose answers come again. */
export function simulated(
  simulator: DialectSimulator,
  format: WireFormat,
  chunks: Iterable<Uint8Array>,
  dialect: Dialect,
): DialectAction[] {
  const conversation = new Conversation(dialect, handshakeOf(simulator, format));
  for (const { data } of simulator.messages(format, chunks)) converse(conversation, simulator, data);
  conversation.end('closed');
  if (conversation.error !== undefined) throw conversation.error;
  return normal(conversation.actions);
}

function converse(conversation: Conversation, simulator: DialectSimulator, message: Message): void {
  for (const action of conversation.hear(message)) {
    if (action.kind !== 'reply') continue;
    for (const answer of simulator.onMessage?.(action.message) ?? []) converse(conversation, simulator, answer);
  }
}

export function handshakeOf(simulator: DialectSimulator, format: WireFormat): Handshake {
  const { path, headers, subprotocols, query } = simulator.handshake(format);
  const url = new URL(`wss://voice.example.com${path}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return { url, headers, subprotocols };
}

/**
 * Actions with the audio of a leg that follows audio of the same leg in one piece: how it was cut means nothing. What other legs do
 * in between does not part it.
 */
export function normal(actions: readonly DialectAction[]): DialectAction[] {
  const out: DialectAction[] = [];
  const last = new Map<string, number>();
  for (const action of actions) {
    if (!('leg' in action)) {
      out.push(action);
      continue;
    }
    const at = last.get(action.leg);
    const before = at === undefined ? undefined : out[at];
    if (action.kind === 'audio' && before?.kind === 'audio' && at !== undefined) {
      out[at] = { ...before, bytes: Uint8Array.from(Buffer.concat([before.bytes, action.bytes])) };
      continue;
    }
    last.set(action.leg, out.length);
    out.push(action);
  }
  return out;
}

/** The audio of every leg, and what stands between, in the order in which the legs opened: how legs alternate means nothing either. */
export function perLeg(actions: readonly DialectAction[]): readonly (readonly DialectAction[])[] {
  const legs = new Map<string, DialectAction[]>();
  for (const action of normal(actions)) {
    if (!('leg' in action)) continue;
    legs.set(action.leg, [...(legs.get(action.leg) ?? []), action]);
  }
  return [...legs.values()];
}

/** Actions in short, for comparing many of them: audio is its length and its hash. */
export const brief = (actions: readonly DialectAction[]): string[] =>
  actions.map((action) => {
    if (action.kind !== 'audio') return JSON.stringify(action);
    return `audio ${action.leg} ${action.bytes.length} ${createHash('sha1').update(action.bytes).digest('hex')}`;
  });

/** The same of each leg. */
export const briefly = (actions: readonly DialectAction[]): string[][] => perLeg(actions).map(brief);
