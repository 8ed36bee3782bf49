import { encodeEvent } from '../protocol/index.ts';
import type { RecordedCall } from './recorded-call.ts';

/** JSON Lines: one event per line, the wire protocol's bytes. */
export function callJsonl({ events }: RecordedCall): string {
  return events.map((event) => `${encodeEvent(event)}\n`).join('');
}
