import { UndertoneError } from '../errors.ts';
import { eventSchemas } from './event-schemas.ts';
import type { ServerEvent } from './events.ts';
import { sentence } from './sentence.ts';

/**
 * A server's text message as an event; `undefined` for a type that this version does not know, so that a client lives
 * with a newer server. Fields it does not know are left out.
 *
 * @throws UndertoneError `not-json`, `invalid-message`
 */
export function parseServerEvent(text: string): ServerEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UndertoneError('not-json');
  }
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
  if (typeof type !== 'string') throw new UndertoneError('invalid-message', { detail: 'an event needs a type' });
  if (!isKnown(type)) return undefined;
  const result = eventSchemas[type].safeParse(value);
  if (result.success) return result.data;
  throw new UndertoneError('invalid-message', { detail: sentence(result.error.issues, value) });
}

const isKnown = (type: string): type is keyof typeof eventSchemas => Object.hasOwn(eventSchemas, type);
