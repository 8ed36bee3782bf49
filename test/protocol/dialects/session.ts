import { UndertoneError } from '../../../src/errors.ts';
import { type DialectAction, type DialectSession, dialects, type Handshake } from '../../../src/protocol/index.ts';

/** A session of a dialect at a URL with the given query. */
export function sessionOf(name: string, query = '', over: Partial<Handshake> = {}): DialectSession {
  const dialect = dialects.find((known) => known.name === name);
  if (dialect === undefined) throw new Error(`There is no dialect ${name}.`);
  const url = new URL(`wss://voice.example.com/v1/telephony/${name}${query}`);
  return dialect.open({ url, headers: {}, subprotocols: [], ...over });
}

/** The code and the sentence of the error that comes of it. */
export function errorOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof UndertoneError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

export const startOf = (actions: readonly DialectAction[]) =>
  actions.flatMap((action) => (action.kind === 'open' ? [action.start] : []))[0];

export const audioOf = (actions: readonly DialectAction[]): number[] =>
  actions.flatMap((action) => (action.kind === 'audio' ? [...action.bytes] : []));

export const repliesOf = (actions: readonly DialectAction[]): string[] =>
  actions.flatMap((action) => (action.kind === 'reply' ? [String(action.message)] : []));
