import type { ModelDescription } from '../protocol/index.ts';
import type { StoreWriter } from '../store/index.ts';
import { openingOf } from './opening.ts';
import type { Tap } from './taps.ts';

/** Puts every stream aside for the store: its opening, the bytes of its events, its end. */
export function storeTap(writer: Pick<StoreWriter, 'push'>, model: ModelDescription): Tap {
  return {
    opened: (stream) => writer.push({ kind: 'opened', stream: openingOf(stream, model) }),
    event: ({ runId }, { bytes }) => writer.push({ kind: 'event', runId, bytes, atMs: Date.now() }),
    ended: ({ runId, endReason }) =>
      writer.push({ kind: 'closed', runId, reason: endReason ?? 'error', atMs: Date.now() }),
  };
}
