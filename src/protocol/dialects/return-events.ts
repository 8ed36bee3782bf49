import { UndertoneError } from '../../errors.ts';
import type { Handshake } from '../dialect.ts';
import type { TimelineEvent } from '../events.ts';
import { excerpt } from '../printable.ts';
import { queryOf } from './url-options.ts';

type EventType = TimelineEvent['type'];
const TYPES: readonly EventType[] = ['window', 'segment', 'turn', 'mark', 'alert', 'status', 'ended'];
/** Of `?events=true`: what was heard, and not what the platform has said itself. */
const HEARD: readonly EventType[] = ['window', 'segment', 'turn', 'alert', 'ended'];

/**
 * Which events of a stream go back over its socket: none, unless the URL has `?events=true` (what was heard) or a list such as
 * `?events=turn,segment`.
 *
 * @throws UndertoneError `invalid-query`
 */
export function readReturnedEvents(handshake: Handshake): (event: TimelineEvent) => boolean {
  const said = queryOf(handshake.url)('events');
  if (said === undefined || said === 'false') return () => false;
  const types = said === 'true' ? HEARD : said.split(',').map(readType);
  return (event) => types.includes(event.type);
}

function readType(text: string): EventType {
  const type = TYPES.find((known) => known === text.trim());
  if (type !== undefined) return type;
  const detail = `events must be true, false or some of ${TYPES.join(', ')}, not "${excerpt(text)}"`;
  throw new UndertoneError('invalid-query', { detail });
}
