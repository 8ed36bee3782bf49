import type { Message } from './conversation.ts';
import { HOSTILE, places, withValue } from './hostile-values.ts';

/** A small generator of numbers from 0 to 1, the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A conversation that a dialect may be put through. */
export interface FuzzCase {
  readonly dialect: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly messages: readonly Message[];
}

/** Longer conversations find nothing more, and cost more. */
const MAX_MESSAGES = 48;
const MAX_TEXT = 200_000;

/** Changes a conversation in one to four ways, with parts of another one. */
export class Mutator {
  readonly #next: () => number;

  constructor(next: () => number) {
    this.#next = next;
  }

  mutate(one: FuzzCase, other: FuzzCase): FuzzCase {
    let changed = one;
    for (let times = 1 + this.#below(4); times > 0; times -= 1) changed = this.#once(changed, other);
    return { ...changed, messages: changed.messages.slice(0, MAX_MESSAGES) };
  }

  #below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#below(items.length)]!;
  }

  #once(one: FuzzCase, other: FuzzCase): FuzzCase {
    const kind = this.#below(20);
    if (kind === 0) return { ...one, url: this.#url(one.url) };
    if (kind === 1) return { ...one, dialect: this.#pick([one.dialect, other.dialect, 'auto']) };
    const messages = [...one.messages];
    const at = this.#below(messages.length + 1);
    const to = this.#below(messages.length + 1);
    const message = messages[at];
    if (kind === 2) messages.splice(at, 1 + this.#below(3));
    else if (kind === 3)
      messages.splice(at, 0, ...other.messages.slice(this.#below(other.messages.length + 1)).slice(0, 5));
    else if (message === undefined) messages.push(this.#pick(other.messages.length > 0 ? other.messages : ['']));
    else if (kind === 4) messages.splice(to, 0, message);
    else if (kind === 5) messages.splice(to, 0, ...messages.splice(at, 1));
    else if (kind === 6) messages.splice(at, 0, ...Array.from({ length: 1 + this.#below(30) }, () => message));
    else messages[at] = typeof message === 'string' ? this.#text(message, other) : this.#bytes(message);
    return { ...one, messages };
  }

  #url(url: string): string {
    const changed = new URL(url);
    const name = this.#pick(['roles', 'channels', 'callId', 'l16', 'tracks', 'encoding', 'rate', 'x']);
    changed.searchParams.set(
      name,
      this.#pick([
        'customer,employee',
        'bot',
        'a:customer,b',
        'big',
        'little',
        '',
        ',',
        'é',
        '\u0000',
        '9'.repeat(300),
      ]),
    );
    return changed.href;
  }

  #bytes(bytes: Uint8Array): Message {
    const changed = Uint8Array.from(
      bytes.subarray(0, this.#next() < 0.2 ? this.#below(bytes.length + 1) : bytes.length),
    );
    for (let flips = this.#below(4); flips > 0 && changed.length > 0; flips -= 1)
      changed[this.#below(changed.length)] = this.#below(256);
    return this.#next() < 0.1 ? new TextDecoder('latin1').decode(changed) : changed;
  }

  #text(text: string, other: FuzzCase): Message {
    const kind = this.#below(10);
    if (kind === 0) return new TextEncoder().encode(text);
    if (kind === 1) return text.slice(0, this.#below(text.length + 1));
    if (kind === 2) return this.#flip(text);
    if (kind === 3) {
      const donor = this.#pick(other.messages.length > 0 ? other.messages : ['{}']);
      if (typeof donor === 'string')
        return (text.slice(0, this.#below(text.length)) + donor.slice(this.#below(donor.length))).slice(0, MAX_TEXT);
    }
    return this.#json(text);
  }

  #flip(text: string): string {
    const at = this.#below(text.length + 1);
    const character = this.#pick([
      '"',
      '{',
      '}',
      ',',
      ':',
      '\\',
      '0',
      '-',
      'e',
      '\u0000',
      '\ud800',
      '\u{1f600}',
      '=',
      ' ',
    ]);
    return text.slice(0, at) + character + text.slice(at + this.#below(2));
  }

  /** One place of a JSON message gets another value. */
  #json(text: string): string {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return this.#flip(text);
    }
    const place = this.#pick(places(value));
    const before = place.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)?.[key], value);
    return (JSON.stringify(withValue(value, place, this.#value(before, value))) ?? 'null').slice(0, MAX_TEXT);
  }

  #value(before: unknown, whole: unknown): unknown {
    const kind = this.#below(8);
    if (kind === 0) return undefined;
    if (kind < 3) return this.#pick(HOSTILE);
    if (kind === 3) return { [this.#pick(['event', 'start', 'media', '__proto__', 'track', 'stop'])]: whole };
    const digits = typeof before === 'string' && /^\d{1,15}$/.test(before);
    if (digits || typeof before === 'number') {
      const number = Number(before);
      const changed = this.#pick([
        number + 1,
        number - 1,
        number + this.#below(100),
        number * 2,
        number + 100_000,
        this.#below(30),
        number + 3_700_000,
      ]);
      return digits ? String(Math.max(0, changed)) : changed;
    }
    if (typeof before === 'string')
      return this.#next() < 0.5 ? this.#flip(before) : before.slice(0, this.#below(before.length + 1));
    return this.#pick(HOSTILE);
  }
}
