import type { Emotion } from '../emotions.ts';
import type {
  AlertEvent,
  AnalysisSettings,
  ChannelDescription,
  ChannelPosition,
  MarkEvent,
  ModelDescription,
  SegmentEvent,
  ServerEvent,
  StartedEvent,
  Stretch,
  TurnEvent,
  WindowEvent,
} from '../protocol/index.ts';

/** One side of a call, with its events in order. */
export interface RecordedSide extends ChannelDescription {
  readonly channel: number;
  readonly windows: readonly WindowEvent[];
  readonly segments: readonly SegmentEvent[];
  readonly turns: readonly TurnEvent[];
}

/** What a stream's events tell of its call, live or ended; what the files are made of. */
export interface RecordedCall {
  readonly streamId: string;
  readonly callId: string;
  readonly model?: ModelDescription;
  readonly analysis?: AnalysisSettings;
  readonly durationMs: number;
  readonly sides: readonly RecordedSide[];
  readonly marks: readonly MarkEvent[];
  readonly alerts: readonly AlertEvent[];
  /** The events themselves, without those of a connection (`ack`, `error`, unnumbered `status`). */
  readonly events: readonly ServerEvent[];
}

interface Side extends ChannelDescription {
  readonly channel: number;
  readonly windows: WindowEvent[];
  readonly segments: SegmentEvent[];
  readonly turns: TurnEvent[];
}

/**
 * Gathers the events of one stream. `started` may be missing (a subscriber never sees it): sides, names and roles are then
 * those of the events.
 */
export function recordCall(events: Iterable<ServerEvent>): RecordedCall {
  const kept: ServerEvent[] = [];
  const sides: Side[] = [];
  const marks: MarkEvent[] = [];
  const alerts: AlertEvent[] = [];
  let started: StartedEvent | undefined;
  let durationMs = 0;
  const side = ({ channel, channelName, role }: ChannelPosition): Side => {
    sides[channel] ??= { channel, name: channelName, role, windows: [], segments: [], turns: [] };
    return sides[channel];
  };
  const reach = (ms: number): void => {
    durationMs = Math.max(durationMs, ms);
  };
  for (const event of events) {
    switch (event.type) {
      case 'started':
        started = event;
        event.channels.forEach(({ name, role }, channel) => {
          side({ channel, channelName: name, role });
        });
        break;
      case 'window':
        side(event).windows.push(event);
        reach(event.endMs);
        break;
      case 'segment':
        side(event).segments.push(event);
        reach(event.endMs);
        break;
      case 'turn':
        side(event).turns.push(event);
        reach(event.endMs);
        break;
      case 'mark':
        marks.push(event);
        break;
      case 'alert':
        alerts.push(event);
        break;
      case 'ended':
        for (const summary of event.channels) side(summary);
        reach(event.durationMs);
        break;
      case 'status':
        if (!('cursor' in event)) continue;
        break;
      default:
        continue;
    }
    kept.push(event);
  }
  const streamId = kept.map((event) => ('streamId' in event ? event.streamId : undefined)).find(Boolean) ?? '';
  return {
    streamId,
    callId: started?.callId ?? streamId,
    ...(started !== undefined && { model: started.model, analysis: started.analysis }),
    durationMs,
    // A channel that none of the events names leaves a hole.
    sides: sides.filter((found) => found !== undefined),
    marks,
    alerts,
    events: kept,
  };
}

/** A stretch of one label, as segments are; the last one may come from windows whose segment is not told yet. */
export interface LabelledStretch extends Stretch {
  readonly label: Emotion | 'unknown';
  readonly meanScore: number;
}

/** The labels of a side over its time, without holes: its segments, and for a live call what its windows add to them. */
export function stretchesOf({ segments, windows }: RecordedSide): LabelledStretch[] {
  const stretches: LabelledStretch[] = segments.map(({ startMs, endMs, label, meanScore }) => ({
    startMs,
    endMs,
    label,
    meanScore,
  }));
  const toldMs = segments.at(-1)?.endMs ?? 0;
  let open: {
    readonly startMs: number;
    endMs: number;
    label: LabelledStretch['label'];
    scores: number;
    windows: number;
  };
  open = { startMs: toldMs, endMs: toldMs, label: 'unknown', scores: 0, windows: 0 };
  const close = (): void => {
    const { scores, windows: count, ...stretch } = open;
    if (count > 0) stretches.push({ ...stretch, meanScore: scores / count });
  };
  for (const { endMs, label, score } of windows) {
    if (endMs <= toldMs) continue;
    if (label !== open.label) {
      close();
      open = { startMs: open.endMs, endMs, label, scores: 0, windows: 0 };
    }
    open.endMs = endMs;
    open.scores += score;
    open.windows += 1;
  }
  close();
  return stretches.filter(({ startMs, endMs }) => endMs > startMs);
}

export interface AlertSpan extends Stretch {
  readonly rule: string;
}

/** From raise to clear; to the end of the call so far where an alert is still raised. */
export function alertSpansOf({ alerts, durationMs }: RecordedCall): AlertSpan[] {
  const raised = new Map<string, number>();
  const spans: AlertSpan[] = [];
  for (const { rule, state, atMs } of alerts) {
    const startMs = raised.get(rule);
    if (state === 'raised') raised.set(rule, startMs ?? atMs);
    else if (startMs !== undefined) {
      spans.push({ rule, startMs, endMs: atMs });
      raised.delete(rule);
    }
  }
  for (const [rule, startMs] of raised) spans.push({ rule, startMs, endMs: Math.max(startMs, durationMs) });
  return spans.sort((a, b) => a.startMs - b.startMs);
}
