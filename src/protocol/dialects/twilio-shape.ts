import { z } from 'zod';
import type { ChannelDescription } from '../events.ts';
import type { WireFormat } from '../limits.ts';
import { callIdOf, markNameOf } from './call-metadata.ts';
import { count, direction, milliseconds, object, text } from './fields.ts';
import { check, type JsonObject, own } from './json.ts';
import { MAIN, type MediaMessage } from './media-message.ts';

const start = object({
  streamSid: text.exactOptional(),
  start: object({
    streamSid: text.exactOptional(),
    callSid: text.exactOptional(),
    tracks: z.array(direction, 'must be a list').max(2, 'must be at most two tracks').exactOptional(),
    mediaFormat: object({
      encoding: text,
      sampleRate: count,
      channels: z.literal([1, '1'], 'must be 1').exactOptional(),
    }),
    customParameters: z.unknown().optional(),
  }),
});

const media = object({
  media: object({
    track: direction.default('inbound'),
    chunk: count.exactOptional(),
    timestamp: milliseconds.exactOptional(),
    payload: text,
  }),
});

/** The two sides as a platform sees them that was called by a customer: what comes in, and what goes out to them. */
export function describeDirection(track: string): ChannelDescription {
  return { name: track, role: track === 'inbound' ? 'customer' : track === 'outbound' ? 'employee' : 'unknown' };
}

export const DIRECTIONS = ['inbound', 'outbound'] as const;

/** A message of Twilio's shape, which other platforms took over; only formats differ. */
export function readTwilioShape(
  message: JsonObject,
  formatOf: (encoding: string, sampleRateHz: number) => { readonly format: WireFormat; readonly bigEndian: boolean },
): MediaMessage | undefined {
  switch (own(message, 'event')) {
    case 'start': {
      const read = check(start, message);
      const { streamSid = read.streamSid, callSid, tracks, mediaFormat, customParameters } = read.start;
      const callId = callIdOf(callSid);
      const known = tracks !== undefined && tracks.length > 0;
      return {
        kind: 'start',
        leg: MAIN,
        start: {
          ...formatOf(mediaFormat.encoding, mediaFormat.sampleRate),
          ...(streamSid !== undefined && { id: streamSid }),
          ...(known && { tracks: DIRECTIONS.filter((track) => tracks.includes(track)) }),
          ...(callId !== undefined && { callId }),
          parameters: customParameters,
        },
      };
    }
    case 'media': {
      const { track, chunk, timestamp, payload } = check(media, message).media;
      return { kind: 'media', leg: MAIN, track, chunk, timestampMs: timestamp, payload };
    }
    // The digit stays out: it may be of a card or a PIN.
    case 'dtmf':
      return { kind: 'mark', leg: MAIN, name: 'dtmf' };
    case 'mark':
      return { kind: 'mark', leg: MAIN, name: markNameOf(own(own(message, 'mark'), 'name')) };
    case 'stop':
      return { kind: 'stop', leg: MAIN };
    default:
      return undefined;
  }
}
