import { z } from 'zod';
import type { Dialect } from '../dialect.ts';
import { callIdOf, markNameOf } from './call-metadata.ts';
import { count, milliseconds, object, text } from './fields.ts';
import { check, type JsonObject, own } from './json.ts';
import { trackFormat } from './l16.ts';
import { MAIN, type MediaMessage } from './media-message.ts';
import { MediaSession } from './media-session.ts';

const ENCODINGS = { 'audio/x-raw': 'pcm_s16le', 'raw/slin': 'pcm_s16le', base64: 'pcm_s16le' } as const;

const start = object({
  stream_sid: text.exactOptional(),
  start: object({
    stream_sid: text.exactOptional(),
    call_sid: text.exactOptional(),
    custom_parameters: z.unknown().optional(),
    media_format: object({
      encoding: text.default('audio/x-raw'),
      sample_rate: count.default(8_000),
    }).default({ encoding: 'audio/x-raw', sample_rate: 8_000 }),
  }),
});

const media = object({
  media: object({ chunk: count.exactOptional(), timestamp: milliseconds.exactOptional(), payload: text }),
});

/** What comes in from the caller; a stream has this one track. */
const TRACK = 'caller';

/**
 * Exotel AgentStream (Stream and Voicebot applets): 16-bit little-endian PCM of the caller, about 100 ms a message.
 *
 * Source: developer.exotel.com/docs/agentstream/websocket-protocol.
 */
export const exotel: Dialect = {
  name: 'exotel',
  subprotocols: [],
  open: (handshake) => new MediaSession({ read, describe: () => ({ name: TRACK, role: 'customer' }) }, handshake),
  claims: (_, first) =>
    first.kind === 'text' &&
    typeof own(own(first.object, 'start'), 'stream_sid') === 'string' &&
    typeof own(own(first.object, 'start'), 'call_sid') === 'string',
};

function read(message: JsonObject): MediaMessage | undefined {
  switch (own(message, 'event')) {
    case 'start': {
      const { stream_sid, start: begun } = check(start, message);
      const id = begun.stream_sid ?? stream_sid;
      const { encoding, sample_rate: rate } = begun.media_format;
      const callId = callIdOf(begun.call_sid);
      return {
        kind: 'start',
        leg: MAIN,
        start: {
          ...trackFormat(encoding, rate, ENCODINGS),
          tracks: [TRACK],
          ...(id !== undefined && { id }),
          ...(callId !== undefined && { callId }),
          parameters: begun.custom_parameters,
        },
      };
    }
    case 'media': {
      const { chunk, timestamp, payload } = check(media, message).media;
      return { kind: 'media', leg: MAIN, track: TRACK, chunk, timestampMs: timestamp, payload };
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
