import type { ChannelDescription, Role, ServerEvent, StartedEvent, TimelineEvent } from '../../../protocol/index.ts';
import type { KeptTimeline } from '../../../store/index.ts';
import { withholdFromEvents } from '../../desk/withhold-events.ts';

/** All of a call on one timeline: in the call's time, its legs as channels, one after the other. */
export interface CallTimeline {
  readonly callId: string;
  readonly channels: readonly ChannelDescription[];
  /** What a reader of the stream is told first. */
  readonly started: StartedEvent;
  /** In order, and numbered, as those of one stream. */
  readonly numbered: readonly TimelineEvent[];
  /** All of them. */
  readonly events: readonly ServerEvent[];
}

interface Placed {
  readonly atMs: number;
  /** Of its stream, and among its events: what keeps the order where times are the same. */
  readonly stream: number;
  readonly index: number;
  readonly event: TimelineEvent;
}

/**
 * One timeline of the streams of a call. That of one stream alone stays as it was; those of several are moved by their offsets,
 * their channels numbered on, and their events numbered anew under the id of the call, with one `ended` at the end.
 */
export function callTimeline(kept: readonly KeptTimeline[]): CallTimeline | undefined {
  const [first] = kept;
  if (first === undefined) return undefined;
  const { callId } = first.stream;
  const channels = kept.flatMap(({ stream }) => stream.channels);
  const streamId = kept.length === 1 ? first.stream.streamId : callId;
  const started: StartedEvent = {
    type: 'started',
    streamId,
    callId,
    resume: { token: '' },
    receivedSamples: 0,
    receivedMarks: 0,
    analysis: first.stream.analysis,
    channels,
    model: first.stream.model,
  };
  const numbered = kept.length === 1 ? first.events.map(parsed) : merged(kept, streamId);
  return { callId, channels, started, numbered, events: [started, ...numbered] };
}

/** The same without the emotions of these roles; numbered anew where that leaves events out. */
export function withheldTimeline(timeline: CallTimeline, withheld: readonly Role[]): CallTimeline {
  const { channels, started } = timeline;
  const seen = withholdFromEvents(timeline.numbered, channels, withheld);
  if (seen === timeline.numbered) return timeline;
  const numbered = seen.map((event, cursor) => ({ ...event, cursor }));
  return { ...timeline, numbered, events: [started, ...numbered] };
}

// The store gives back what this server has sent.
const parsed = (text: string): TimelineEvent => JSON.parse(text) as TimelineEvent;

function merged(kept: readonly KeptTimeline[], streamId: string): TimelineEvent[] {
  const placed: Placed[] = [];
  const ends: Extract<TimelineEvent, { type: 'ended' }>[] = [];
  let firstChannel = 0;
  kept.forEach(({ events, offsetMs, stream }, index) => {
    let atMs = offsetMs;
    events.map(parsed).forEach((event, position) => {
      const moved = movedEvent(event, offsetMs, firstChannel);
      if (moved.type === 'ended') {
        ends.push(moved);
        return;
      }
      // What has no time of its own stays behind what came before it.
      atMs = Math.max(atMs, positionOf(moved) ?? atMs);
      placed.push({ atMs, stream: index, index: position, event: moved });
    });
    firstChannel += stream.channels.length;
  });
  placed.sort((a, b) => a.atMs - b.atMs || a.stream - b.stream || a.index - b.index);
  const all = placed.map(({ event }) => event);
  // A call has ended when all of its streams have.
  if (ends.length === kept.length) all.push(endOf(ends));
  return all.map((event, cursor) => ({ ...event, streamId, cursor }));
}

function endOf(ends: readonly Extract<TimelineEvent, { type: 'ended' }>[]): TimelineEvent {
  const last = ends.reduce((latest, each) => (each.durationMs > latest.durationMs ? each : latest));
  return { ...last, channels: ends.flatMap(({ channels }) => channels) };
}

/** When an event was known, in its own time. */
function positionOf(event: TimelineEvent): number | undefined {
  switch (event.type) {
    case 'mark':
    case 'alert':
      return event.atMs;
    case 'ended':
      return event.durationMs;
    default:
      return event.endMs;
  }
}

function movedEvent(event: TimelineEvent, byMs: number, firstChannel: number): TimelineEvent {
  const span = <T extends { readonly startMs: number; readonly endMs: number }>(of: T): T => ({
    ...of,
    startMs: of.startMs + byMs,
    endMs: of.endMs + byMs,
  });
  switch (event.type) {
    case 'window':
      return {
        ...span(event),
        channel: event.channel + firstChannel,
        openTurn: event.openTurn && span(event.openTurn),
      };
    case 'segment':
    case 'turn':
      return { ...span(event), channel: event.channel + firstChannel };
    case 'mark':
      return { ...event, atMs: event.atMs + byMs };
    case 'alert':
      return {
        ...event,
        atMs: event.atMs + byMs,
        sinceMs: event.sinceMs + byMs,
        evidence: event.evidence.map((one) =>
          one.channel === undefined ? one : { ...one, channel: one.channel + firstChannel },
        ),
      };
    case 'status':
      return {
        ...event,
        ...(event.channel !== undefined && { channel: event.channel + firstChannel }),
        ...(event.startMs !== undefined && { startMs: event.startMs + byMs }),
        ...(event.endMs !== undefined && { endMs: event.endMs + byMs }),
      };
    case 'ended':
      return {
        ...event,
        durationMs: event.durationMs + byMs,
        channels: event.channels.map((summary) => ({ ...summary, channel: summary.channel + firstChannel })),
      };
  }
}
