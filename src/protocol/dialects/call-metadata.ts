import { MAX_METADATA_BYTES } from '../limits.ts';
import { isPrintableId, isPrintableName } from '../printable.ts';

type Metadata = Readonly<Record<string, string | number | boolean>>;

/** Names that mean something to a program that copies properties one by one. */
const RESERVED = ['__proto__', 'constructor', 'prototype'];

/**
 * A platform's custom parameters as metadata: the flat ones of them, as many as fit into the limit, in their order. Nothing else
 * of a call becomes metadata: no number, no name of a caller.
 */
export function metadataOf(parameters: unknown): Metadata {
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) return {};
  const kept: [string, string | number | boolean][] = [];
  // The braces, then of every entry its JSON and a comma.
  let bytes = 2;
  for (const [name, value] of Object.entries(parameters)) {
    if (RESERVED.includes(name) || !isPrintableName(name) || !isFlat(value)) continue;
    bytes += byteLength(JSON.stringify(name)) + byteLength(JSON.stringify(value)) + 2;
    if (bytes > MAX_METADATA_BYTES) break;
    kept.push([name, value]);
  }
  return Object.fromEntries(kept);
}

const isFlat = (value: unknown): value is string | number | boolean =>
  (typeof value === 'string' && value.length <= MAX_METADATA_BYTES) ||
  (typeof value === 'number' && Number.isFinite(value)) ||
  typeof value === 'boolean';

const byteLength = (text: string): number => new TextEncoder().encode(text).length;

/** International numbers, bare, as URI, and as Azure writes them (`4:+1…`); bare digits are as likely an id. */
const PHONE_NUMBER = /^(?:\d+:)?(?:tel:|sips?:\+?\d{7}|\+\s?\(?\d)/i;

/**
 * A platform's id of a call, if it can be one: a printable name, and no phone number, which is personal and would land in logs
 * and addresses.
 */
export function callIdOf(...ids: readonly unknown[]): string | undefined {
  return ids.find((id): id is string => typeof id === 'string' && isPrintableId(id) && !PHONE_NUMBER.test(id));
}

/** The name of a mark that a platform sends; its own label if it is a printable one. */
export const markNameOf = (name: unknown): string =>
  typeof name === 'string' && isPrintableName(name) ? name : 'mark';
