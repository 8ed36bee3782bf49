import { z } from 'zod';
import type { Dialect } from '../dialect.ts';
import { callIdOf, markNameOf } from './call-metadata.ts';
import { count, direction, milliseconds, object, text } from './fields.ts';
import { check, type JsonObject, own, tryParseObject } from './json.ts';
import { type ByteOrder, byteOrderOf, trackFormat } from './l16.ts';
import { MAIN, type MediaMessage } from './media-message.ts';
import { MediaSession } from './media-session.ts';
import { DIRECTIONS, describeDirection } from './twilio-shape.ts';

const ENCODINGS = { 'audio/x-mulaw': 'mulaw', 'audio/x-l16': 'pcm_s16le' } as const;

const start = object({
  start: object({
    callId: text.exactOptional(),
    streamId: text.exactOptional(),
    tracks: z.array(direction, 'must be a list').max(2, 'must be at most two tracks').exactOptional(),
    mediaFormat: object({ encoding: text, sampleRate: count }),
  }),
  extra_headers: z.unknown().optional(),
});

const media = object({
  media: object({
    track: direction.default('inbound'),
    chunk: count.exactOptional(),
    timestamp: milliseconds.exactOptional(),
    payload: text,
  }),
});

/** `a=1;b=2`, `a=1,b=2` or a JSON object: extra headers have been seen as all three. */
function readExtraHeaders(headers: unknown): unknown {
  if (typeof headers !== 'string') return headers;
  const parsed = tryParseObject(headers);
  if (parsed !== undefined) return parsed;
  const pairs = headers.split(/[;,]/).map((pair) => pair.split('=', 2).map((part) => part.trim()));
  return Object.fromEntries(pairs.filter((pair) => pair.length === 2 && pair[0] !== ''));
}

const dialect = (name: string): Dialect => ({
  name,
  subprotocols: [],
  open: (handshake) => {
    const order = byteOrderOf(handshake, 'little');
    return new MediaSession(
      {
        read: (message) => read(message, order),
        describe: (_, track) => describeDirection(track),
        order: DIRECTIONS,
        closeEnds: true,
      },
      handshake,
    );
  },
  claims: (_, first) => {
    if (first.kind !== 'text') return false;
    const begun = own(first.object, 'start');
    return typeof own(begun, 'streamId') === 'string' && typeof own(begun, 'callId') === 'string';
  },
});

/**
 * Plivo `<Stream>`: μ-law at 8 kHz or L16 (little-endian; `?l16=big` says otherwise) at 8 or 16 kHz; `audioTrack="both"` gives both
 * sides as two channels, inbound the customer, outbound the employee. Its timestamps are those of the wall clock. It has no stop message: the
 * stream ends when the socket is closed.
 *
 * Source: plivo.com/docs/voice-agents/audio-streaming/concepts/audio-streaming-reference.
 */
export const plivo: Dialect = dialect('plivo');

/** Vobiz: Plivo's protocol. */
export const vobiz: Dialect = dialect('vobiz');

function read(message: JsonObject, order: ByteOrder): MediaMessage | undefined {
  switch (own(message, 'event')) {
    case 'start': {
      const { start: begun, extra_headers } = check(start, message);
      // The content type may have its rate behind it: audio/x-l16;rate=8000.
      const encoding = begun.mediaFormat.encoding.split(';', 1)[0]!;
      const callId = callIdOf(begun.callId);
      const known = begun.tracks !== undefined && begun.tracks.length > 0;
      return {
        kind: 'start',
        leg: MAIN,
        start: {
          ...trackFormat(encoding, begun.mediaFormat.sampleRate, ENCODINGS, order),
          ...(known && { tracks: DIRECTIONS.filter((track) => begun.tracks?.includes(track)) }),
          ...(begun.streamId !== undefined && { id: begun.streamId }),
          ...(callId !== undefined && { callId }),
          parameters: readExtraHeaders(extra_headers),
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
    case 'playedStream':
      return { kind: 'mark', leg: MAIN, name: markNameOf(own(message, 'name')) };
    case 'stop':
      return { kind: 'stop', leg: MAIN };
    default:
      return undefined;
  }
}
