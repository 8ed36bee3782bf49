import type { CallMetrics, ChannelDescription, Stretch, TimelineEvent } from '../../protocol/index.ts';
import { CallMeter } from '../../streams/index.ts';

export interface MeteredStream {
  readonly channels: readonly ChannelDescription[];
  /** Of its first sample, in the call's time. */
  readonly offsetMs: number;
}

/** Figures of a call whose legs come on one stream or more. Its sides are the channels of all streams, one after the other. */
export class StreamsMeter {
  readonly #meter: CallMeter;
  readonly #streams: readonly MeteredStream[];
  /** Number of the first channel of each stream. */
  readonly #firsts: readonly number[];
  readonly #ended = new Set<number>();
  #durationMs = 0;

  constructor(streams: readonly MeteredStream[]) {
    this.#streams = streams;
    this.#firsts = streams.map((_, index) =>
      streams.slice(0, index).reduce((sum, { channels }) => sum + channels.length, 0),
    );
    this.#meter = new CallMeter(streams.flatMap(({ channels }) => channels));
  }

  metrics(): CallMetrics {
    return this.#meter.metrics();
  }

  /** Events of a stream in order; how those of several interleave does not matter. */
  next(stream: number, event: TimelineEvent): void {
    const { offsetMs } = this.#streams[stream]!;
    const first = this.#firsts[stream]!;
    if (event.type === 'ended') this.#end(stream, offsetMs, event);
    else this.#meter.next(offsetMs === 0 && first === 0 ? event : moved(event, offsetMs, first));
  }

  /** The call has ended when all of its streams have. */
  #end(stream: number, offsetMs: number, event: Extract<TimelineEvent, { type: 'ended' }>): void {
    this.#ended.add(stream);
    this.#durationMs = Math.max(this.#durationMs, offsetMs + event.durationMs);
    if (this.#ended.size === this.#streams.length) this.#meter.next({ ...event, durationMs: this.#durationMs });
  }
}

/** When an event is, in its stream's time; `undefined` where it has no time of its own. */
export function positionOf(event: TimelineEvent): number | undefined {
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

function moved(event: TimelineEvent, byMs: number, firstChannel: number): TimelineEvent {
  switch (event.type) {
    case 'window':
      return {
        ...event,
        ...shifted(event, byMs),
        channel: event.channel + firstChannel,
        openTurn: event.openTurn && shifted(event.openTurn, byMs),
      };
    case 'turn':
      return { ...event, ...shifted(event, byMs), channel: event.channel + firstChannel };
    case 'status':
      return event.startMs === undefined || event.endMs === undefined
        ? event
        : { ...event, ...shifted({ startMs: event.startMs, endMs: event.endMs }, byMs) };
    default:
      return event;
  }
}

const shifted = ({ startMs, endMs }: Stretch, byMs: number): Stretch => ({
  startMs: startMs + byMs,
  endMs: endMs + byMs,
});
