/** A parameter of a member: strings and integers are all that HTTP message signatures have. */
export type FieldParameter = readonly [name: string, value: string | number];

/** An inner list of strings with its parameters, and how both are written when nothing is left to taste. */
export interface InnerList {
  readonly items: readonly string[];
  readonly parameters: readonly FieldParameter[];
  readonly text: string;
}

const KEY = /^[a-z*][a-z0-9_\-.*]*/;
const STRING = /^"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"/;
const INTEGER = /^-?\d{1,15}(?![\d.])/;
const BYTES = /^:([A-Za-z0-9+/]*={0,2}):/;

/**
 * A dictionary of inner lists (RFC 8941, sections 3.1.1 and 3.2), of which all items are strings without parameters: the
 * `Signature-Input` field. `undefined` for anything else.
 */
export function parseInnerLists(field: string): ReadonlyMap<string, InnerList> | undefined {
  return parseDictionary(field, (reader) => reader.innerList());
}

/** A dictionary of byte sequences: the `Signature` field. `undefined` for anything else. */
export function parseByteSequences(field: string): ReadonlyMap<string, Uint8Array> | undefined {
  return parseDictionary(field, (reader) => reader.bytes());
}

function parseDictionary<T>(field: string, member: (reader: Reader) => T | undefined): Map<string, T> | undefined {
  const members = new Map<string, T>();
  const reader = new Reader(field.trim());
  for (;;) {
    const name = reader.take(KEY);
    if (name === undefined || reader.take(/^=/) === undefined) return undefined;
    const value = member(reader);
    if (value === undefined) return undefined;
    members.set(name, value);
    if (reader.isAtEnd) return members;
    if (reader.take(/^[ \t]*,[ \t]*/) === undefined || reader.isAtEnd) return undefined;
  }
}

class Reader {
  #rest: string;

  constructor(text: string) {
    this.#rest = text;
  }

  get isAtEnd(): boolean {
    return this.#rest === '';
  }

  /** What the pattern matches here, or its first group if it has one. */
  take(pattern: RegExp): string | undefined {
    const match = pattern.exec(this.#rest);
    if (match === null) return undefined;
    this.#rest = this.#rest.slice(match[0].length);
    return match[1] ?? match[0];
  }

  innerList(): InnerList | undefined {
    if (this.take(/^\( */) === undefined) return undefined;
    const items: string[] = [];
    while (this.take(/^\)/) === undefined) {
      const item = this.take(STRING);
      if (item === undefined) return undefined;
      items.push(unquote(item));
      if (this.take(/^ +/) === undefined && !this.#rest.startsWith(')')) return undefined;
    }
    const parameters = this.#parameters();
    if (parameters === undefined) return undefined;
    return { items, parameters, text: writeInnerList(items, parameters) };
  }

  bytes(): Uint8Array | undefined {
    const text = this.take(BYTES);
    const bytes = text === undefined ? undefined : Buffer.from(text, 'base64');
    // One text for the same bytes: no bits left over, and padded.
    return bytes?.toString('base64') === text ? bytes : undefined;
  }

  #parameters(): FieldParameter[] | undefined {
    const parameters = new Map<string, string | number>();
    while (this.take(/^; */) !== undefined) {
      const name = this.take(KEY);
      if (name === undefined || this.take(/^=/) === undefined) return undefined;
      const text = this.take(STRING);
      const value = text === undefined ? this.take(INTEGER) : unquote(text);
      if (value === undefined) return undefined;
      // The last one of a name holds, at the place of the first (RFC 8941, section 4.2.3.2).
      parameters.set(name, text === undefined ? Number(value) : value);
    }
    return [...parameters];
  }
}

/** As RFC 8941, section 4.1.1.1, writes it. */
export function writeInnerList(items: readonly string[], parameters: readonly FieldParameter[]): string {
  const written = parameters.map(([name, value]) => `;${name}=${typeof value === 'string' ? quote(value) : value}`);
  return `(${items.map(quote).join(' ')})${written.join('')}`;
}

export const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

const unquote = (text: string): string => text.replace(/\\(["\\])/g, '$1');
