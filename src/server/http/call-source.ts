import { asUndertoneError, UndertoneError } from '../../errors.ts';
import { excerpt, type Role } from '../../protocol/index.ts';
import type { KeptTimeline } from '../../store/index.ts';
import { withheldRoles } from '../desk/index.ts';
import type { LiveStream } from '../live-stream.ts';
import { openingOf } from '../opening.ts';
import type { HttpContext, KeptCalls } from './context.ts';

/** What is to be had of a call, and whether its beginning is missing. */
export interface CallEvents {
  readonly timelines: readonly KeptTimeline[];
  readonly truncated: boolean;
}

/** What was pushed to the store is asked for at most so long; what is not there then is not there. */
export const FLUSH_MS = 2_000;

export const unknownCall = (callId: string): UndertoneError =>
  new UndertoneError('unknown-call', { callId: excerpt(callId) });

/** The store. @throws UndertoneError `no-store` */
export function storeOf({ kept }: HttpContext): KeptCalls {
  if (kept === undefined) throw new UndertoneError('no-store');
  return kept;
}

/** Roles whose emotions are not told. */
export const withheldIn = ({ desk }: HttpContext): readonly Role[] => withheldRoles(desk.settings.policy);

/** Waits until what is known of a call that goes on, or has just ended, is in the store. */
export async function settled({ kept, registry }: HttpContext, callId: string): Promise<void> {
  if (kept !== undefined && registry.ofCall(callId).length > 0) await kept.writer.flush(FLUSH_MS);
}

/**
 * The streams of a call from the store; those of one that is live, or has just ended, from memory where the store has none
 * or fails.
 *
 * @throws UndertoneError `unknown-call`, `unknown-analysis`, `no-store`, `store-unavailable`
 */
export async function callEvents(context: HttpContext, callId: string, analysisId?: string): Promise<CallEvents> {
  const { kept, registry } = context;
  let failure: UndertoneError | undefined;
  if (kept !== undefined) {
    await settled(context, callId);
    try {
      const timelines = await kept.store.timeline(callId, analysisId);
      if (timelines.length > 0) return { timelines, truncated: false };
    } catch (thrown) {
      failure = asUndertoneError(thrown);
    }
  }
  if (analysisId !== undefined) {
    if (failure !== undefined) throw failure;
    if (kept === undefined) throw new UndertoneError('no-store');
    throw new UndertoneError('unknown-analysis', { analysisId: excerpt(analysisId) });
  }
  const streams = registry.ofCall(callId);
  if (streams.length === 0) throw failure ?? unknownCall(callId);
  return fromMemory(context, streams);
}

function fromMemory({ model }: HttpContext, streams: readonly LiveStream[]): CallEvents {
  const sorted = [...streams].sort((a, b) => a.startedAtMs - b.startedAtMs);
  const beganMs = sorted[0]?.startedAtMs ?? 0;
  return {
    timelines: sorted.map((stream) => ({
      stream: openingOf(stream, model),
      offsetMs: stream.startedAtMs - beganMs,
      events: eventsOf(stream),
    })),
    truncated: sorted.some(({ hub }) => hub.history.oldestCursor > 0),
  };
}

function eventsOf({ hub: { history } }: LiveStream): string[] {
  const events: string[] = [];
  for (let cursor = history.oldestCursor; cursor < history.nextCursor; cursor += 1) {
    const event = history.at(cursor);
    if (event !== undefined) events.push(event.bytes.toString());
  }
  return events;
}
