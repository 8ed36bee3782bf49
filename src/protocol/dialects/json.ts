import type { z } from 'zod';
import { UndertoneError } from '../../errors.ts';
import { MAX_MESSAGE_BYTES } from '../limits.ts';
import { excerpt } from '../printable.ts';
import { sentence } from '../sentence.ts';

/** A JSON object as it came: its keys are its own, and nothing is known of its values. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The JSON object of a platform's text message. A key such as `__proto__` becomes a property like any other: it reaches
 * nothing but this object, and the schemas do not ask for it.
 *
 * @throws UndertoneError `message-too-large`, `not-json`, `invalid-message`
 */
export function parseObject(text: string, limitBytes: number = MAX_MESSAGE_BYTES): JsonObject {
  checkSize(text, limitBytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UndertoneError('not-json');
  }
  if (!isObject(value)) throw new UndertoneError('invalid-message', { detail: 'it must be a JSON object' });
  return value;
}

/**
 * As `parseObject`, for text that may be something else; `undefined` where it is.
 *
 * @throws UndertoneError `message-too-large`
 */
export function tryParseObject(text: string, limitBytes: number = MAX_MESSAGE_BYTES): JsonObject | undefined {
  checkSize(text, limitBytes);
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A value as its schema describes it; what the schema does not know is left out.
 *
 * @throws UndertoneError `invalid-message`, naming the field and never its value
 */
export function check<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new UndertoneError('invalid-message', { detail: excerptOf(sentence(result.error.issues, value)) });
}

/** An own property of an object that came from outside; `undefined` where there is none. */
export function own(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A sentence is our own but for the names of fields, which `sentence` has cut already. */
const excerptOf = (text: string): string => (text.length > 300 ? excerpt(text) : text);

function checkSize(text: string, limitBytes: number): void {
  // A code unit is 1 to 3 bytes of UTF-8, so most texts need no count of their bytes.
  if (
    3 * text.length > limitBytes &&
    (text.length > limitBytes || new TextEncoder().encode(text).length > limitBytes)
  ) {
    throw new UndertoneError('message-too-large', { limit: limitBytes });
  }
}
