import { encodeEvent, type ServerEvent, type TimelineEvent } from '../protocol/index.ts';

/** An event of a stream's timeline as it goes out: encoded once, the same bytes to everyone. */
export interface EncodedEvent {
  readonly streamId: string;
  readonly cursor: number;
  readonly type: TimelineEvent['type'];
  /** −1 where the event is of the whole stream. */
  readonly channel: number;
  readonly bytes: Buffer;
}

/** @throws RangeError for an event that holds a number which is not finite. */
export function encodeTimelineEvent(event: TimelineEvent): EncodedEvent {
  return {
    streamId: event.streamId,
    cursor: event.cursor,
    type: event.type,
    channel: 'channel' in event && event.channel !== undefined ? event.channel : -1,
    bytes: encodeBytes(event),
  };
}

export function encodeBytes(event: ServerEvent): Buffer {
  return Buffer.from(encodeEvent(event));
}
