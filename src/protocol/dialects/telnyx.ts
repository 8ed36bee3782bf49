import { z } from 'zod';
import type { Dialect } from '../dialect.ts';
import { callIdOf, markNameOf } from './call-metadata.ts';
import { count, direction, milliseconds, object, text } from './fields.ts';
import { check, type JsonObject, own } from './json.ts';
import { type ByteOrder, byteOrderOf, trackFormat } from './l16.ts';
import { MAIN, type MediaMessage } from './media-message.ts';
import { MediaSession } from './media-session.ts';
import { DIRECTIONS, describeDirection } from './twilio-shape.ts';

/** Of the codecs that Telnyx forks (those and G722, OPUS, AMR-WB), the ones that can be heard without a codec of their own. */
const ENCODINGS = { pcmu: 'mulaw', pcma: 'alaw', l16: 'pcm_s16le' } as const;

const start = object({
  stream_id: text.exactOptional(),
  start: object({
    call_control_id: text.exactOptional(),
    call_session_id: text.exactOptional(),
    custom_parameters: z.unknown().optional(),
    media_format: object({
      encoding: text,
      sample_rate: count,
      channels: z.literal([1, '1'], 'must be 1').exactOptional(),
    }),
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

/**
 * Telnyx media streaming. Frames may come out of order: they are put right by their chunk number. The tracks are not announced, so
 * those of the first 300 ms are the channels of the stream; one that comes later is a stream of its own in the same call. Inbound is
 * the customer, outbound the employee. The legs of one session share its `call_session_id`.
 *
 * L16 is an RTP payload and so in network order (RFC 3551, section 4.5.11); some users report little-endian: `?l16=little`.
 *
 * Source: developers.telnyx.com/api-reference/websockets/stream-call-media-over-websocket.
 */
export const telnyx: Dialect = {
  name: 'telnyx',
  subprotocols: [],
  open: (handshake) => {
    const order = byteOrderOf(handshake, 'big');
    return new MediaSession(
      { read: (message) => read(message, order), describe: (_, track) => describeDirection(track), order: DIRECTIONS },
      handshake,
    );
  },
  claims: (_, first) => {
    if (first.kind !== 'text') return false;
    return typeof own(own(first.object, 'start'), 'call_control_id') === 'string';
  },
};

function read(message: JsonObject, order: ByteOrder): MediaMessage | undefined {
  switch (own(message, 'event')) {
    case 'start': {
      const { stream_id: id, start: begun } = check(start, message);
      const { encoding, sample_rate: rate } = begun.media_format;
      const callId = callIdOf(begun.call_session_id, begun.call_control_id);
      return {
        kind: 'start',
        leg: MAIN,
        start: {
          ...trackFormat(encoding, rate, ENCODINGS, order),
          ...(id !== undefined && { id }),
          ...(callId !== undefined && { callId }),
          parameters: begun.custom_parameters,
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
