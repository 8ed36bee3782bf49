import type { EndReason, TimelineEvent } from '../../protocol/index.ts';
import type { StoreItem, StreamOpening } from '../store.ts';

export interface ParsedEvent {
  readonly event: TimelineEvent;
  readonly bytes: Uint8Array;
  readonly atMs: number;
}

/** What a batch says of one stream. */
export interface RunItems {
  readonly events: ParsedEvent[];
  closed?: { readonly reason: EndReason; readonly atMs: number };
  recorded?: { readonly file: string; readonly bytes: number };
  missing: number;
}

export interface ParsedBatch {
  readonly openings: readonly StreamOpening[];
  readonly runs: ReadonlyMap<string, RunItems>;
}

const TYPES: readonly string[] = [
  'window',
  'segment',
  'turn',
  'mark',
  'alert',
  'status',
  'ended',
] satisfies readonly TimelineEvent['type'][];

/** Items by their stream, events as what they say. Bytes that are no event count as missing. */
export function parseBatch(items: readonly StoreItem[]): ParsedBatch {
  const openings: StreamOpening[] = [];
  const runs = new Map<string, RunItems>();
  for (const item of items) {
    if (item.kind === 'opened') {
      openings.push(item.stream);
      continue;
    }
    const run = runs.get(item.runId) ?? { events: [], missing: 0 };
    runs.set(item.runId, run);
    switch (item.kind) {
      case 'event': {
        const event = parseEvent(item.bytes);
        if (event === undefined) run.missing += 1;
        else run.events.push({ event, bytes: item.bytes, atMs: item.atMs });
        break;
      }
      case 'closed':
        run.closed = { reason: item.reason, atMs: item.atMs };
        break;
      case 'recorded':
        run.recorded = { file: item.file, bytes: item.bytes };
        break;
      case 'missing':
        run.missing += item.events;
    }
  }
  return { openings, runs };
}

function parseEvent(bytes: Uint8Array): TimelineEvent | undefined {
  try {
    const event: Partial<TimelineEvent> | null = JSON.parse(
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString(),
    );
    const known = event !== null && TYPES.includes(event.type ?? '') && Number.isSafeInteger(event.cursor);
    return known ? (event as TimelineEvent) : undefined;
  } catch {
    return undefined;
  }
}
