import type { Emotion } from '../emotions.ts';
import type {
  AlertEvent,
  ChannelDescription,
  ModelDescription,
  Probabilities,
  ServerEvent,
  UnknownReason,
} from '../protocol/index.ts';

/** What a figure needs of a window. */
export interface RecordedWindow {
  readonly endMs: number;
  readonly label: Emotion | 'unknown';
  readonly reason: UnknownReason | undefined;
  readonly probabilities: Probabilities;
}

export interface RecordedMoment {
  readonly atMs: number;
  readonly text: string;
}

export interface RecordedChannel extends ChannelDescription {
  readonly windows: RecordedWindow[];
  readonly turns: { readonly startMs: number; readonly endMs: number }[];
}

/** An alert from raise to clear; without an end while it is raised. */
export interface RecordedAlert {
  readonly rule: string;
  readonly startMs: number;
  endMs: number | undefined;
}

/** The timeline of one stream, kept for a figure. */
export class TimelineRecord {
  readonly channels: RecordedChannel[] = [];
  readonly moments: RecordedMoment[] = [];
  readonly alerts: RecordedAlert[] = [];
  model: ModelDescription | undefined;
  windowMs = 0;
  stepMs = 0;
  durationMs = 0;

  add(event: ServerEvent): void {
    switch (event.type) {
      case 'started':
        this.model = event.model;
        this.windowMs = event.analysis.windowMs;
        this.stepMs = event.analysis.stepMs;
        this.channels.push(...event.channels.map((channel) => ({ ...channel, windows: [], turns: [] })));
        return;
      case 'window': {
        const { endMs, label, reason, probabilities } = event;
        this.channels[event.channel]?.windows.push({ endMs, label, reason, probabilities });
        this.durationMs = Math.max(this.durationMs, endMs);
        return;
      }
      case 'turn':
        this.channels[event.channel]?.turns.push({ startMs: event.startMs, endMs: event.endMs });
        return;
      case 'mark':
        this.moments.push({ atMs: event.atMs, text: event.name });
        return;
      case 'alert':
        this.#alert(event);
        return;
      case 'ended':
        this.durationMs = event.durationMs;
        return;
      default:
        return;
    }
  }

  #alert({ rule, state, atMs }: AlertEvent): void {
    const open = this.alerts.findLast((alert) => alert.rule === rule && alert.endMs === undefined);
    if (state === 'raised' && open === undefined) this.alerts.push({ rule, startMs: atMs, endMs: undefined });
    if (state === 'cleared' && open !== undefined) open.endMs = atMs;
  }
}
